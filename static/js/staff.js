// Enhancements of the staff pages; every page works without them.
"use strict";

(() => {
  const TOAST_MS = 6000;
  const ALERT_MS = 12000;

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

  // One toast at a time, for some seconds; it stays while the pointer or the focus is on it.
  function expire(toast) {
    for (const other of [...toast.parentElement.children]) if (other !== toast) other.remove();
    const remove = () => {
      if (toast.matches(":hover, :focus-within")) setTimeout(remove, 1000);
      else toast.remove();
    };
    setTimeout(remove, toast.getAttribute("role") === "alert" ? ALERT_MS : TOAST_MS);
  }

  const toasts = new MutationObserver((records) => {
    const added = records.flatMap((record) => [...record.addedNodes]).filter((node) => node.isConnected && node.matches?.(".toast-tz"));
    if (added.length) expire(added.at(-1));
  });

  // Screen readers announce what is added to a live region, not what was in it when the page loaded: add it again.
  function announceToasts() {
    const region = document.getElementById("toasts");
    if (!region) return;
    toasts.observe(region, { childList: true });
    const messages = [...region.children];
    if (!messages.length) return;
    region.replaceChildren();
    setTimeout(() => region.append(...messages), 100);
  }

  // Scroll the selected tab into view.
  function showChosenTab() {
    for (const tab of document.querySelectorAll(".views > [aria-current]")) {
      tab.parentElement.scrollLeft = tab.offsetLeft - (tab.parentElement.clientWidth - tab.offsetWidth) / 2;
    }
  }

  function prepare() {
    showCopyButtons();
    showChosenTab();
  }

  prepare();
  announceToasts();

  // After a settings form: focus the first invalid field, or the page if the button that was pressed is gone.
  function focusAfterSubmit() {
    const wrong = document.querySelector("main [aria-invalid]");
    if (wrong) wrong.focus();
    else if (document.activeElement === document.body) document.getElementById("content").focus({ preventScroll: true });
  }

  document.addEventListener("htmx:before:request", (event) => {
    const { ctx } = event.detail;
    ctx.focus = ctx.sourceElement.dataset.focus; // the swap may remove the link
    if (ctx.request.method !== "GET") document.getElementById("toasts")?.replaceChildren();
  });

  document.addEventListener("htmx:after:swap", (event) => {
    const ctx = event.detail.ctx;
    prepare();
    if (ctx.target === document.body) announceToasts();
    if (ctx.select === "#content") requestAnimationFrame(focusAfterSubmit);
    if (ctx.focus) requestAnimationFrame(() => focusList(ctx.focus));
  });

  // Focus the list after its next page was loaded, since the link is gone.
  function focusList(selector) {
    if (document.activeElement === document.body) document.querySelector(selector)?.focus({ preventScroll: true });
  }

  // hx-confirm asks in the dialog of the page.
  document.addEventListener("htmx:confirm", (event) => {
    const dialog = document.getElementById("confirm");
    if (!dialog) return;
    event.preventDefault();
    const { ctx, issueRequest, dropRequest } = event.detail;
    dialog.querySelector("p").textContent = ctx.confirm;
    dialog.returnValue = "";
    dialog.addEventListener("close", () => (dialog.returnValue === "yes" ? issueRequest() : dropRequest()), { once: true });
    dialog.showModal();
  });

  // A search field gets the value of the response, mostly none, unless it was changed meanwhile.
  document.addEventListener("htmx:before:request", () => {
    for (const field of document.querySelectorAll("[data-emptied]")) field.dataset.sent = field.value;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    for (const field of document.querySelectorAll("[data-emptied]")) {
      if (!event.detail.ctx.target.contains(field)) continue; // what it found was swapped, not the field
      if (field.dataset.sent === field.value) field.value = field.getAttribute("value") ?? "";
    }
  });

  // A new request of this form replaces the one under way. What was pressed or scanned is kept in the form until an
  // answer shows it, so that the next request sends it too. The field is free for the next scan at once.
  document.addEventListener("htmx:before:request", (event) => {
    const { request, sourceElement: form } = event.detail.ctx;
    const button = request.submitter;
    if (!form.matches("[data-presses]") || !button?.name || button.name === "do") return;
    const field = form.elements.find_article;
    if (button.name !== "scan") keepPress(form, button.name, button.value);
    else if (field.value) {
      keepPress(form, "scanned", field.value);
      field.value = field.dataset.sent = "";
    }
  });

  function keepPress(form, name, value) {
    const pressed = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    pressed.dataset.pressed = "";
    form.append(pressed);
  }

  for (const failed of ["htmx:error", "htmx:response:error"]) {
    document.addEventListener(failed, () => {
      for (const pressed of document.querySelectorAll("[data-pressed]")) {
        if (pressed.name === "scanned") pressed.form.elements.find_article.value ||= pressed.value;
        pressed.remove();
      }
    });
  }

  // Esc closes the step of an order that is open.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open], [popover]:popover-open")) return;
    document.querySelector("#steps [aria-expanded=true]")?.click();
  });
})();
