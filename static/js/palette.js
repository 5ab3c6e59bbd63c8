// The search dialog: Ctrl+K or a [data-palette] link opens it, the arrow keys select a result, Enter opens it.
// Without scripts the links lead to the search page.
"use strict";

(() => {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const input = dialog.querySelector("input");
  const results = document.getElementById("palette-results");
  const options = () => [...results.querySelectorAll("[role=option]")];
  const selected = () => results.querySelector("[aria-selected=true]");

  function open() {
    if (dialog.open) return;
    dialog.showModal();
    input.select();
    input.dispatchEvent(new Event("palette"));
  }

  function select(option) {
    for (const one of options()) one.setAttribute("aria-selected", String(one === option));
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function move(step) {
    const all = options();
    const at = all.indexOf(selected());
    select(all[(at + step + all.length) % all.length]);
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      if (document.querySelector("dialog[open]:not(#palette)")) return;
      event.preventDefault();
      open();
    }
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-palette]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      document.querySelector("[popover]:popover-open")?.hidePopover();
      open();
    }
    if (event.target === dialog) dialog.close(); // the backdrop
  });

  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && selected()) {
      event.preventDefault();
      const option = selected();
      if (event.ctrlKey || event.metaKey) window.open(option.href, "_blank", "noopener");
      else option.click();
    }
  });

  results.addEventListener("click", (event) => {
    if (event.target.closest("a")) dialog.close();
  });

  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.target !== results) return;
    options().forEach((option, number) => { option.id = `palette-${number}`; option.tabIndex = -1; });
    select(options()[0]);
  });
})();
