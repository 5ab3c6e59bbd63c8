"""``python -m bench.firefox``: place an order with points in Firefox and compare every page with the admin API.

Starts the demo shop in a temporary folder and the demo storefront on another site (``localhost`` beside
``127.0.0.1``), then controls a headless Firefox: signs in to the points widget and orders with points through the
embedded checkout. Takes about a minute. Needs ``firefox-esr`` or ``firefox`` (``apt-get install firefox-esr``), or its
path in ``FIREFOX``.
"""

import argparse
import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.firefox.marionette import Firefox, FirefoxError
from bench.replay.postbox import Postbox
from examples.storefront.serve import make_storefront

ROOT = Path(__file__).resolve().parents[2]
OURS = re.compile(r"^(DATABASE_|REDIS_URL|SECRET_KEY|TUZA_|MAIL_|OTP_|STOREFRONT_|TRUSTED_|WORKER_|FLASK_|HOST$)")
START_SECONDS = 180
POINTS = 1000
TAB = "\ue004"
"""The key, as WebDriver writes it."""
WIDGET = "const panel = document.querySelector('tuza-points')?.shadowRoot;"
FRAME = (
    "return [...document.querySelectorAll('*')].map((one) => one.shadowRoot?.querySelector('iframe')).find(Boolean);"
)


@contextmanager
def tuza(folder: Path) -> Iterator[str]:
    """Run Tuza with the demo shop and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "up"],
        cwd=ROOT,
        env=kept | {"SHOP_INSTANCE": str(folder), "PORT": str(port), "WORKER_POLL_SECONDS": "0.1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).close()
                break
            except OSError:
                if time.monotonic() > until or process.poll() is not None:
                    raise FirefoxError("Tuza did not start.") from None
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@contextmanager
def storefront(api: str) -> Iterator[str]:
    """Run the demo storefront and yield its address, which is on another site than Tuza's."""
    with make_storefront(0, api) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Admin:
    """The admin API, for comparison with the pages."""

    def __init__(self, api: str, demo: dict[str, Any]) -> None:
        self._api = api
        pair = f"{demo['api_key']['consumer_key']}:{demo['api_key']['consumer_secret']}"
        self._key = base64.b64encode(pair.encode()).decode()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return ``data`` of the response."""
        request = urllib.request.Request(
            f"{self._api}/api/v1{path}",
            json.dumps(body).encode() if body is not None else None,
            {"Authorization": f"Basic {self._key}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["data"]

    def points(self, customer: int) -> int:
        """Return a customer's balance."""
        return int(self.call("GET", f"/customers/{customer}/loyalty")["points_balance"])


def must(fact: bool, what: str) -> None:
    """Print a condition that holds. Raises Refused if it does not."""
    if not fact:
        raise FirefoxError(f"not so: {what}")
    print(f"  ok  {what}", flush=True)


def see_points(firefox: Firefox, post: Postbox, admin: Admin, customer: dict[str, Any]) -> None:
    """Sign in to the widget with a code and compare its figures."""

    def part(selector: str) -> str:
        return firefox.find(
            f"{WIDGET} return panel?.querySelector({json.dumps(selector)});", f"{selector} in the widget"
        )

    def text() -> str:
        return str(firefox.run(f"{WIDGET} return panel.querySelector('.body').innerText"))

    firefox.click(part(".launcher"))
    firefox.until(lambda: "480 points once it is paid" in text(), "what the basket earns")
    firefox.type(part("#who"), customer["email"])
    firefox.click(part("form .main"))
    firefox.type(part("#code"), post.code_for(customer["email"]))
    firefox.click(part("form .main"))
    firefox.until(lambda: "worth KES" in text() and "ORD-" in text(), "balance and history")
    balance = admin.points(customer["id"])
    must(
        f"{balance:,} points" in text().replace("\n", " "),
        f"the widget shows {balance:,} points, as the ledger has them",
    )
    must("May use up to" in text(), "the widget says how many the basket may use")
    firefox.click(part(".close"))


