// The loyalty rules: Ctrl+S saves, "Put back" acts at once, a response to an older state is dropped.
"use strict";

(() => {
  const form = () => document.getElementById("rules");
  let edits = 0; // number of edits of the form
  let asked = 0; // number of edits when the preview was requested
  let focused = ""; // the focused field at the time of saving

  document.addEventListener("input", (event) => {
    if (event.target.closest("#rules")) edits += 1;
  });

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    if (!event.repeat) form()?.requestSubmit(document.getElementById("save"));
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-put-back]");
    if (!button) return;
    event.preventDefault();
    const field = document.getElementById(button.dataset.putBack);
    if (field.type === "checkbox") field.checked = button.dataset.value === "true";
    else field.value = button.dataset.value;
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  const isPreview = (ctx) => ctx.request.action.endsWith("/preview");

  document.addEventListener("htmx:before:request", (event) => {
    const ctx = event.detail.ctx;
    if (isPreview(ctx)) {
      asked = edits;
    } else if (ctx.sourceElement.closest("#rules")) {
      edits += 1; // saved or discarded: drop previews in progress
      focused = document.activeElement?.id ?? "";
    }
  });

  document.addEventListener("htmx:before:swap", (event) => {
    if (isPreview(event.detail.ctx) && asked !== edits) event.preventDefault();
  });

  document.addEventListener("htmx:after:settle", () => {
    if (!focused) return;
    const wrong = form()?.querySelector("[aria-invalid]");
    (wrong ?? document.getElementById(focused))?.focus();
    focused = "";
  });
})();
