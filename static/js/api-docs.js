// Shows the API description with Swagger UI; nothing is fetched from elsewhere.
"use strict";

// Show the path or tag inside its button as plain text: a button must not contain a link.
const plainNames = () => ({
  wrapComponents: {
    DeepLink: (_link, system) => ({ text }) => system.React.createElement("span", null, text),
  },
});

// Name what has no name: the list of servers and, in the dialog for a key, the close button and those with a text.
const nameControls = (place) => {
  place.querySelector("#servers")?.setAttribute("aria-label", "Server");
  place.querySelector(".close-modal")?.setAttribute("aria-label", "Close");
  place.querySelectorAll(".modal-btn.authorize").forEach((button) => button.removeAttribute("aria-label"));
};

document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("api-docs");
  new MutationObserver(() => nameControls(place)).observe(place, { childList: true, subtree: true });
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
