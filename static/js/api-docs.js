// Shows the API description with Swagger UI; nothing is fetched from elsewhere.
"use strict";

// A path or a tag is written inside the button that opens it: as plain text, since a link cannot live in a button.
const plainNames = () => ({
  wrapComponents: {
    DeepLink: (_link, system) => ({ text }) => system.React.createElement("span", null, text),
  },
});

// The window that asks for a key: its cross has no name, and its buttons others than they show.
const nameButtons = (place) => {
  place.querySelector(".close-modal")?.setAttribute("aria-label", "Close");
  place.querySelectorAll(".modal-btn.authorize").forEach((button) => button.removeAttribute("aria-label"));
};

document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("api-docs");
  new MutationObserver(() => nameButtons(place)).observe(place, { childList: true, subtree: true });
  window.SwaggerUIBundle({
    url: place.dataset.document,
    domNode: place,
    deepLinking: true,
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    syntaxHighlight: false,
    validatorUrl: null,
    plugins: [plainNames],
    presets: [window.SwaggerUIBundle.presets.apis],
  });
});
