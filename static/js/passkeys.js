// Passkeys on the sign-in and account pages and at the till. Without scripts or passkeys the other methods still work.
"use strict";

(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
  const toText = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  const withBytes = (list) => (list || []).map((item) => ({ ...item, id: toBytes(item.id) }));

  async function fetchOptions(url, csrf) {
    const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": csrf, Accept: "application/json" } });
    if (!answer.ok || !(answer.headers.get("Content-Type") || "").startsWith("application/json")) throw new Error("refused");
    return answer.json();
  }

  async function assert(box) {
    const options = await fetchOptions(box.dataset.passkeyGet, box.dataset.csrf);
    const publicKey = { ...options, challenge: toBytes(options.challenge), allowCredentials: withBytes(options.allowCredentials) };
    const credential = await navigator.credentials.get({ publicKey });
    const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
    const body = {
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      response: {
        authenticatorData: toText(authenticatorData),
        clientDataJSON: toText(clientDataJSON),
        signature: toText(signature),
        userHandle: userHandle ? toText(userHandle) : null,
      },
    };
    if (box.dataset.passkeyForm) {
      const form = document.getElementById(box.dataset.passkeyForm);
      form.elements[box.dataset.passkeyField].value = JSON.stringify(body);
      form.requestSubmit();
      return;
    }
    const headers = { "Content-Type": "application/json", "X-CSRFToken": box.dataset.csrf };
    const answer = await fetch(box.dataset.passkeySend, { method: "POST", headers, body: JSON.stringify(body) });
    const said = await answer.json();
    if (answer.ok) window.location.assign(said.location);
    else show(box, said.message);
  }

  async function create(form) {
    const options = await fetchOptions(form.dataset.passkeyCreate, form.elements.csrf_token.value);
    const publicKey = {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    };
    const credential = await navigator.credentials.create({ publicKey });
    form.elements.credential.value = JSON.stringify({
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      response: {
        attestationObject: toText(credential.response.attestationObject),
        clientDataJSON: toText(credential.response.clientDataJSON),
      },
    });
    form.submit();
  }

  function show(box, message) {
    box.querySelector("[role=alert]").textContent = message;
  }

  // Pages are swapped in by htmx too, so listen on the document.
  document.addEventListener("click", (event) => {
    const box = event.target.closest("button")?.closest("[data-passkey-get]");
    if (!box) return;
    show(box, "");
    assert(box).catch(() => show(box, box.dataset.failed));
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-passkey-create]");
    if (!form) return;
    event.preventDefault();
    show(form, "");
    create(form).catch(() => show(form, form.dataset.failed));
  });

  function reveal() {
    for (const part of document.querySelectorAll("[data-passkey-get], [data-passkey-create]")) part.hidden = false;
  }
  reveal();
  document.addEventListener("htmx:after:swap", reveal);
})();