def order(firefox: Firefox, post: Postbox, admin: Admin, customer: dict[str, Any]) -> None:
    """Order with points through the embedded checkout and compare the result."""
    before = admin.points(customer["id"])
    firefox.click(firefox.css("#open-basket"))
    firefox.click(firefox.css("#checkout"))
    firefox.enter_frame(firefox.find(FRAME, "the checkout's frame"))
    firefox.type(firefox.css("#email"), customer["email"] + TAB)
    firefox.click(firefox.css("[data-do=ask-code]"))
    firefox.type(firefox.css("#code"), post.code_for(customer["email"]))
    firefox.click(firefox.css("[data-do=unlock]"))
    firefox.css("#points-part .done")
    must(firefox.run("document.cookie = 'probe=1'; return document.cookie") == "", "the frame can keep no cookie")
    firefox.run(
        "const points = document.querySelector('#points'); points.value = arguments[0];"
        "for (const name of ['input', 'change']) points.dispatchEvent(new Event(name, {bubbles: true}));",
        str(POINTS),
    )
    for name, value in (
        ("name", "Wanjiku"),
        ("phone", customer["phone"]),
        ("street", "Ngong Road 1"),
        ("city", "Nairobi"),
    ):
        firefox.type(firefox.css(f"#{name}"), value)
    firefox.click(firefox.css("#payment-cod"))
    firefox.until(
        lambda: (
            "on delivery" in firefox.run("return document.querySelector('#pay').textContent")
            and f"{POINTS:,} points" in firefox.run("return document.querySelector('#due').textContent")
        ),
        "the sum to pay",
    )
    firefox.click(firefox.css("#pay"))
    firefox.css("#thanks")
    told = json.loads(firefox.run("return document.querySelector('[data-order]').dataset.order"))
    firefox.click(firefox.css("[data-do=close]"))
    firefox.enter_frame(None)
    firefox.until(
        lambda: told["order_number"] in firefox.run("return document.querySelector('#thanks').textContent"),
        "the page's own thanks",
    )
    made = admin.call("GET", f"/orders/{told['id']}")["order"]
    must(made["order_number"] == told["order_number"], f"order {told['order_number']} is there, {made['total']} to pay")
    must(admin.points(customer["id"]) == before - POINTS, f"{POINTS:,} of {before:,} points are spent")
    admin.call("PATCH", f"/orders/{told['id']}/payment-status", {"payment_status": "paid"})
    must(admin.points(customer["id"]) == before - POINTS + 480, "the 480 points it earns came once it was paid")


def trial(binary: str, folder: Path, screens: Path | None) -> None:
    """Run the whole test."""
    instance, profile = folder / "instance", folder / "profile"
    profile.mkdir()
    with tuza(instance) as api, storefront(api) as store:
        demo = json.loads((instance / "demo.json").read_text())
        admin, post = Admin(api, demo), Postbox(instance / "mail", threading.Event())
        admin.call("PUT", "/settings/shop/allowed_origins", {"value": store})
        with Firefox(binary, profile) as firefox:
            print(f"Firefox {firefox.about['browserVersion']}, the store at {store}, Tuza at {api}", flush=True)
            firefox.open(f"{store}/")
            rice = firefox.css("[aria-label^='Add Pishori']")
            firefox.click(rice)
            firefox.click(rice)
            see_points(firefox, post, admin, demo["customers"][0])
            picture(firefox, screens, "widget")
            order(firefox, post, admin, demo["customers"][1])
            picture(firefox, screens, "ordered")
            must(firefox.send("WebDriver:GetCookies") == [], "no cookie was set")


def picture(firefox: Firefox, folder: Path | None, name: str) -> None:
    """Save a screenshot as ``firefox-NAME.png`` in a folder."""
    if folder is not None:
        image = firefox.send("WebDriver:TakeScreenshot", full=False)
        (folder / f"firefox-{name}.png").write_bytes(base64.b64decode(image))


def main() -> int:
    """Return 0 for success, 1 for a difference, 2 without Firefox."""
    parser = argparse.ArgumentParser(description="A whole order with points in Firefox.")
    parser.add_argument("--screens", type=Path, help="a folder for pictures")
    asked = parser.parse_args()
    binary = os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
    if binary is None:
        print(
            "There is no Firefox here: apt-get install firefox-esr, or say where it is with FIREFOX=…", file=sys.stderr
        )
        return 2
    with tempfile.TemporaryDirectory(prefix="tuza-firefox-") as folder:
        try:
            trial(binary, Path(folder), asked.screens)
        except FirefoxError as wrong:
            print(wrong, file=sys.stderr)
            return 1
    print("All of it is as it should be.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
