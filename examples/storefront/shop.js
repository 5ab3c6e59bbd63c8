// The demo storefront: goods from Tuza, a basket in the page, Tuza's checkout and points button. No framework, no build.
"use strict";

const api = `${document.querySelector('meta[name="tuza-api"]').content}/api/v1/storefront`;
const at = (id) => document.getElementById(id);
const KINDS = {
  GRN: "Flour, rice", PUL: "Beans", DRY: "Dairy, eggs", VEG: "Vegetables", FRT: "Fruit", TEA: "Tea, coffee",
  PAN: "Pantry", BKR: "Bakery", HOM: "Home",
};
const KEPT = "duka-basket";

let goods = [];
let kind = "";
let currency = "KES";
let basket = remembered(); // [{product_id, variant_id, quantity, name, price}], the price only to show: Tuza knows its own

// as many decimals as the currency has: 2 for KES, none for JPY, 3 for KWD
const written = (amount) =>
  new Intl.NumberFormat("en-KE", { style: "currency", currency, currencyDisplay: "code" })
    .formatToParts(amount)
    .filter((part) => !["currency", "literal"].includes(part.type))
    .map((part) => part.value)
    .join("");
const money = (amount) => `${currency}\u00a0${written(amount)}`;
const kindOf = (product) => (KINDS[product.sku.slice(0, 3)] ? product.sku.slice(0, 3) : "HOM");
const priceOf = (thing) => {
  const sale = Number(thing.sale_price || 0);
  return sale > 0 && sale < Number(thing.price) ? sale : Number(thing.price);
};

function h(tag, attributes = {}, ...children) {
  const [name, css] = tag.split(".");
  const element = document.createElement(name);
  if (css) element.className = css;
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

function picture(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `goods.svg#${name}`);
  svg.append(use);
  return svg;
}

// — goods —

async function ask(path) {
  const answer = await (await fetch(api + path)).json();
  if (answer.status !== "success") throw new Error(answer.message);
  return answer.data;
}

async function load() {
  try {
    const [{ settings }, { products }] = await Promise.all([ask("/settings"), ask("/products?limit=100&sort=-newest")]);
    currency = settings.currency;
    goods = mixed(products);
    at("store").textContent = settings.store_name;
    document.title = `${settings.store_name} · fresh groceries in Nairobi`;
    if (settings.store_address) at("promise").textContent = `Fresh every morning. ${settings.store_address}.`;
    showKinds();
    show();
    showBasket();
  } catch (error) {
    at("told").textContent = `The shop cannot be reached (${error.message}). Is Tuza running, and is ${location.origin} among its allowed origins?`;
  }
}

// One of each kind, then the next of each: a first row with something for everybody.
function mixed(products) {
  const shelves = Object.keys(KINDS).map((word) => products.filter((product) => kindOf(product) === word));
  const longest = Math.max(0, ...shelves.map((shelf) => shelf.length));
  return Array.from({ length: longest }, (_, row) => shelves.map((shelf) => shelf[row])).flat().filter(Boolean);
}

function showKinds() {
  const there = Object.keys(KINDS).filter((word) => goods.some((product) => kindOf(product) === word));
  at("kinds").replaceChildren(
    ...["", ...there].map((word) =>
      h("button", {
        type: "button",
        "aria-pressed": String(word === kind),
        onclick: (event) => {
          kind = word;
          for (const chip of at("kinds").children) chip.setAttribute("aria-pressed", String(chip === event.currentTarget));
          show();
        },
      }, word ? KINDS[word] : "Everything")),
  );
}

function show() {
  const words = at("query").value.trim().toLowerCase().split(/\s+/);
  const found = goods.filter((product) => {
    const text = `${product.name} ${product.description}`.toLowerCase();
    return (!kind || kindOf(product) === kind) && words.every((word) => text.includes(word));
  });
  at("goods").replaceChildren(...found.map(card));
  at("told").textContent = found.length ? "" : "Nothing like that on our shelves.";
}

