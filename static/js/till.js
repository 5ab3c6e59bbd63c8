// The till: a keypad, customers opened after the last digit, typing ahead of the network, and time left to undo.
// Every page works without it.
"use strict";

(() => {
  const page = () => document.getElementById("till");
  const field = () => page().querySelector("[data-keypad]");
  const isTyping = (element) => element?.matches?.("input:not([type=radio], [type=checkbox]), textarea, select");

  function enter(input, text) {
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function press(key) {
    const input = field();
    if (key === "letters") {
      input.inputMode = "text";
      input.blur();
      return input.focus();
    }
    enter(input, key === "delete" ? input.value.slice(0, -1) : input.value + key);
  }

  // With the keypad on the screen, the device's own keyboard stays away.
  function prepare() {
    const pad = page().querySelector(".pad");
    const input = field();
    if (pad) pad.hidden = false;
    if (pad && input && matchMedia("(pointer: coarse)").matches) input.inputMode = "none";
    countDown();
  }

  document.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]");
    if (key) press(key.dataset.key);
  });

  // What is typed while a customer is being opened belongs into the next page's field.
  let ahead = null;
  document.addEventListener("htmx:before:request", (event) => {
    const source = event.detail.ctx.sourceElement;
    const who = document.getElementById("who");
    if (who && (source.id === "find" || source === who)) ahead = { typed: who.value, submitted: source.id === "find", enter: false };
  });
  document.addEventListener("input", (event) => {
    if (ahead?.submitted && event.target.id === "who") event.stopImmediatePropagation();
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && ahead?.submitted && event.target.id === "who") {
      event.preventDefault();
      ahead.enter = true;
    }
  }, true);

  document.addEventListener("htmx:before:swap", () => {
    if (ahead) ahead.rest = document.getElementById("who")?.value.slice(ahead.typed.length);
  });
  document.addEventListener("htmx:after:swap", () => {
    prepare();
    if (document.getElementById("who")?.value && ahead && !ahead.submitted) return void (ahead = null); // matches alone
    if (!page().contains(document.activeElement)) page().querySelector("[aria-invalid], [autofocus]")?.focus();
    const amount = document.getElementById("amount");
    if (ahead?.rest && amount) {
      enter(amount, ahead.rest);
      if (ahead.enter) amount.form.requestSubmit();
    }
    ahead = null;
  });
  document.addEventListener("htmx:error", () => (ahead = null));

  // A scanner types wherever the focus is; without a field it types into the page's own. Esc goes back.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.key === "Escape") return void page().querySelector(".till-bar > a")?.click();
    if (event.key.length === 1 && event.key !== " " && !isTyping(document.activeElement)) field()?.focus();
  });

  function countDown() {
    for (const button of document.querySelectorAll("[data-undo]")) {
      button.dataset.until ??= Date.now() + button.dataset.undo * 1000;
      const left = Math.ceil((button.dataset.until - Date.now()) / 1000);
      button.hidden = left <= 0;
      button.querySelector("[data-left]").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    }
  }

  setInterval(countDown, 1000);
  prepare();
})();
