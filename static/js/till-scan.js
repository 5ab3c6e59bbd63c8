// The till reads a card or code with the camera, where the browser can. The button is shown there alone.
"use strict";

(() => {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return;
  const EVERY_MS = 150;
  let stream = null;

  const box = () => document.querySelector("[data-scan]");

  function stop() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    const video = box()?.querySelector("video");
    if (video) video.hidden = true;
  }

  async function read(video, detector) {
    while (stream && video.isConnected) {
      const [found] = await detector.detect(video).catch(() => []);
      if (found?.rawValue) return found.rawValue;
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    return "";
  }

  async function scan() {
    if (stream) return stop();
    const video = box().querySelector("video");
    const refused = box().querySelector("[data-refused]");
    refused.hidden = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      refused.hidden = false;
      return;
    }
    video.srcObject = stream;
    video.hidden = false;
    video.play().catch(() => undefined); // without a picture nothing is found
    const text = await read(video, new BarcodeDetector());
    stop();
    const who = document.getElementById("who");
    if (!text || !who) return;
    who.value = text;
    who.form.requestSubmit();
  }

  function prepare() {
    if (!box()) return stop();
    box().hidden = false;
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-scan] button")) scan();
  });
  document.addEventListener("htmx:after:swap", prepare);
  prepare();
})();
