// Shows one tag's operations with Swagger UI; nothing is fetched from elsewhere.
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

// Open a link to an operation (#/Tag/operation) that does not name the tag's page.
const openLink = () => {
  const tag = location.hash.match(/^#\/([^/]+)/)?.[1];
  if (tag) location.replace(`?tag=${tag}${location.hash}`);
};

document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("api-docs");
  if (!place) return openLink();
  new MutationObserver(() => nameControls(place)).observe(place, { childList: true, subtree: true });
  const ui = window.SwaggerUIBundle({
    url: place.dataset.document,
    domNode: place,
    deepLinking: true,
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    syntaxHighlight: false,
    validatorUrl: null,
    plugins: [plainNames],
    presets: [window.SwaggerUIBundle.presets.apis],
    onComplete: () => {
      const { operation } = place.dataset;
      if (!operation) return;
      // Swagger UI lists the webhooks of all tags under one heading of its own.
      const tag = document.getElementById(`operations-webhooks-${operation}`) ? "webhooks" : place.dataset.tag;
      ui.layoutActions.show(["operations", tag, operation], true);
      document.getElementById(`operations-${tag.replaceAll(" ", "_")}-${operation}`)?.scrollIntoView();
    },
  });
});
