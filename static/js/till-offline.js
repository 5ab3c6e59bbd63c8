// The till without network: how many sales wait, the form that keeps them, and sending them when it is back.
"use strict";

(() => {
  if (!window.indexedDB || !window.crypto?.subtle || !navigator.locks) return;
  const store = window.TuzaTill;
  const RETRY_MS = 15000;
  const OFFLINE = "/staff/till/offline";
  const page = () => document.getElementById("till");

  const local = () => `${document.documentElement.lang || "en"}-KE`; // day before month, 24 hours
  const places = () => Number(page().dataset.decimals) || 0;

  // "1245.5" → "1,245.50" in a currency with cents
  function shownAmount(plain) {
    const [whole, part = ""] = plain.split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
    return places() ? `${grouped}.${part.padEnd(places(), "0")}` : grouped;
  }

  // "1,245.50" → "1245.50"; null for what the server has to read with the habits of the country.
  function plainAmount(text) {
    const comma = page().dataset.decimalMark === ",";
    const plain = comma ? text.replace(",", ".") : text.replace(/[ ,](?=\d{3}(\D|$))/g, "");
    const ambiguous = comma && text.includes(".");
    const known = new RegExp(`^\\d{1,9}(\\.${places() ? `\\d{1,${places()}}` : "0{1,2}"})?$`);
    return !ambiguous && known.test(plain) && Number(plain) > 0 ? plain : null;
  }

  function saleOf(form, customer) {
    const amount = plainAmount(form.get("amount") ?? "");
    if (!amount) return null;
    const method = form.get("method");
    const reference = method === "cash" ? "" : (form.get("reference") ?? "").trim().toUpperCase();
    return { id: form.get("request_key") || crypto.randomUUID(), customer, amount, method, ...(reference && { reference }) };
  }

  // A sale that could not be sent is kept under the id of its form: if it did arrive, it counts once all the same.
  document.addEventListener("htmx:error", async (event) => {
    const { sourceElement, request } = event.detail.ctx ?? {};
    if (!request || !page().contains(sourceElement)) return;
    if (sourceElement.id === "sale" && request.method === "POST") {
      const form = new FormData(sourceElement);
      const sale = saleOf(form, { id: Number(form.get("customer_id")) });
      if (!sale) return;
      await store.add({ ...sale, label: sourceElement.querySelector(".name .clip")?.textContent });
      return location.assign(`${OFFLINE}?kept=1`);
    }
    const typed = document.getElementById("who")?.value;
    if (sourceElement.id === "find" || sourceElement.id === "who") location.assign(`${OFFLINE}?q=${encodeURIComponent(typed)}`);
  });

  async function showWaiting() {
    const sales = await store.waiting();
    for (const badge of document.querySelectorAll("[data-waiting]")) {
      badge.hidden = !sales.length;
      badge.querySelector("b").textContent = sales.length;
    }
    const list = document.querySelector("[data-queue]");
    if (list) list.replaceChildren(...sales.toReversed().map(lineOf));
    const none = document.querySelector("[data-none]");
    if (none) none.hidden = sales.length > 0;
  }

  function lineOf(sale) {
    const line = document.getElementById("queued-sale").content.cloneNode(true);
    line.querySelector("[data-who]").textContent = sale.label || sale.customer.phone || `#${sale.customer.id}`;
    line.querySelector("[data-when]").textContent = new Date(sale.taken_at).toLocaleTimeString(local(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    line.querySelector("[data-amount]").textContent = shownAmount(sale.amount);
    const refused = line.querySelector("[data-refused]");
    refused.textContent = (sale.refused ?? "").replace(/^./, (first) => first.toUpperCase());
    refused.hidden = !sale.refused;
    const button = line.querySelector("button");
    button.hidden = !sale.refused;
    button.addEventListener("click", () => store.remove(sale.id));
    return line;
  }

  async function sendWaiting() {
    try {
      await store.sync();
    } catch {
      // no network yet, or a busy server: tried again
    }
    const parts = document.querySelectorAll("[data-online]");
    const online = parts.length > 0 && (await isReachable());
    for (const part of parts) part.hidden = (part.dataset.online === "yes") !== online;
  }

  async function isReachable() {
    try {
      return (await fetch("/staff/session", { redirect: "manual", cache: "no-store" })).status < 500;
    } catch {
      return false;
    }
  }

  async function remember() {
    const seen = document.querySelector("[data-member]")?.dataset;
    if (seen) await store.remember({ phone: seen.phone, id: Number(seen.member), name: seen.name, points: seen.points });
  }

  // The form of the page for working offline.
  async function showFound(phone) {
    const shown = document.querySelector("[data-found]");
    const found = /\d{9}/.test(phone.replace(/\D/g, "")) ? await store.find(phone) : null;
    shown.hidden = !found;
    if (found) {
      shown.querySelector("b").textContent = found.name;
      shown.querySelector("span").textContent = `${found.points} · ${new Date(found.seen_at).toLocaleString(local(), { dateStyle: "short", timeStyle: "short", hourCycle: "h23" })}`;
    }
    return found;
  }

  function prepareForm() {
    const form = document.getElementById("offline-sale");
    if (!form || form.dataset.ready) return;
    form.dataset.ready = "1";
    const [who, amount] = [form.elements.phone, form.elements.amount];
    const asked = new URLSearchParams(location.search);
    who.value = asked.get("q") ?? "";
    document.querySelector("[data-kept-sale]").hidden = !asked.has("kept");
    showFound(who.value);
    who.addEventListener("input", () => showFound(who.value));
    who.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || amount.value) return;
      event.preventDefault();
      amount.focus();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const found = await showFound(who.value);
      const phone = who.value.trim();
      const sale = saleOf(new FormData(form), found ? { id: found.id } : { phone });
      const wrong = !sale ? amount : !found && phone.replace(/\D/g, "").length < 9 ? who : null;
      for (const field of [who, amount]) field.toggleAttribute("aria-invalid", field === wrong);
      if (wrong) return wrong.focus();
      await store.add({ ...sale, label: found?.name });
      form.reset();
      showFound("");
      document.querySelector("[data-kept-sale]").hidden = false;
      who.focus();
      sendWaiting();
    });
  }

  async function prepare() {
    prepareForm();
    await showWaiting();
    await remember();
  }

  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/staff/till-worker.js", { scope: "/staff/till" }).then(
      (registration) => registration.active?.postMessage("refresh"),
      () => undefined, // not over HTTPS
    );
  }
  document.addEventListener("till:changed", showWaiting);
  document.addEventListener("htmx:after:swap", prepare);
  addEventListener("online", sendWaiting);
  setInterval(sendWaiting, RETRY_MS);
  prepare().then(sendWaiting);
})();
