"""Pictures of every page, light and dark, on a desk and on a phone: ``python scripts/screens.py`` fills docs/screens/.

Starts a Tuza of its own with the demo shop in a temporary folder, and stops it again. Needs the test extra and a
Chromium.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screens"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOOKS = (("desktop-light", 1280, 900, "light"), ("desktop-dark", 1280, 900, "dark"), ("phone-light", 390, 844, "light"))
PAGES = {
    "overview": "/staff/",
    "orders": "/staff/orders",
    "customers": "/staff/customers",
    "customer": "/staff/customers/1",
    "ledger": "/staff/ledger",
    "loyalty-rules": "/staff/settings/loyalty",
    "store": "/staff/settings/store",
    "staff": "/staff/settings/staff",
    "api-keys": "/staff/settings/keys",
    "audit-log": "/staff/settings/audit",
    "account": "/staff/account",
    "api": "/api/docs",
}
START_SECONDS = 120


def main() -> None:
    """Start, take the pictures, stop."""
    instance = Path(tempfile.mkdtemp(prefix="tuza-screens-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {**os.environ, "SHOP_INSTANCE": str(instance), "PORT": str(port)}
    server = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "up"], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL
    )
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(base + "/readyz")
        with sync_playwright() as playwright:
            path = shutil.which("chromium") or None
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            take_all(browser, base, json.loads((instance / "demo.json").read_text())["staff"])
            browser.close()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        shutil.rmtree(instance)


def wait_for(address: str) -> None:
    """Until the server answers; RuntimeError when it does not."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    raise RuntimeError("the server did not start")


def take_all(browser: Browser, base: str, staff: dict[str, str]) -> None:
    """Every page in every look."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for look, width, height, scheme in LOOKS:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
        )
        page = context.new_page()
        page.goto(base + "/staff/sign-in")
        take(page, f"sign-in-{look}")
        page.fill("#email", staff["email"])
        page.fill("#password", staff["password"])
        page.click("button[type=submit]")
        page.wait_for_url(base + "/staff/")
        for name, path in PAGES.items():
            page.goto(base + path)
            take(page, f"{name}-{look}")
        page.goto(base + "/staff/orders")
        first = re.search(r'href="(/staff/orders/\d+)"', page.content())
        if first:
            page.goto(base + first[1])
            take(page, f"order-{look}")
        context.close()


def take(page: Page, name: str) -> None:
    """One picture of what a screen shows, as a JPEG of moderate quality."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.jpg", type="jpeg", quality=60)


if __name__ == "__main__":
    main()
