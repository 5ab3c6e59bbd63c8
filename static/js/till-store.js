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
      const result = await done(work(change.objectStore(store)));
      await finished;
      return result;
    } finally {
      database.close();
    }
  }

  // Sales. Each has the id that the server counts it by, so it may be sent as often as the network breaks.
  const changed = new BroadcastChannel("tuza-till");
  const announce = () => {
    changed.postMessage("changed");
    document.dispatchEvent(new Event("till:changed"));
  };
  changed.addEventListener("message", () => document.dispatchEvent(new Event("till:changed")));

  const waiting = async () => (await use(QUEUE, "sales", "readonly", (sales) => sales.getAll())).sort((one, other) => (one.taken_at < other.taken_at ? -1 : 1));
  const keep = (sale) => use(QUEUE, "sales", "readwrite", (sales) => sales.put(sale));

  async function add(sale) {
    await keep({ taken_at: new Date().toISOString(), ...sale });
    announce();
  }

  async function remove(id) {
    await use(QUEUE, "sales", "readwrite", (sales) => sales.delete(id));
    announce();
  }

  async function send(sales, token) {
    const body = JSON.stringify({ sales: sales.map(({ refused: _refused, label: _label, ...sale }) => sale) });
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
      const sales = lock ? (await waiting()).filter((sale) => !sale.refused).slice(0, BATCH) : [];
      if (!sales.length) return;
      const session = await fetch("/staff/session", { redirect: "manual" });
      if (session.type === "opaqueredirect") return forgetMembers(); // signed out elsewhere
      if (session.ok) await send(sales, (await session.json()).csrf_token);
    });
  }

  // Members: found by a keyed hash of the phone; name, balance and id are encrypted with a key that cannot be read out.
  async function keyOf(kind) {
    const kept = await use(MEMBERS, "keys", "readonly", (keys) => keys.get(kind));
    if (kept) return kept;
    const algorithm = kind === "find" ? { name: "HMAC", hash: "SHA-256" } : { name: "AES-GCM", length: 256 };
    const made = await crypto.subtle.generateKey(algorithm, false, kind === "find" ? ["sign"] : ["encrypt", "decrypt"]);
    await use(MEMBERS, "keys", "readwrite", (keys) => keys.put(made, kind));
    return made;
  }

  async function hashOf(phone) {
    const digits = phone.replace(/\D/g, "").slice(-9); // in any writing of the country
    return new Uint8Array(await crypto.subtle.sign("HMAC", await keyOf("find"), encoder.encode(digits))).join(".");
  }

  async function remember({ phone, ...member }) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const [key, hash] = [await keyOf("read"), await hashOf(phone)];
    const text = encoder.encode(JSON.stringify({ ...member, seen_at: new Date().toISOString() }));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, text);
    await use(MEMBERS, "members", "readwrite", (members) => members.put({ iv, sealed }, hash));
  }

  async function find(phone) {
    const hash = await hashOf(phone);
    const kept = await use(MEMBERS, "members", "readonly", (members) => members.get(hash));
    if (!kept) return null;
    const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: kept.iv }, await keyOf("read"), kept.sealed);
    return JSON.parse(new TextDecoder().decode(text));
  }

  const forgetMembers = () => void indexedDB.deleteDatabase(MEMBERS);

  window.TuzaTill = { add, remove, waiting, sync, remember, find };
})();
