// Keys for lists: / searches, j and k go along the rows, Enter opens, n makes a new one, ? shows the keys.
// A list is #rows with a link first in each row; every page works without this.
"use strict";

(() => {
  const links = () => [...document.querySelectorAll("#rows > tr.go")].map((row) => row.querySelector("a[href]")).filter(Boolean);
  const search = () => document.querySelector("main input[type=search]");

  function move(step) {
    const all = links();
    const at = all.indexOf(document.activeElement);
    const next = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
    next?.focus({ preventScroll: true });
    next?.closest("tr").scrollIntoView({ block: "nearest" });
  }

  function press(selector) {
    const found = document.querySelector(selector);
    found?.click();
    return Boolean(found);
  }

  // Ticks of rows: the head's tick stands for all of them, the bar says how many.
  const ticks = () => [...document.querySelectorAll("#rows .c-tick input")];
  function countTicks() {
    const all = ticks();
    const chosen = all.filter((tick) => tick.checked).length;
    const head = document.querySelector("[data-tick-all]");
    if (head) {
      head.checked = chosen > 0 && chosen === all.length;
      head.indeterminate = chosen > 0 && chosen < all.length;
    }
    for (const shown of document.querySelectorAll("[data-ticked]")) shown.textContent = shown.dataset.ticked.replace("0", chosen);
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-all]")) for (const tick of ticks()) tick.checked = event.target.checked;
    if (event.target.closest(".c-tick")) countTicks();
  });
  function tickRow() {
    const tick = document.activeElement.closest("#rows > tr.go")?.querySelector(".c-tick input");
    if (tick) {
      tick.checked = !tick.checked;
      countTicks();
    }
    return Boolean(tick);
  }

  const keys = {
    x: () => tickRow(),
    "/": () => { search()?.focus(); search()?.select(); return Boolean(search()); },
    j: () => { move(1); return true; },
    k: () => { move(-1); return true; },
    n: () => press("main [data-key=n]"),
    "?": () => press("main [data-keys]"),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    const inRows = links().includes(event.target);
    if (event.key === "ArrowDown" && (inRows || event.target === search())) move(1);
    else if (event.key === "ArrowUp" && inRows) move(-1);
    else if (typing || !Object.hasOwn(keys, event.key) || !keys[event.key]()) return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-keys]");
    if (opener) document.querySelector(opener.dataset.keys)?.showModal();
    const row = event.target.closest("#rows > tr.go");
    if (!row || event.target.closest("a, button, input, label") || String(getSelection())) return;
    const link = row.querySelector("a[href]");
    if (event.ctrlKey || event.metaKey) open(link.href, "_blank", "noopener");
    else link?.click();
  });

  for (const [kind, on] of [["focusin", true], ["focusout", false]]) {
    document.addEventListener(kind, (event) => {
      event.target.closest?.("#rows > tr.go")?.classList.toggle("focus", on);
    });
  }
})();
