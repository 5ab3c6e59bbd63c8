// A button below each password field shows what was typed. Without scripts there is no button.
"use strict";

(() => {
  function toggle(button) {
    const input = document.getElementById(button.dataset.showPassword);
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    [button.textContent, button.dataset.other] = [button.dataset.other, button.textContent];
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-show-password]");
    if (button) toggle(button);
  });

  // What was shown is sent and remembered by the browser as a password.
  document.addEventListener("submit", (event) => {
    for (const button of event.target.querySelectorAll("[data-show-password]")) {
      if (document.getElementById(button.dataset.showPassword).type === "text") toggle(button);
    }
  });

  function reveal() {
    for (const button of document.querySelectorAll("[data-show-password]")) button.hidden = false;
  }
  reveal();
  document.addEventListener("htmx:after:swap", reveal);
})();
