// Requests that fail: no network, a proxy's or server's error, an ended session. The page and what was typed stay.
"use strict";

(() => {
  const KINDS = { 401: "signedOut", 409: "otherShop", 503: "busy" }; // what to say by status
  const bar = document.getElementById("failure");
  if (!bar) return;
  const text = bar.querySelector("p");
  const again = bar.querySelector("[data-again]");
  const signIn = bar.querySelector("[data-sign-in-link]");
  signIn.href = bar.dataset.signIn;
  let failed = null; // the htmx request to send again

  // A page asks before it is left with changes that were not saved: with any change of a form marked data-warn, and with
  // text typed in any other form of a page but the till's.
  const TEXT = "textarea, input:not([type=checkbox], [type=radio], [type=password], [type=file])";
  const SAVED = "main:not(#till main) form[method=post]";
  const warned = (element) => element.closest(`form[data-warn], ${SAVED}`);

  function show(kind, ctx) {
    if (ctx?.sourceElement?.matches("[data-quiet]")) return; // asks again by itself, and says so in its place
    if (failed && failed.request.method !== "GET" && ctx.request.method === "GET") return; // a preview; the change waits
    const repeated = failed === ctx?.repeats;
    failed = ctx;
    const form = warned(ctx.form ?? ctx.sourceElement);
    if (form && ctx.request.method !== "GET") form.dataset.unsaved = "";
    const keeps = ctx.request.method !== "GET" || ctx.sourceElement.closest("form[method=post]"); // a preview of a form
    text.textContent = bar.dataset[kind] + (keeps ? ` ${bar.dataset.kept}` : "");
    again.hidden = false;
    signIn.hidden = kind !== "signedOut";
    bar.hidden = false;
    if (!repeated || kind === "signedOut") (signIn.hidden ? again : signIn).focus({ preventScroll: true });
  }

  function hide() {
    bar.hidden = true;
    failed = null;
  }

  // A new session has a new CSRF token: put it where forms and htmx take it from.
  async function renewToken() {
    const response = await fetch(bar.dataset.session, { redirect: "manual" });
    if (response.type === "opaqueredirect") return 401; // to the sign-in page
    if (!response.ok) return response.status;
    const { csrf_token: token, shop_id: shop } = await response.json();
    if (String(shop) !== bar.dataset.shop) return 409; // another tab opened another shop
    for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token;
    const headers = { "X-CSRFToken": token, "X-Shop-Id": bar.dataset.shop };
    document.querySelector(".frame")?.setAttribute("hx-headers:inherited", JSON.stringify(headers));
    return 200;
  }

  async function repeat() {
    const ctx = failed;
    if (!ctx) return;
    if (ctx.form) return send(ctx);
    again.disabled = true;
    try {
      const status = await renewToken();
      if (status !== 200) return show(KINDS[status] ?? "server", ctx);
      if (!ctx.sourceElement.isConnected) return location.reload();
      const { method, action, submitter } = ctx.request;
      hide();
      await htmx.ajax(method, action, {
        source: ctx.sourceElement, event: { submitter }, target: ctx.target, swap: ctx.swap, select: ctx.select, repeats: ctx,
      });
    } catch {
      show("network", ctx);
    } finally {
      again.disabled = false;
    }
  }

  again.addEventListener("click", repeat);
  bar.querySelector("[data-close]").addEventListener("click", hide);
  // An ordinary form goes once the server answers and the session holds: the browser would leave the page with what was typed.
  let checking = null;
  let checked = null;

  async function send(ctx) {
    if (checking) return;
    checking = ctx;
    try {
      const status = await renewToken();
      if (status !== 200) return show(KINDS[status] ?? "server", ctx);
    } catch {
      return show("network", ctx);
    } finally {
      checking = null;
    }
    hide();
    checked = ctx.form;
    ctx.form.requestSubmit(ctx.submitter);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (checked === form || event.defaultPrevented || form.getAttribute("method") !== "post" || !form.matches("main form:not([data-passkey-create])")) {
      checked = null;
      delete form.dataset.unsaved;
      return;
    }
    event.preventDefault();
    send({ request: { method: "POST" }, form, submitter: event.submitter });
  });

  addEventListener("online", () => {
    if (failed?.request.method === "GET") repeat();
  });

  const typed = (ctx) =>
    ctx.request.method !== "GET" || ctx.sourceElement.closest("form[method=post]") || document.querySelector("form[data-unsaved]");

  document.addEventListener("htmx:before:response", (event) => {
    const ctx = event.detail.ctx;
    const { status, headers } = ctx.response;
    const ended = status === 401 || headers.get("X-Error-Code") === "csrf";
    if (!ended && status < 500) {
      const isPage = ctx.target?.id === "till"; // the till swaps its pages as a whole
      if (ctx.repeats || isPage || failed?.sourceElement === ctx.sourceElement) hide();
      return;
    }
    if (ended && !typed(ctx)) return; // nothing would be lost: htmx goes to the sign-in page
    event.preventDefault();
    show(ended ? "signedOut" : status === 503 ? "busy" : "server", ctx);
  });

  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx?.request) show("network", event.detail.ctx);
  });

  document.addEventListener("input", (event) => {
    const form = warned(event.target);
    if (form && (form.hasAttribute("data-warn") || event.target.matches(TEXT))) form.dataset.unsaved = "";
  });
  document.addEventListener("htmx:before:request", (event) => {
    const { request, sourceElement } = event.detail.ctx;
    const leaves = request.method === "GET" ? sourceElement.matches("a") : !request.action.endsWith("/preview");
    if (leaves) delete sourceElement.closest("form")?.dataset.unsaved;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.response?.status !== 422) return; // refused: what was typed is still not saved
    const form = document.querySelector(`${SAVED}:has([aria-invalid])`) ?? document.querySelector("form[data-warn]");
    if (form) form.dataset.unsaved = "";
  });
  addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-unsaved]")) event.preventDefault();
  });
})();
