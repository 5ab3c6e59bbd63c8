// The checkout page: sends the form with each step, replaces the parts that the response holds, and exchanges messages
// with the embedding page. Stores nothing in the browser.
(() => {
  "use strict";

  const root = document.getElementById("content");
  const { base, token, origin, lost, broken } = root.dataset;
  const find = (id) => document.getElementById(id);
  const form = () => document.querySelector("form#form");
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");

  // --- the embedding page ---------------------------------------------------------------------------------------
  const framed = window.parent !== window && origin !== "";

  function postToParent(type, more) {
    if (framed) window.parent.postMessage({ tuza: "checkout", type, ...more }, origin);
  }

  window.addEventListener("message", (event) => {
    const said = event.data;
    if (!framed || event.source !== window.parent || event.origin !== origin) return;
    if (!said || said.tuza !== "checkout") return;
    if (said.type === "fill") fill(said);
    if (said.type === "focus") (find("thanks") || find("email") || root).focus();
  });

  function fill({ email, name, phone }) {
    const given = { email, name, phone };
    let changed = false;
    for (const [id, value] of Object.entries(given)) {
      const field = find(id);
      if (field && typeof value === "string" && !field.value) {
        field.value = value.slice(0, 254);
        changed = true;
      }
    }
    if (changed && find("email").value) step("quote");
  }

  if (framed && "ResizeObserver" in window) {
    let height = 0;
    new ResizeObserver(() => {
      const now = Math.ceil(root.getBoundingClientRect().height);
      if (now !== height) postToParent("resize", { height: (height = now) });
    }).observe(root);
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && framed) postToParent("close");
  });

  // --- steps ----------------------------------------------------------------------------------------------------
  let running = null; // the step in progress
  let latest = 0;

  async function step(name, { only, extra } = {}) {
    const poll = name === "payment" && !extra;
    const weighty = name !== "quote" && !poll;
    if (running && running.weighty) return; // one at a time: a double click counts once
    if (running) running.abort.abort();
    const abort = new AbortController();
    const mine = { weighty, abort, number: ++latest, sent: filledIn(extra), focus: focused() };
    running = mine;
    if (!poll) clear();
    busy(weighty);
    try {
      const answer = await fetch(`${base}/${name}?lang=${document.documentElement.lang}`, {
        method: "POST",
        credentials: "omit",
        headers: { "X-Tuza-Checkout": token, Accept: "text/html" },
        body: mine.sent,
        signal: abort.signal,
      });
      const html = await answer.text();
      if (mine.number !== latest) return;
      busy(false);
      if (poll && answer.status === 404) find("payment-state").removeAttribute("data-poll"); // the payment has expired
      const parts = new DOMParser().parseFromString(html, "text/html");
      if (parts.querySelector("#problem, #thanks, #payment-state")) place(parts, only, name, mine);
      else if (!poll) say(broken);
    } catch (failed) {
      if (failed.name === "AbortError" || poll) return;
      say(navigator.onLine === false || failed instanceof TypeError ? lost : broken);
    } finally {
      if (running === mine) {
        running = null;
        busy(false);
        if (document.activeElement === document.body) refocus(mine.focus);
      }
      if (name === "order" || name === "payment") pollSoon();
    }
  }

  // Fields are disabled while a code is being sent or an order placed.
  function busy(is) {
    root.classList.toggle("busy", is);
    if (is) root.setAttribute("aria-busy", "true");
    else root.removeAttribute("aria-busy");
    if (form()) form().inert = is;
  }

  // Poll the payment's status every few seconds while the customer confirms it on the phone.
  let polling = 0;

  function pollSoon() {
    clearTimeout(polling);
    const state = document.querySelector("[data-poll]");
    if (state) polling = setTimeout(() => step("payment"), Number(state.dataset.poll) * 1000);
  }

  function filledIn(extra) {
    const sent = new URLSearchParams(form() ? new FormData(form()) : "");
    if (find("again")) sent.set("resend_in", String(secondsLeft()));
    for (const [name, value] of Object.entries(extra || {})) sent.set(name, value);
    return sent;
  }

  function clear() {
    for (const id of ["problem", "note"]) if (find(id)) find(id).textContent = "";
  }

  function say(words) {
    if (find("problem")) find("problem").textContent = words;
  }

  // Replace each part by the one of the response with its id. Keep the focus, open details, and text typed after the
  // request was sent.
  function place(parts, only, name, { sent, focus }) {
    const now = focused() || focus;
    for (const part of [...parts.body.children]) {
      const there = find(part.id);
      if (!there || (only && !only.includes(part.id))) continue;
      if (there.hasAttribute("data-keep")) {
        if (name === "quote" && part.className === "wrong" && !part.textContent && there.textContent) continue;
        if (there.textContent !== part.textContent) there.textContent = part.textContent;
      } else if (!(there.dataset.poll && part.dataset.poll) && !there.isEqualNode(part)) {
        carryOver(there, part, sent);
        there.replaceWith(document.adoptNode(part));
      }
    }
    // the server alone calculates what points are worth; the slider stays as it is
    const worth = only && only.includes("worth") && parts.getElementById("worth");
    if (worth && find("worth")) find("worth").replaceWith(document.adoptNode(worth));
    if (name === "payment") return paid(sent.has("again"));
    if (find("thanks")) return finish();
    markWrong();
    begin();
    if (name === "code" && find("code")) return show(find("code"));
    if (name === "unlock" && !find("code") && find("points")) return find("points").focus({ preventScroll: true });
    const wrongCode = name === "unlock" && document.querySelector("#code[aria-invalid=true]");
    const wrong = wrongCode || (name !== "quote" && document.querySelector("[aria-invalid=true]"));
    if (wrong) show(wrong);
    else refocus(now);
  }

  function carryOver(from, to, sent) {
    if (from.tagName === "DETAILS") to.open = from.open;
    for (const open of from.querySelectorAll("details[id]")) {
      const same = to.querySelector(`#${open.id}`);
      if (same) same.open = open.open;
    }
    for (const field of from.querySelectorAll("input[id][name]:not([type=radio])")) {
      const same = to.querySelector(`#${field.id}`);
      if (same && field.value !== (sent.get(field.name) || "")) same.value = field.value;
    }
  }

  // The focused field and its caret.
  function focused() {
    const element = document.activeElement;
    if (!element || !element.id || element === root) return null;
    let caret = null;
    try {
      if (element.selectionStart !== null) caret = [element.selectionStart, element.selectionEnd];
    } catch {
      // a kind of field without a caret
    }
    return { id: element.id, caret };
  }

  function refocus(where) {
    const element = where && find(where.id);
    if (!element || element === document.activeElement) return;
    element.focus({ preventScroll: true });
    if (where.caret && element.setSelectionRange) {
      try {
        element.setSelectionRange(...where.caret);
      } catch {
        // a kind of field without a caret
      }
    }
  }

  function show(element) {
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "center", behavior: reduced.matches ? "auto" : "smooth" });
  }

  function markWrong() {
    for (const words of document.querySelectorAll(".wrong")) {
      const field = find(words.id.replace(/-wrong$/, ""));
      if (!field || !("value" in field)) continue;
      if (words.textContent) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  }

  function finish() {
    const done = find("form");
    const order = lastOrder();
    for (const button of done.querySelectorAll(".framed")) button.hidden = !framed;
    for (const link of done.querySelectorAll(".alone")) link.hidden = framed;
    find("thanks").focus({ preventScroll: true });
    window.scrollTo(0, 0);
    postToParent("order.created", { order });
  }

  function paid(asked) {
    if (asked) show(find("payment-state"));
    if (find("payment-state").dataset.payment === "paid") postToParent("order.paid", { order: { ...lastOrder(), payment_status: "paid" } });
  }

  const lastOrder = () => JSON.parse(find("form").dataset.order);

  // --- points: slider, number and stepper share one value ------------------------------------------------------
  const use = () => document.querySelector(".use");
  const number = (text) => Number.parseInt(String(text).replace(/\D/g, ""), 10) || 0;
  const { number: grouped } = window.Tuza.formats.of({ language: document.documentElement.lang });

  function bounded(points) {
    const { least, most } = use().dataset;
    if (points <= 0) return 0;
    return Math.min(Number(most), Math.max(Number(least), points));
  }

  let soon = 0;

  function choose(points, { typed = false } = {}) {
    const chosen = typed ? points : bounded(points);
    find("slide").value = String(chosen);
    find("slide").setAttribute("aria-valuetext", grouped(chosen));
    if (!typed) find("points").value = String(chosen);
    ends(chosen);
    clearTimeout(soon);
    soon = setTimeout(() => step("quote", { only: ["due", "worth", "points-wrong", "problem", "note"] }), 250);
  }

  function ends(points) {
    const [fewer, more] = use().querySelectorAll("button");
    fewer.setAttribute("aria-disabled", String(points <= 0));
    more.setAttribute("aria-disabled", String(points >= Number(use().dataset.most)));
  }

  function stepPoints(direction) {
    const by = Number(use().dataset.step);
    const now = number(find("points").value);
    const { least, most } = use().dataset;
    if (direction < 0 && now <= Number(least)) return choose(0);
    // from any number to the next multiple of the step, if there is one
    const next = direction > 0 ? Math.floor(now / by) * by + by : Math.ceil(now / by) * by - by;
    return choose(direction > 0 ? Math.min(next, Number(most)) : Math.max(next, 0));
  }

  // --- the code ---------------------------------------------------------------------------------------------------
  let again = 0; // when another code may be asked for, in milliseconds
  let ticking = 0;

  const secondsLeft = () => Math.max(0, Math.ceil((again - Date.now()) / 1000));

  function tick() {
    const button = find("again");
    clearTimeout(ticking);
    if (!button) return;
    const left = secondsLeft();
    button.disabled = left > 0;
    button.dataset.label ||= button.textContent;
    const { clock } = window.Tuza.formats;
    button.textContent = left ? button.dataset.words.replace("{time}", clock(left)) : button.dataset.label;
    if (left) ticking = setTimeout(tick, 250);
    else if (find("no-mail")) find("no-mail").open = true; // the mail should have arrived
  }

  function spaced(text) {
    const digits = text.replace(/\D/g, "").slice(0, 6);
    return digits.length > 3 ? `${digits.slice(0, 3)} ${digits.slice(3)}` : digits;
  }

  function typedCode(event) {
    const field = event.target;
    const before = field.value.slice(0, field.selectionStart).replace(/\D/g, "").length;
    const had = field.dataset.had || "";
    field.value = spaced(field.value);
    const digits = field.value.replace(/\D/g, "");
    const caret = before + (before > 3 ? 1 : 0);
    field.setSelectionRange(caret, caret);
    field.dataset.had = digits;
    if (digits.length === 6 && had.length < 5) step("unlock"); // pasted or filled in as a whole
  }

  // --- events --------------------------------------------------------------------------
  const handlers = {
    "ask-code": () => step("code", { extra: { points: "", points_max: "" } }),
    unlock: () => (number(find("code").value) || find("code").value ? step("unlock") : show(find("code"))),
    "use-coupon": () => step("quote"),
    "drop-coupon": () => {
      if (find("coupon_code")) find("coupon_code").value = ""; // else it would count as typed after the request
      return step("quote", { extra: { coupon_code: "" } });
    },
    "without-points": () => forget(),
    "to-email": () => {
      show(find("email"));
      find("email").select();
    },
    fewer: () => stepPoints(-1),
    more: () => stepPoints(1),
    "pay-again": (button) => {
      const extra = { again: button.dataset.method, pay_phone: find("pay_phone")?.value || "" };
      return step("payment", { extra });
    },
    close: () => postToParent("close"),
  };

  function forget() {
    const extra = { stage: "", redemption_token: "", points: "", points_max: "", code: "" };
    return step("quote", { extra }).then(() => find("pay") && show(find("pay")));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button && button.getAttribute("aria-disabled") !== "true") handlers[button.dataset.do](button);
  });

  document.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(soon);
    step("order");
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.id === "code") {
      event.preventDefault();
      handlers.unlock();
    } else if (event.key === "Enter" && event.target.tagName === "INPUT") {
      event.preventDefault(); // Enter in a field places no order
      step("quote");
    } else if (event.target.id === "slide" && event.key.startsWith("Arrow")) {
      event.preventDefault();
      stepPoints(["ArrowLeft", "ArrowDown"].includes(event.key) ? -1 : 1);
    } else if (event.target.id === "points" && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      event.preventDefault();
      stepPoints(event.key === "ArrowDown" ? -1 : 1);
    }
  });

  document.addEventListener("input", (event) => {
    const { id, value } = event.target;
    const words = find(`${id}-wrong`);
    if (words && words.textContent && id !== "points") {
      words.textContent = "";
      event.target.removeAttribute("aria-invalid");
    }
    if (id === "slide") {
      const by = Number(use().dataset.step);
      const most = Number(use().dataset.most);
      choose(Number(value) >= most ? most : Math.round(Number(value) / by) * by);
    }
    if (id === "points") choose(number(value), { typed: true });
    if (id === "code") typedCode(event);
  });

  document.addEventListener("change", (event) => {
    const { id, name } = event.target;
    if (id === "email") step("quote", { extra: { stage: "", redemption_token: "", points: "", points_max: "" } });
    else if (["shipping", "payment", "country", "street", "city", "state"].includes(name)) step("quote"); // zones
    else if (id === "points") choose(number(event.target.value));
  });

  function begin() {
    const button = find("again");
    if (button) {
      if (button.dataset.wait) again = Date.now() + Number(button.dataset.wait) * 1000;
      tick();
    }
    if (!use()) return;
    const points = number(find("points").value);
    find("slide").value = String(points);
    ends(points);
  }

  begin();
  postToParent("ready");
})();
