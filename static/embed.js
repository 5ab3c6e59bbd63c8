// Tuza's checkout on any page:  <script src="https://tuza.example/static/embed.js" data-shop="my-shop" async></script>
// Then  Tuza.open({items: [{product_id: 12, quantity: 1}]})  or  <button data-tuza-items="12:1">Buy</button>.
// Options, events and security: docs/checkout.md. Adds to window.Tuza and touches no other global.
(() => {
  "use strict";

  const script = document.currentScript || document.querySelector('script[data-shop][src*="/embed.js"]');
  const Tuza = (window.Tuza = window.Tuza || {});
  if (!script || Tuza.open) return; // loaded twice: the first one is used

  const base = new URL(script.src).origin;
  const defaults = { ...script.dataset };
  const EVENTS = ["ready", "resize", "order.created", "order.paid", "closed"];
  const FRAME_TIMEOUT = 8000; // milliseconds until the notice says that the frame does not load
  const words = {
    // used until the shop's texts are loaded, or if the page's policy blocks them
    close: "Close",
    title: "Checkout",
    loading: "Loading the checkout …",
    failed: "The checkout did not load here.",
    elsewhere: "Open it in its own page",
  };

  const language = defaults.lang ? `?lang=${encodeURIComponent(defaults.lang)}` : "";
  if (defaults.shop) {
    fetch(`${base}/checkout/${encodeURIComponent(defaults.shop)}/texts${language}`, { credentials: "omit" })
      .then((answer) => (answer.ok ? answer.json() : {}))
      .then((texts) => Object.assign(words, texts))
      .catch(() => {});
  }

  // --- events -----------------------------------------------------------------------------------------------------
  const heard = Object.fromEntries(EVENTS.map((name) => [name, new Set()]));
  const { on: onBefore, off: offBefore } = Tuza; // the widget may be loaded first

  Tuza.on = (name, fn) => {
    if (!heard[name]) return onBefore ? onBefore.call(Tuza, name, fn) : () => {};
    heard[name].add(fn);
    return () => heard[name].delete(fn);
  };
  Tuza.off = (name, fn) => {
    if (heard[name]) heard[name].delete(fn);
    else if (offBefore) offBefore.call(Tuza, name, fn);
  };

  function emit(name, detail) {
    for (const fn of [...heard[name]]) {
      try {
        fn(detail);
      } catch (error) {
        console.error(error); // an error in the page's handler must not stop the checkout
      }
    }
  }

  // --- opening ----------------------------------------------------------------------------------------------------
  let current = null;

  function cartText(items) {
    if (typeof items === "string") return items;
    if (!Array.isArray(items) || !items.length) throw new TypeError("Tuza.open needs items: [{product_id, quantity}]");
    return items
      .map(({ product_id: product, variant_id: variant, quantity = 1 }) => {
        return `${product}${variant ? `.${variant}` : ""}:${quantity}`;
      })
      .join(",");
  }

  function address(options, embedded) {
    if (!options.shop && !defaults.shop) throw new TypeError("Tuza needs data-shop: the short name of the shop");
    const url = new URL(`/checkout/${encodeURIComponent(options.shop || defaults.shop)}`, base);
    url.searchParams.set("items", cartText(options.items));
    if (options.coupon_code) url.searchParams.set("coupon", options.coupon_code);
    if (options.theme || defaults.theme) url.searchParams.set("theme", options.theme || defaults.theme);
    if (options.lang || defaults.lang) url.searchParams.set("lang", options.lang || defaults.lang);
    if (embedded) url.searchParams.set("origin", location.origin);
    return url.href;
  }

  Tuza.open = (options = {}) => {
    const given = { ...options, items: options.items || defaults.items };
    const src = address(given, true); // throws on an invalid cart before anything is shown
    if (current) current.close();
    whenBodyExists(() => {
      const target = given.target || defaults.target;
      const place = typeof target === "string" ? document.querySelector(target) : target;
      current = place ? inline(place, src, given) : overlay(src, given);
    });
  };

  Tuza.close = () => {
    if (current) current.close();
  };

  function whenBodyExists(go) {
    if (document.body) go();
    else document.addEventListener("DOMContentLoaded", go, { once: true });
  }

  // --- the frame --------------------------------------------------------------------------------------------------
  function style(element, rules) {
    for (const [name, value] of Object.entries(rules)) element.style.setProperty(name, value);
    return element;
  }

  function make(name, rules, text) {
    const element = style(document.createElement(name), rules);
    if (text) element.textContent = text;
    return element;
  }

  function makeFrame(src, options, { resize, close }) {
    const frame = make("iframe", {
      display: "block",
      width: "100%",
      height: "240px",
      border: "0",
      background: "transparent",
      "color-scheme": "light dark",
    });
    frame.title = words.title;
    frame.setAttribute("allow", "clipboard-read 'none'; geolocation 'none'; camera 'none'; microphone 'none'");
    frame.referrerPolicy = "origin";
    const note = notice(options);
    const patience = setTimeout(() => {
      style(frame, { display: "none" }); // the browser's picture of a broken frame
      note.fail();
    }, FRAME_TIMEOUT);

    function listen(event) {
      const said = event.data;
      if (event.source !== frame.contentWindow || event.origin !== base) return;
      if (!said || said.tuza !== "checkout") return;
      if (said.type === "ready") {
        clearTimeout(patience);
        style(frame, { display: "block" });
        note.element.remove();
        const { email, name, phone } = options;
        frame.contentWindow.postMessage({ tuza: "checkout", type: "fill", email, name, phone }, base);
        emit("ready", {});
      } else if (said.type === "resize" && Number.isFinite(said.height)) {
        resize(frame, Math.max(0, Math.min(said.height, 20000)));
        emit("resize", { height: said.height });
      } else if (said.type === "order.created" || said.type === "order.paid") emit(said.type, said.order);
      else if (said.type === "close") close();
    }

    window.addEventListener("message", listen);
    frame.src = src;
    return {
      frame,
      note: note.element,
      end() {
        clearTimeout(patience);
        window.removeEventListener("message", listen);
      },
    };
  }

  // Shown until the frame answers; after the timeout, a link that needs no frame.
  function notice(options) {
    const element = make("div", { padding: "20px", font: "15px/1.45 system-ui, sans-serif", "text-align": "center" });
    element.setAttribute("role", "status");
    element.textContent = words.loading;
    return {
      element,
      fail() {
        console.warn(`Tuza: the checkout did not answer. Is ${location.origin} among the shop's allowed origins?`);
        element.textContent = `${words.failed} `;
        const link = make("a", { color: "inherit" }, words.elsewhere);
        link.href = address(options, false);
        link.target = "_blank";
        link.rel = "noopener";
        element.append(link);
      },
    };
  }

  function inline(place, src, options) {
    const parts = makeFrame(src, options, {
      resize: (frame, height) => style(frame, { height: `${height}px` }),
      close: () => {}, // part of the page: it stays
    });
    place.replaceChildren(parts.note, parts.frame);
    return {
      close() {
        parts.end();
        place.replaceChildren();
        current = null;
        emit("closed", {});
      },
    };
  }

  // A modal <dialog>: the browser keeps focus inside, makes the rest inert, and gives focus back afterwards.
  function overlay(src, options) {
    const cameFrom = document.activeElement;
    const host = make("div", { all: "initial" });
    const shadow = host.attachShadow({ mode: "open" });
    const dialog = make("dialog", {
      "box-sizing": "border-box",
      width: "min(480px, 100vw)",
      "max-width": "100vw",
      "max-height": "100dvh",
      margin: "auto",
      padding: "0",
      border: "0",
      overflow: "hidden",
      background: "Canvas",
      color: "CanvasText",
      "color-scheme": schemeOf(options),
      "box-shadow": "0 12px 48px rgb(0 0 0 / 28%)",
    });
    // the checkout's background, where the browser supports light-dark()
    style(dialog, { background: "light-dark(#fff, #1d1a17)", color: "light-dark(#211d19, #f2ede6)" });
    dialog.setAttribute("aria-label", words.title);
    const bar = make("div", {
      display: "flex",
      "justify-content": "space-between",
      "align-items": "center",
      padding: "6px 6px 0 20px",
      font: "600 15px/1.4 system-ui, sans-serif",
    });
    bar.append(make("span", {}, words.title));
    const cross = make(
      "button",
      {
        width: "40px",
        height: "40px",
        border: "0",
        "border-radius": "8px",
        background: "transparent",
        color: "inherit",
        font: "24px/1 system-ui, sans-serif",
        cursor: "pointer",
      },
      "×",
    );
    cross.type = "button";
    cross.setAttribute("aria-label", words.close);
    bar.append(cross);

    let closed = false;
    function close() {
      if (closed) return;
      closed = true;
      parts.end();
      dialog.close();
      host.remove();
      document.documentElement.style.setProperty("overflow", overflow);
      window.removeEventListener("resize", fit);
      if (cameFrom && cameFrom.focus) cameFrom.focus();
      current = null;
      emit("closed", {});
    }

    let wanted = 240;
    const fit = () => {
      const wide = innerWidth > 520;
      const available = innerHeight - 46 - (wide ? 48 : 0); // minus the bar, and a margin on wide screens
      style(parts.frame, { height: `${wide ? Math.min(wanted, available) : available}px` });
      style(dialog, { "border-radius": wide ? "14px" : "0" });
    };
    const parts = makeFrame(src, options, {
      resize: (_frame, height) => {
        wanted = height;
        fit();
      },
      close,
    });
    cross.addEventListener("click", close);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      close();
    });
    window.addEventListener("resize", fit);
    fit();
    dialog.append(bar, parts.note, parts.frame);
    shadow.append(dialog);
    document.body.append(host);
    const overflow = document.documentElement.style.getPropertyValue("overflow");
    document.documentElement.style.setProperty("overflow", "hidden");
    dialog.showModal();
    return { close };
  }

  function schemeOf(options) {
    const theme = options.theme || defaults.theme;
    return theme === "light" || theme === "dark" ? theme : "light dark";
  }

  // --- buttons with data-tuza-items, without a script on the page --------------------------------------------------
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-tuza-items]");
    if (!button) return;
    event.preventDefault();
    Tuza.open({ items: button.dataset.tuzaItems, coupon_code: button.dataset.tuzaCoupon });
  });
  if (defaults.items && defaults.target) Tuza.open();

  // --- calls made before this script was loaded:  Tuza.queue.push(["open", {…}]) ------------------------------------
  const mine = ["open", "close", "on", "off"];
  const queue = (Tuza.queue = Tuza.queue || []);
  const pushBefore = queue.push;
  const run = (call) => Array.isArray(call) && mine.includes(call[0]) && (Tuza[call[0]](...call.slice(1)), true);
  const waiting = queue.splice(0);
  queue.push = (...calls) => calls.forEach((call) => run(call) || pushBefore.call(queue, call));
  queue.push(...waiting);
})();
