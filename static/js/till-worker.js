// The service worker of the till alone: without network the till's addresses show the page that keeps sales.
"use strict";

const CACHE = "tuza-till";
const SHELL = "/staff/till/offline";

async function keepShell() {
  const page = await fetch(SHELL, { redirect: "error" });
  if (!page.ok) throw new Error(`the page for working offline answered ${page.status}`);
  const files = new Set((await page.clone().text()).match(/\/static\/[^"#\s]+/g));
  const cache = await caches.open(CACHE);
  await cache.addAll([...files]);
  await cache.put(SHELL, page);
  for (const request of await cache.keys()) {
    const { pathname, search } = new URL(request.url);
    if (pathname !== SHELL && !files.has(pathname + search)) await cache.delete(request); // of an older version
  }
}

self.addEventListener("install", (event) => event.waitUntil(keepShell().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  if (event.data === "refresh") event.waitUntil(keepShell().catch(() => undefined));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async () => (await caches.match(SHELL)) ?? Response.error()));
  } else if (pathname.startsWith("/static/")) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) ?? Response.error()));
  }
});
