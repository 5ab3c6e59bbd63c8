// Small comforts of the staff pages; every page works without them.
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (button) button.closest(button.dataset.dismiss).remove();
});

// Buttons that copy a field; they show only where the clipboard can be used.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).value);
      button.textContent = button.dataset.copied;
    });
  }
}
