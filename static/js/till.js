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
    if (pad && input && matchMedia("(pointer: coarse)").matches) input.inputMode = "none";
    countDown();
  }

  // A key takes no focus: Enter would press it again, 1,200 became 120,000, instead of recording the sale.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest("[data-key]")) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]");
    if (key) press(key.dataset.key);
  });

  // What is typed while the next page is on its way belongs into that page's field.
  let asked = ""; // what the field had when the matches were asked for
  let pressed = null; // keys since a page was asked for; null while none is
  document.addEventListener("htmx:config:request", (event) => {
    // a scanner's Enter comes before the matches of what it typed are asked for: they would replace the page
    if (pressed && event.detail.ctx.sourceElement.id === "who") event.preventDefault();
  });
  document.addEventListener("htmx:before:request", (event) => {
    const source = event.detail.ctx.sourceElement;
    if (source.id === "who") asked = source.value;
    if (source.id === "find" || source.matches("[data-next]")) pressed ??= [];
  });
  document.addEventListener("keydown", (event) => {
    if (!pressed || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key !== "Enter" && event.key.length !== 1) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    pressed.push(event.key);
  }, true);

  const isPage = (event) => event.detail.ctx.target?.id === "till";
  document.addEventListener("htmx:before:swap", (event) => {
    const who = document.getElementById("who");
    if (isPage(event)) pressed ??= who ? [...who.value.slice(asked.length)] : []; // no field has the focus until after:swap
  });
  document.addEventListener("htmx:after:swap", (event) => {
    prepare();
    if (!isPage(event)) return;
    const keys = pressed ?? [];
    [pressed, asked] = [null, ""];
    if (!page().contains(document.activeElement)) page().querySelector("[aria-invalid], [autofocus]")?.focus();
    replay(keys);
  });
  document.addEventListener("htmx:error", (event) => {
    pressed = null;
    const list = event.detail.ctx?.sourceElement;
    if (list?.id === "came-in") list.querySelector("[data-no-network]").hidden = false; // the next answer replaces it
  });
  document.addEventListener("htmx:before:response", (event) => {
    if (event.detail.ctx.response.status >= 400) pressed = null; // no page comes: the keys are the field's again
  });

  // A recorded sale has no field: what is typed there belongs to the next customer.
  function openNext(keys) {
    const next = page().querySelector("[data-next]");
    if (!next) return false;
    pressed = keys[0] === "Enter" ? keys.slice(1) : keys;
    next.click();
    return true;
  }

  function replay(keys) {
    const input = field();
    if (!keys.length || openNext(keys) || !input) return;
    const end = keys.indexOf("Enter");
    const text = (end < 0 ? keys : keys.slice(0, end)).join("");
    if (text) enter(input, input.value + text);
    if (end < 0) return;
    if (input.form.id === "find") pressed = keys.slice(end + 1);
    input.form.requestSubmit();
  }

  // A scanner types wherever the focus is; without a field it types into the page's own. Esc goes back.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.key === "Escape") return void page().querySelector(".till-bar > a")?.click();
    if (event.key.length !== 1 || event.key === " " || isTyping(document.activeElement)) return;
    if (openNext([event.key])) return event.preventDefault();
    field()?.focus();
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
