// Small comforts of the staff pages; every page works without them.
"use strict";

document.addEventListener("click", async (event) => {
  const close = event.target.closest("[data-dismiss]");
  if (close) close.closest(close.dataset.dismiss).remove();
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  await navigator.clipboard.writeText(document.querySelector(copy.dataset.copy).value);
  copy.textContent = copy.dataset.copied;
});

// Buttons that copy a field show only where the clipboard can be used.
function showCopyButtons() {
  if (navigator.clipboard) for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
}

// Screen readers say what is put into a live region, not what stood in it when the page came: put it in again.
function announceToasts() {
  const region = document.getElementById("toasts");
  const said = [...(region?.children ?? [])];
  if (!said.length) return;
  region.replaceChildren();
  setTimeout(() => region.append(...said), 100);
}

showCopyButtons();
announceToasts();

// A settings form was answered: on to the first field that is marked; else the button that was pressed is gone.
function goOn() {
  const wrong = document.querySelector("main [aria-invalid]");
  if (wrong) wrong.focus();
  else if (document.activeElement === document.body) document.getElementById("content").focus({ preventScroll: true });
}

document.addEventListener("htmx:after:swap", (event) => {
  const ctx = event.detail.ctx;
  showCopyButtons();
  if (ctx.target === document.body) announceToasts();
  if (ctx.select === "#content") requestAnimationFrame(goOn);
});
