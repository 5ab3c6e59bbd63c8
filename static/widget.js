/* Tuza points: a button for any page of a shop, and behind it the shopper's points.

   <script src="https://tuza.example.com/static/widget.js" data-shop="my-shop" async></script>

   Attributes: data-api (where Tuza answers, when not the origin of src), data-theme (light, dark; else as the device),
   data-lang (en, sw; else the browser's language or the shop's),
   data-remember="page" (forget the sign-in when the page is left; else it lasts as long as the tab).
   Look: CSS variables --tuza-accent, --tuza-on-accent, --tuza-paper, --tuza-ink, --tuza-muted, --tuza-line,
   --tuza-radius, --tuza-font, --tuza-offset, --tuza-z on :root or on tuza-points.
   Page: Tuza.setCart({items}), Tuza.points.open(), Tuza.points.close(); Tuza.cart and Tuza.texts may be there before.
   No cookie is set or sent; nothing is inline, so a strict Content-Security-Policy only has to name Tuza's origin. */
(() => {
  "use strict";
  const script = document.currentScript;
  const Tuza = (window.Tuza = window.Tuza || {});
  if (!script || Tuza.points) return;

  // The texts come from the server, in the shop's language or data-lang. Those with values become functions of these.
  const VALUES = {
    sent: ["who", "minutes"], againIn: ["clock"], askShop: ["mail"], worth: ["money"], earnedEver: ["n", "word"],
    earns: ["n", "word"], mayUse: ["n", "word", "money"], left: ["n"], earnRate: ["n", "word", "money"],
    earnFrom: ["money"], useRate: ["n", "word", "money"], useShare: ["percent"], useFrom: ["money"],
    useLeast: ["n", "word"], later: ["clock"],
  };
  const T = {};

  function useTexts(texts) {
    Object.assign(T, texts, { points: (n) => (n === 1 ? texts.point : texts.points) });
    for (const [key, names] of Object.entries(VALUES)) {
      T[key] = (...values) => {
        const filled = texts[key].replace(/%\((\w+)\)s/g, (_all, name) => values[names.indexOf(name)]);
        return filled.replace("%%", "%");
      };
    }
    Object.assign(T, Tuza.texts);
  }

  const GUEST = "guest@points.example"; // a preview for this unknown customer returns what a cart earns
  const CACHE_MS = 300000;
  const base = (script.dataset.api || new URL(script.src).origin).replace(/\/+$/, "");
  const keys = ["facts", "sign-in"].map((word) => `tuza:${base}:${script.dataset.shop || ""}:${script.dataset.lang || ""}:${word}`);
  const [FACTS, SIGN_IN] = keys;
  const narrow = matchMedia("(max-width: 480px)");
  const dark = matchMedia("(prefers-color-scheme: dark)");

  let facts; // {config, settings, texts, language} of the shop
  let me = null; // {token, who, until} after a correct code
  let account = null;
  let asked = null; // {who, minutes, again} after a code was sent
  let items = [];
  let turn = 0; // number of the last preview requested; older responses are dropped
  let ticking;
  let heard; // the cart whose events are subscribed to
  let root, host, launcher, panel, title, body, status, cartBox;

  // — requests —

  async function ask(path, { send, token } = {}) {
    const headers = facts ? { "Accept-Language": facts.language } : {};
    if (send) headers["Content-Type"] = "application/json";
    if (token) headers.Authorization = `Bearer ${token}`;
    const options = { method: send ? "POST" : "GET", headers, credentials: "omit", cache: "no-store" };
    if (send) options.body = JSON.stringify(send);
    let response;
    try {
      response = await fetch(`${base}/api/v1/storefront${path}`, options);
    } catch {
      throw new Error(T.offline || "No connection.");
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const wait = Number(response.headers.get("Retry-After")) || 0;
    const message = answer.message || T.broken || `HTTP ${response.status}`;
    const error = new Error(response.status === 429 && wait && T.later ? `${message} ${T.later(clock(wait))}` : message);
    throw Object.assign(error, { status: response.status, wait });
  }

  function readStored(key) {
    try {
      const kept = JSON.parse(sessionStorage.getItem(key));
      return kept && kept.until > Date.now() ? kept : null;
    } catch {
      return null; // storage is blocked or the value is broken
    }
  }

  function keep(key, value) {
    try {
      if (value) sessionStorage.setItem(key, JSON.stringify(value));
      else sessionStorage.removeItem(key);
    } catch {
      /* storage is blocked: the value lasts as long as the page */
    }
  }

  async function loadShop() {
    await loadFormats();
    const kept = readStored(FACTS);
    if (kept) return kept;
    const asked = script.dataset.lang ? `?lang=${encodeURIComponent(script.dataset.lang)}` : "";
    const parts = await Promise.all(["/loyalty/config", "/settings", `/widget-texts${asked}`].map((path) => ask(path)));
    const [{ config }, { settings }, { texts, language, join_url }] = parts.map((part) => part.data);
    const found = { config, settings, texts, language, join_url, until: Date.now() + CACHE_MS };
    keep(FACTS, found);
    return found;
  }

  // — formats —

  // js/formats.js beside this file, which the checkout and staff pages use as well
  const loadFormats = () =>
    Tuza.formats ? Promise.resolve() : new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = new URL("js/formats.js", script.src).href;
      element.onload = () => resolve(element.remove());
      element.onerror = () => reject(new Error(T.offline || "No connection."));
      document.head.append(element);
    });
  const formats = () =>
    Tuza.formats.of({
      language: facts.language, currency: facts.settings.currency, timeZone: facts.settings.shop_timezone,
    });
  const number = (value) => formats().number(value);
  const counted = (value) => [number(value), T.points(value)];
  const money = (value) => formats().money(value);
  const clock = (seconds) => Tuza.formats.clock(seconds);

  // — elements —

  function h(tag, attributes, ...children) {
    const [name, css] = tag.split(".");
    const element = document.createElement(name);
    if (css) element.className = css;
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (value === true) element.setAttribute(key, "");
      else if (value !== false && value != null) element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child != null && child !== false));
    return element;
  }

  function svgIcon(path) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const line = document.createElementNS(space, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  }
  const star = () => svgIcon("M12 2.6l2.9 5.9 6.5.95-4.7 4.6 1.1 6.45L12 17.45 6.2 20.5l1.1-6.45-4.7-4.6 6.5-.95z");
  const cross = () => svgIcon("M6.4 5L5 6.4 10.6 12 5 17.6 6.4 19 12 13.4 17.6 19 19 17.6 13.4 12 19 6.4 17.6 5 12 10.6z");

  const CSS = `
:host { all: initial; --accent: var(--tuza-accent, var(--brand)); --on: var(--tuza-on-accent, var(--reads));
  --paper: var(--tuza-paper, #fff); --ink: var(--tuza-ink, #211d19); --muted: var(--tuza-muted, #665e54);
  --line: var(--tuza-line, #e4ded5); --strong: #8d857a; --sunken: #faf8f5; --good: #1b6a44; --bad: #ad261d;
  --radius: var(--tuza-radius, 10px); --gap: var(--tuza-offset, 16px); color-scheme: light; }
:host([data-theme=dark]) { --paper: var(--tuza-paper, #1d1a17); --ink: var(--tuza-ink, #f2ede6);
  --muted: var(--tuza-muted, #b5aca1); --line: var(--tuza-line, #3a342e); --strong: #8d857a; --sunken: #262220;
  --good: #79d6a7; --bad: #ff9f94; color-scheme: dark; }
* { box-sizing: border-box; }
h2, h3, p, ul, ol { margin: 0; padding: 0; }
ul, ol { list-style: none; }
button, input { font: inherit; color: inherit; }
:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
.launcher, dialog { font: 400 15px/1.45 var(--tuza-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif); }
.launcher { position: fixed; z-index: var(--tuza-z, 2147483000); right: var(--gap);
  bottom: calc(var(--gap) + env(safe-area-inset-bottom, 0px)); display: inline-flex; align-items: center; gap: 8px;
  max-width: calc(100vw - 2 * var(--gap)); min-height: 48px; padding: 0 18px 0 14px; border: 1px solid #0000002e;
  border-radius: 999px; background: var(--accent); color: var(--on); font-weight: 650; cursor: pointer;
  font-variant-numeric: tabular-nums; box-shadow: 0 1px 2px #0003, 0 6px 20px #00000026; transition: transform .16s; }
.launcher:hover { transform: translateY(-1px); }
.launcher:focus-visible { outline-color: var(--ink); box-shadow: 0 0 0 2px var(--paper), 0 0 0 5px var(--ink); }
:host([data-theme=dark]) .launcher, :host([data-theme=dark]) .main { border-color: #ffffff2e; }
svg { flex: none; width: 22px; height: 22px; fill: currentColor; }
dialog { position: fixed; z-index: var(--tuza-z, 2147483000); inset: auto var(--gap)
  calc(var(--gap) + 60px + env(safe-area-inset-bottom, 0px)) auto; flex-direction: column; width: 368px;
  max-width: calc(100vw - 2 * var(--gap)); max-height: min(660px, 100vh - 96px); margin: 0; padding: 0;
  overflow: hidden; border: 1px solid var(--line); border-radius: calc(var(--radius) + 6px); background: var(--paper);
  color: var(--ink); box-shadow: 0 2px 6px #0000001f, 0 18px 50px #00000038; animation: rise .18s ease-out; }
dialog[open] { display: flex; }
dialog::backdrop { background: #00000073; }
@keyframes rise { from { opacity: 0; transform: translateY(10px); } }
:host([data-side=left]) .launcher { right: auto; left: var(--gap); }
:host([data-side=left]) dialog { right: auto; left: var(--gap); }
header { display: flex; gap: 12px; align-items: flex-start; padding: 16px 12px 12px 20px;
  border-bottom: 3px solid var(--accent); }
header div { flex: 1; min-width: 0; }
h2 { font-size: 17px; font-weight: 650; line-height: 1.3; }
h2:focus-visible, li:focus-visible { outline: none; }
h3 { margin-bottom: 6px; font-size: 14px; font-weight: 650; }
.shop { overflow: hidden; color: var(--muted); font-size: 13px; text-overflow: ellipsis; white-space: nowrap; }
.close { flex: none; display: grid; place-items: center; width: 40px; height: 40px; margin: -6px 0 -4px; padding: 0;
  border: 0; border-radius: var(--radius); background: none; cursor: pointer; }
.close:hover { background: var(--sunken); }
.body { flex: 1; min-height: 0; padding: 0 20px 20px; overflow-y: auto; overscroll-behavior: contain; }
section, form { padding-top: 16px; }
section + section, form + section { margin-top: 16px; border-top: 1px solid var(--line); }
label { display: block; margin: 12px 0 4px; font-size: 13px; font-weight: 550; }
input { width: 100%; height: 46px; padding: 0 12px; border: 1px solid var(--strong); border-radius: var(--radius);
  background: var(--paper); font-size: 16px; }
input[aria-invalid] { border-color: var(--bad); }
.digits { font-size: 22px; font-weight: 600; letter-spacing: .3em; font-variant-numeric: tabular-nums; }
.main { width: 100%; min-height: 46px; margin-top: 12px; padding: 8px 16px; border: 1px solid #0000002e;
  border-radius: var(--radius); background: var(--accent); color: var(--on); font-weight: 650; cursor: pointer; }
button[aria-disabled] { cursor: default; }
.main[aria-disabled] { opacity: .75; }
.row { display: flex; flex-wrap: wrap; gap: 4px 20px; justify-content: space-between; margin-top: 6px; }
.link { min-height: 36px; padding: 0; border: 0; background: none; color: inherit; font-size: 13px; font-weight: 550;
  text-decoration: underline; text-underline-offset: 3px; cursor: pointer; }
a.link { display: inline-flex; align-items: center; }
.link[aria-disabled] { color: var(--muted); text-decoration: none; }
.quiet { color: var(--muted); font-size: 13px; }
.wrong { margin-top: 6px; color: var(--bad); font-size: 14px; }
.wrong:empty, .status:empty { display: none; }
.status { margin-top: 14px; padding: 9px 12px; border-radius: var(--radius); background: var(--sunken); font-size: 14px; }
.balance { display: flex; flex-wrap: wrap; gap: 0 8px; align-items: baseline; overflow-wrap: anywhere;
  font-variant-numeric: tabular-nums; }
.balance b { font-size: 36px; font-weight: 650; line-height: 1.15; letter-spacing: -.01em; }
.between { display: flex; gap: 12px; align-items: baseline; justify-content: space-between; }
.cart { margin-top: 16px; padding: 12px 14px; border: 1px solid var(--line); border-left: 4px solid var(--accent);
  border-radius: var(--radius); background: var(--sunken); }
.cart h3 { margin-bottom: 2px; }
.cart:empty { display: none; }
.entry { display: flex; gap: 12px; padding: 9px 0; border-top: 1px solid var(--line); }
.entry:first-child { border-top: 0; }
.entry div { flex: 1; min-width: 0; }
.entry div:last-child { flex: none; text-align: right; font-variant-numeric: tabular-nums; }
.entry p { overflow-wrap: anywhere; }
.entry b { font-weight: 600; }
.up { color: var(--good); }
.ways li { position: relative; padding: 2px 0 2px 16px; }
.ways li::before { content: ""; position: absolute; left: 1px; top: 11px; width: 6px; height: 6px; border-radius: 50%;
  background: var(--accent); box-shadow: 0 0 0 1px var(--strong); }
@media (max-width: 480px) {
  .launcher[data-away]:not(:focus-visible) { transform: translateY(calc(100% + 2 * var(--gap))); }
  dialog, :host([data-side=left]) dialog { inset: auto 0 0; width: auto; max-width: none; max-height: 88vh;
    padding-bottom: env(safe-area-inset-bottom, 0px); border-width: 1px 0 0;
    border-radius: calc(var(--radius) + 6px) calc(var(--radius) + 6px) 0 0; }
  header, .body { padding-inline: 16px; }
}
@media (prefers-reduced-motion: reduce) { .launcher, dialog { animation: none; transition: none; } }
@media (forced-colors: active) { .launcher, .main { border: 2px solid ButtonText; } }
@media print { :host { display: none; } }`;

  // On phones the button hides while the page scrolls down, so that it covers no product.
  let scrolled = 0;
  function hideOnScroll() {
    launcher.toggleAttribute("data-away", narrow.matches && scrollY > scrolled && scrollY > 80 && !panel.open);
    scrolled = scrollY;
  }

  function applyStyles(css) {
    if (root.adoptedStyleSheets && "replaceSync" in CSSStyleSheet.prototype) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    } else {
      root.append(h("style", {}, css)); // browsers before 2023
    }
  }

  function light([red, green, blue]) {
    const [r, g, b] = [red, green, blue].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function paint() {
    host.dataset.theme = script.dataset.theme || (dark.matches ? "dark" : "light");
    const color = getComputedStyle(launcher).backgroundColor;
    const scale = color.startsWith("color(") ? 255 : 1; // color(srgb 1 0.5 0) instead of rgb(255, 127, 0)
    const shade = (color.replace("srgb", "").match(/[\d.]+/g) || [0, 0, 0]).slice(0, 3).map((part) => part * scale);
    host.style.setProperty("--reads", light(shade) > 0.179 ? "#000" : "#fff"); // 0.179: black and white have equal contrast
  }

  function build() {
    host = h("tuza-points", { "data-side": facts.settings.widget_position, lang: facts.language });
    root = host.attachShadow({ mode: "open" });
    applyStyles(CSS);
    host.style.setProperty("--brand", facts.settings.brand_color || "#e08a00");
    launcher = h("button.launcher", {
      type: "button", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-controls": "panel",
      onclick: () => (panel.open ? close() : open()),
    });
    title = h("h2", { id: "title", tabindex: "-1" }, T.title);
    status = h("p.status", { role: "status" });
    body = h("div.body", {});
    const shut = h("button.close", { type: "button", "aria-label": T.close, onclick: close }, cross());
    const head = h("header", {}, h("div", {}, title, h("p.shop", {}, facts.settings.store_name)), shut);
    panel = h("dialog", { id: "panel", "aria-labelledby": "title", onclose: closed, onkeydown: onKey, onclick: onPanel },
      head, body);
    cartBox = h("div.cart", { "aria-live": "polite" });
    root.append(launcher, panel);
    addEventListener("scroll", hideOnScroll, { passive: true });
    document.body.append(host);
    label();
    paint();
    dark.addEventListener?.("change", paint);
    narrow.addEventListener?.("change", () => panel.open && close());
  }

  // — opening and closing —

  function open() {
    if (!panel || panel.open) return;
    listen();
    if (narrow.matches) panel.showModal();
    else panel.show();
    launcher.setAttribute("aria-expanded", "true");
    draw();
    title.focus();
    preview();
  }

  function close() {
    if (panel && panel.open) panel.close();
  }

  function closed() {
    launcher.setAttribute("aria-expanded", "false");
    clearInterval(ticking);
    launcher.focus();
  }

  function onKey(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  }

  function onPanel(event) {
    if (event.target === panel && narrow.matches) close(); // the backdrop
  }

  function label() {
    const text = account ? counted(account.points_balance).join(" ") : T.button;
    launcher.replaceChildren(star(), h("span", {}, text));
  }

  function say(text) {
    status.textContent = text || "";
  }

  // — panel —

  function draw(focus) {
    clearInterval(ticking);
    say("");
    if (me) drawAccount();
    else body.replaceChildren(status, asked ? codeForm() : whoForm(), cartBox, ways());
    if (focus) body.querySelector(focus)?.focus();
  }

  function field(id, text, attributes) {
    const wrong = h("p.wrong", { id: `${id}-wrong`, role: "alert" });
    const input = h(`input.${id}`, { id, name: id, "aria-describedby": `${id}-wrong`, ...attributes });
    const refuse = (message) => {
      wrong.textContent = message || "";
      if (message) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      if (message) input.focus();
    };
    return { input, refuse, parts: [h("label", { for: id }, text), input, wrong] };
  }

  async function whileBusy(button, work) {
    if (button.hasAttribute("aria-disabled")) return; // pressed twice
    const words = button.textContent;
    button.setAttribute("aria-disabled", "true");
    button.textContent = T.wait;
    try {
      await work();
    } finally {
      button.removeAttribute("aria-disabled");
      button.textContent = words;
    }
  }

  function whoForm() {
    const who = field("who", T.who, {
      type: "text", autocomplete: "email", autocapitalize: "none", spellcheck: "false", maxlength: "254",
    });
    const button = h("button.main", { type: "submit" }, T.send);
    const onsubmit = (event) => {
      event.preventDefault();
      const text = who.input.value.trim();
      who.refuse(text ? "" : T.whoMissing);
      if (text) whileBusy(button, () => sendCode(text.includes("@") ? { email: text } : { phone: text }).catch((e) => who.refuse(e.message)));
    };
    return h("form", { novalidate: true, onsubmit }, h("p", {}, T.intro), ...who.parts, button, joinLink(T.join));
  }

  const joinLink = (text) => h("a.link", { href: facts.join_url, target: "_blank", rel: "noopener" }, text);

  async function sendCode(who) {
    let words = "";
    try {
      const { data } = await ask("/loyalty/redemption/send-otp", { send: who });
      asked = { who, minutes: data.expires_in_minutes, again: Date.now() + data.resend_after_seconds * 1000 };
    } catch (error) {
      if (error.status !== 429 || error.wait > 60) throw error;
      asked = { who, minutes: facts.config.otp_ttl_minutes, again: Date.now() + error.wait * 1000 };
      words = T.sentBefore;
    }
    draw("#code");
    say(words);
  }

  function codeForm() {
    const { who, minutes } = asked;
    const code = field("code", T.code, {
      class: "digits", inputmode: "numeric", autocomplete: "one-time-code", maxlength: "12", spellcheck: "false",
    });
    const button = h("button.main", { type: "submit" }, T.verify);
    const onsubmit = (event) => {
      event.preventDefault();
      const digits = code.input.value.replace(/\D/g, "");
      code.refuse(digits.length === 6 ? "" : T.codeMissing);
      if (digits.length === 6) whileBusy(button, () => verify(who, digits).catch((e) => code.refuse(e.message)));
    };
    const again = h("button.link", { type: "button", onclick: () => resend(who, code) }, T.again);
    const other = h("button.link", { type: "button", onclick: () => { asked = null; draw("#who"); } }, T.other);
    const tick = () => {
      const left = (asked ? asked.again - Date.now() : 0) / 1000;
      again.textContent = left > 0 ? T.againIn(clock(left)) : T.again;
      if (left > 0) return again.setAttribute("aria-disabled", "true");
      again.removeAttribute("aria-disabled");
      clearInterval(ticking);
    };
    tick();
    ticking = setInterval(tick, 1000);
    const mail = facts.settings.store_email;
    return h("form", { novalidate: true, onsubmit }, h("p", {}, T.sent(who.email || who.phone, minutes)),
      ...code.parts, button, h("div.row", {}, again, other),
      h("p.quiet", {}, T.noMail, mail ? ` ${T.askShop(mail)}` : ""));
  }

  async function resend(who, code) {
    if (asked.again > Date.now()) return;
    try {
      await sendCode(who);
      say(T.sentAgain);
    } catch (error) {
      code.refuse(error.message);
    }
  }

  async function verify(who, code) {
    const { data } = await ask("/loyalty/redemption/verify-otp", { send: { ...who, code } });
    me = { token: data.redemption_token, who, until: Date.now() + data.expires_in_minutes * 60000 };
    asked = null;
    if (script.dataset.remember !== "page") keep(SIGN_IN, me);
    draw();
    title.focus();
    preview();
  }

  function signOut(words) {
    me = account = null;
    keep(SIGN_IN, null);
    label();
    draw();
    say(words);
    title.focus();
    preview();
  }

  async function mine(path) {
    const token = me && me.token;
    try {
      return (await ask(path, { token })).data;
    } catch (error) {
      if (error.status !== 401) throw error;
      if (me && me.token === token) signOut(T.over); // two requests may run at once: the first refusal signs out
      return null;
    }
  }

  async function refresh() {
    const found = await mine("/loyalty/account");
    if (!found) return;
    account = found;
    label();
  }

  function drawAccount() {
    const balance = h("section", { "aria-live": "polite" });
    const list = h("ol", {});
    const more = h("button.link", { type: "button", hidden: true }, T.more);
    const none = h("p.quiet", { hidden: true }, T.nothingYet);
    const fill = () => {
      const [points, word] = counted(account.points_balance);
      balance.replaceChildren(
        h("p.balance", {}, h("b", {}, points), " ", h("span", {}, word)),
        h("p", {}, T.worth(money(account.worth))),
        h("div.between", {}, h("p.quiet", {}, T.earnedEver(...counted(account.lifetime_earned))),
          h("button.link", { type: "button", onclick: () => signOut(T.signedOut) }, T.signOut)));
    };
    let older = null;
    const page = async () => {
      const data = await mine(`/loyalty/account/entries?limit=10${older ? `&before=${older}` : ""}`);
      if (!data) return;
      const first = older && list.children.length;
      list.append(...data.entries.map(entryRow));
      older = data.older;
      none.hidden = list.children.length > 0;
      more.hidden = older === null;
      if (first) list.children[first]?.focus(); // the button may be gone: focus the first new entry
    };
    const failed = (error) => say(error.message);
    more.addEventListener("click", () => whileBusy(more, () => page().catch(failed)));
    body.replaceChildren(status, balance, cartBox, h("section", { "aria-labelledby": "history" },
      h("h3", { id: "history" }, T.history), list, none, more), ways());
    if (account) fill();
    refresh().then(() => me && account && fill()).catch(failed);
    page().catch(failed);
  }

  function entryRow(entry) {
    const about = [entry.order_number, formats().day(entry.created_at)].filter(Boolean).join(" · ");
    return h("li.entry", { tabindex: "-1" },
      h("div", {}, h("p", {}, T.entries[entry.reason] || entry.note), h("p.quiet", {}, about)),
      h("div", {}, h(entry.points > 0 ? "b.up" : "b", {}, formats().signed(entry.points)),
        h("p.quiet", {}, T.left(number(entry.balance_after)))));
  }

  function ways() {
    const { config } = facts;
    const list = [];
    const joined = (...parts) => parts.filter(Boolean).join(", ");
    const rate = config.points_per_currency_unit;
    if (rate > 0) {
      // a rate below one point for 1.00 is shown inverted: 1 point for every 20.00
      const per = rate >= 1 ? 1 : config.one_point_from;
      list.push(joined(T.earnRate(...counted(rate >= 1 ? rate : 1), money(per)),
        config.min_order_subtotal_to_earn > 0 && T.earnFrom(money(config.min_order_subtotal_to_earn))));
    }
    list.push(T.useRate(...counted(config.points_per_currency_discount), money(1)));
    list.push(joined(T.useShare(number(config.max_redeem_percent)),
      config.min_checkout_total > 0 && T.useFrom(money(config.min_checkout_total)),
      config.min_points_to_redeem > 1 && T.useLeast(...counted(config.min_points_to_redeem))));
    const rows = list.map((text) => h("li", {}, text[0].toUpperCase() + text.slice(1)));
    if (config.optin_required) rows.push(h("li", {}, joinLink(T.reasons.not_registered)));
    return h("section", { "aria-labelledby": "ways" }, h("h3", { id: "ways" }, T.ways), h("ul.ways", {}, ...rows));
  }

  // — the cart of the page —

  async function preview() {
    const mineNow = ++turn;
    if (!panel || !panel.open) return;
    if (!items.length) return cartBox.replaceChildren();
    const lines = [];
    try {
      const { data } = await ask("/loyalty/preview", { send: { ...(me ? me.who : { email: GUEST }), items } });
      lines.push(data.points_to_earn ? T.earns(...counted(data.points_to_earn)) : T.earnsNothing);
      if (!me) lines.push(T.toUse);
      else if (data.eligible) lines.push(T.mayUse(...counted(data.max_redeemable_points), money(data.estimated_discount_max)));
      else lines.push(T.reasons[data.reason] || T.broken);
    } catch (error) {
      lines.push(error.message);
    }
    if (mineNow !== turn) return; // the cart has changed since
    const words = lines.map((text) => h("p", {}, text[0].toUpperCase() + text.slice(1)));
    const way = typeof Tuza.open === "function" && h("button.link", { type: "button", onclick: toCheckout }, T.checkout);
    cartBox.replaceChildren(h("h3", {}, T.cart), ...words, way || "");
  }

  function toCheckout() {
    close();
    Tuza.open({ items, email: me ? me.who.email : undefined });
  }

  function useCart() {
    if (Tuza.cart) setCart(Tuza.cart);
  }

  let settling;
  function setCart(cart) {
    const given = (cart && cart.items) || [];
    items = given
      .map(({ product_id, variant_id, quantity }) => ({ product_id, variant_id: variant_id ?? null, quantity }))
      .filter((item) => item.quantity > 0);
    listen();
    clearTimeout(settling);
    settling = setTimeout(preview, 150); // several quick changes make one request
  }

  function listen() {
    if (typeof Tuza.on !== "function" || heard === Tuza.on) return;
    heard = Tuza.on;
    Tuza.on("order.created", () => {
      if (!me) return;
      if (panel && panel.open) draw();
      else refresh().catch(() => {});
    });
  }

  async function start() {
    try {
      facts = await loadShop();
      useTexts(facts.texts);
    } catch (error) {
      return console.warn(`Tuza: no points button. ${error.message} Is ${location.origin} among the shop's allowed origins?`);
    }
    if (!facts.config.enabled) return;
    me = readStored(SIGN_IN);
    build();
    useCart();
    document.addEventListener("DOMContentLoaded", useCart, { once: true }); // a deferred script may set it after us
    addEventListener("load", listen, { once: true });
    if (me) refresh().catch(() => {});
    if (wanted) open();
  }

  let wanted = false; // open() was called before the shop's data arrived
  Tuza.setCart = (cart) => {
    Tuza.cart = cart;
    if (facts) setCart(cart);
  };
  Tuza.points = {
    open: () => (panel ? open() : (wanted = true)),
    close: () => (panel ? close() : (wanted = false)),
  };
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start, { once: true });
})();
