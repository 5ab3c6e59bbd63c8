// What the till keeps on this device: sales that wait for the network, and members seen before, encrypted.
"use strict";

(() => {
  const QUEUE = "tuza-till-queue";
  const MEMBERS = "tuza-till-members"; // till-lock.js deletes it, key and all
  const STORES = { [QUEUE]: { sales: { keyPath: "id" } }, [MEMBERS]: { keys: {}, members: {} } };
  const BATCH = 500;
  const encoder = new TextEncoder();

  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => reject(request.error);
    });

  async function use(name, store, mode, work) {
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => {
      for (const [each, options] of Object.entries(STORES[name])) opening.result.createObjectStore(each, options);
    };
    const database = await done(opening);
    try {
      const change = database.transaction(store, mode);
      const finished = new Promise((resolve, reject) => {
        change.oncomplete = resolve;
        change.onerror = change.onabort = () => reject(change.error);
      });
      finished.catch(() => undefined); // the request below rejects as well
      const result = await done(work(change.objectStore(store)));
      await finished;
      return result;
    } finally {
      database.close();
    }
  }

  const placeOf = () => document.getElementById("till").dataset;
  const shopOf = () => placeOf().shop;

  // Sales. Each has the id that the server counts it by, so it may be sent as often as the network breaks.
  const changed = new BroadcastChannel("tuza-till");
  const announce = () => {
    changed.postMessage("changed");
    document.dispatchEvent(new Event("till:changed"));
  };
  changed.addEventListener("message", () => document.dispatchEvent(new Event("till:changed")));

  const queued = async () => (await use(QUEUE, "sales", "readonly", (sales) => sales.getAll())).sort((one, other) => (one.taken_at < other.taken_at ? -1 : 1));
  const keep = (sale) => use(QUEUE, "sales", "readwrite", (sales) => sales.put(sale));

  // The label names the customer: it is encrypted, so that nobody can read it after signing out.
  async function add({ label, ...sale }) {
    const sealed = label ? await seal(label).catch(() => undefined) : undefined;
    await keep({ taken_at: new Date().toISOString(), shop: shopOf(), branch_id: Number(placeOf().branch), ...sale, label: sealed });
    announce();
  }

  async function waiting() {
    const labelled = async (sale) => ({ ...sale, label: sale.label && (await unseal(sale.label).catch(() => undefined)) });
    return Promise.all((await queued()).map(labelled));
  }

  async function remove(id) {
    await use(QUEUE, "sales", "readwrite", (sales) => sales.delete(id));
    announce();
  }

  async function send(sales, token) {
    const body = JSON.stringify({ sales: sales.map(({ refused: _refused, label: _label, shop: _shop, ...sale }) => sale) });
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
    const response = await fetch("/api/v1/till/sales/batch", { method: "POST", headers, body });
    if (response.status !== 207) throw new Error(`the queue was answered with ${response.status}`);
    const { data } = await response.json();
    for (const { sale } of data.recorded) await use(QUEUE, "sales", "readwrite", (kept) => kept.delete(sale.id));
    for (const { index, error } of data.failed) await keep({ ...sales[index], refused: error.message });
    announce();
  }

  async function sync() {
    return navigator.locks.request("tuza-till-sync", { ifAvailable: true }, async (lock) => {
      const sales = lock ? (await queued()).filter((sale) => !sale.refused) : [];
      if (!sales.length) return;
      const session = await fetch("/staff/session", { redirect: "manual" });
      if (session.type === "opaqueredirect") return forgetMembers(); // signed out elsewhere
      if (!session.ok) return;
      const { csrf_token: token, shop_id: shop } = await session.json();
      const ours = sales.filter((sale) => sale.shop === String(shop)).slice(0, BATCH); // the others wait for their shop
      if (ours.length) await send(ours, token);
    });
  }

  // Members: found by a keyed hash of the phone; name, balance and id are encrypted with a key that cannot be read out.
  async function keyOf(kind) {
    const kept = await use(MEMBERS, "keys", "readonly", (keys) => keys.get(kind));
    if (kept) return kept;
    const algorithm = kind === "find" ? { name: "HMAC", hash: "SHA-256" } : { name: "AES-GCM", length: 256 };
    const made = await crypto.subtle.generateKey(algorithm, false, kind === "find" ? ["sign"] : ["encrypt", "decrypt"]);
    await use(MEMBERS, "keys", "readwrite", (keys) => keys.add(made, kind)).catch(() => undefined); // another page was first
    return use(MEMBERS, "keys", "readonly", (keys) => keys.get(kind));
  }

  async function hashOf(phone) {
    const digits = phone.replace(/\D/g, "").slice(-9); // in any writing of the country
    return new Uint8Array(await crypto.subtle.sign("HMAC", await keyOf("find"), encoder.encode(`${shopOf()} ${digits}`))).join(".");
  }

  async function seal(value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = encoder.encode(JSON.stringify(value));
    return { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await keyOf("read"), text) };
  }

  async function unseal({ iv, sealed }) {
    const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await keyOf("read"), sealed);
    return JSON.parse(new TextDecoder().decode(text));
  }

  async function remember({ phone, ...member }) {
    const hash = await hashOf(phone);
    const kept = await seal({ ...member, seen_at: new Date().toISOString() });
    await use(MEMBERS, "members", "readwrite", (members) => members.put(kept, hash));
  }

  async function find(phone) {
    const hash = await hashOf(phone);
    const kept = await use(MEMBERS, "members", "readonly", (members) => members.get(hash));
    return kept ? unseal(kept) : null;
  }

  const forgetMembers = () => void indexedDB.deleteDatabase(MEMBERS);

  window.TuzaTill = { add, remove, waiting, sync, remember, find };
})();