function card(product) {
  const sold = product.stock_status === "out_of_stock";
  const sizes = product.variants;
  const select = sizes.length ? h("select", { "aria-label": `Size of ${product.name}` },
    ...sizes.map((size) => h("option", { value: size.id }, `${size.name} · ${money(priceOf(size))}`))) : null;
  const price = h("p.price", {}, h("b", {}, money(priceOf(sizes[0] || product))));
  if (!sizes.length && priceOf(product) < Number(product.price)) {
    price.append(" ", h("s", {}, h("span.hidden", {}, "before "), written(Number(product.price))));
  }
  const chosen = () => sizes.find((size) => String(size.id) === select?.value);
  select?.addEventListener("change", () => (price.firstChild.textContent = money(priceOf(chosen()))));
  return h("li.card", { "data-kind": kindOf(product) },
    h("div.picture", {}, picture(kindOf(product))),
    h("div.about", {},
      h("h3", {}, product.name), h("p.small", {}, product.description), select, price,
      h("button.add", { type: "button", disabled: sold, "aria-label": sold ? null : `Add ${product.name}`,
        onclick: () => add(product, chosen()) }, sold ? "Sold out" : "Add")));
}

// — basket —

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) || [];
  } catch {
    return [];
  }
}

function changed() {
  try {
    localStorage.setItem(KEPT, JSON.stringify(basket));
  } catch {
    // a browser that keeps nothing: the basket lasts as long as the page
  }
  showBasket();
  withTuza("setCart", (setCart) => setCart({ items: items() }));
}

const items = () => basket.map(({ product_id, variant_id, quantity }) => ({ product_id, variant_id, quantity }));

function add(product, size) {
  const line = basket.find((one) => one.product_id === product.id && one.variant_id === (size?.id ?? null));
  if (line) line.quantity += 1;
  else basket.push({ product_id: product.id, variant_id: size?.id ?? null, quantity: 1,
    name: size ? `${product.name}, ${size.name}` : product.name, price: priceOf(size || product) });
  changed();
  const count = at("count");
  count.classList.remove("pop");
  requestAnimationFrame(() => count.classList.add("pop"));
}

function step(line, by) {
  line.quantity += by;
  basket = basket.filter((one) => one.quantity > 0);
  changed();
  const [first] = at("lines").querySelectorAll("button");
  if (!at("basket").contains(document.activeElement)) (first || at("close-basket")).focus();
}

function showBasket() {
  const held = document.activeElement?.getAttribute?.("data-step");
  const pieces = basket.reduce((sum, line) => sum + line.quantity, 0);
  at("count").textContent = pieces;
  at("lines").replaceChildren(...basket.map((line, index) => h("li", {},
    h("div", {}, h("p", {}, line.name), h("p.small", {}, money(line.price * line.quantity))),
    h("div.stepper", {},
      h("button", { type: "button", "data-step": `${index}-`, "aria-label": `One less of ${line.name}`, onclick: () => step(line, -1) }, "−"),
      h("span", { "aria-live": "polite" }, String(line.quantity)),
      h("button", { type: "button", "data-step": `${index}+`, "aria-label": `One more of ${line.name}`, onclick: () => step(line, 1) }, "+")))));
  if (held) at("lines").querySelector(`[data-step="${held}"]`)?.focus();
  at("empty").hidden = basket.length > 0;
  at("checkout").disabled = basket.length === 0;
  at("total").textContent = money(basket.reduce((sum, line) => sum + line.price * line.quantity, 0));
}

// — Tuza: both scripts are loaded without waiting for them, so what they bring is used as soon as it is there —

function withTuza(name, use) {
  const bring = () => typeof window.Tuza?.[name] === "function" && (use(window.Tuza[name]), true);
  if (bring()) return;
  for (const script of document.querySelectorAll("script[data-shop]")) {
    script.addEventListener("load", () => use && bring() && (use = null), { once: true });
  }
}

function checkout() {
  if (typeof window.Tuza?.open !== "function") {
    at("wrong").textContent = "The checkout is still on its way. Try again in a moment.";
    return;
  }
  at("wrong").textContent = "";
  at("basket").close();
  window.Tuza.open({ items: items() });
}

function ordered(order) {
  basket = [];
  changed();
  const thanks = at("thanks");
  thanks.textContent = `Asante! Order ${order?.order_number || ""} is with us.`;
  thanks.hidden = false;
  setTimeout(() => (thanks.hidden = true), 8000);
}

at("search").addEventListener("submit", (event) => event.preventDefault());
at("query").addEventListener("input", show);
at("open-basket").addEventListener("click", () => at("basket").showModal());
at("close-basket").addEventListener("click", () => at("basket").close());
at("basket").addEventListener("click", (event) => event.target === at("basket") && at("basket").close());
at("checkout").addEventListener("click", checkout);
withTuza("on", (on) => on("order.created", ordered));
withTuza("setCart", (setCart) => setCart({ items: items() }));
load();
