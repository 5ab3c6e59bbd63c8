"""A Tuza with the demo shop in a temporary folder, for other scripts: started, stopped and deleted."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Playwright

ROOT = Path(__file__).resolve().parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 600  # on a busy machine the demo shop takes longer


@contextmanager
def running_demo() -> Iterator[tuple[str, dict[str, Any], Path]]:
    """Yield the URL of a demo shop, the contents of its demo.json, and its folder."""
    instance = Path(tempfile.mkdtemp(prefix="tuza-demo-"))
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
        yield base, json.loads((instance / "demo.json").read_text()), instance
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        shutil.rmtree(instance)


def wait_for(address: str) -> None:
    """Wait until the server answers. Raise RuntimeError on timeout."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    raise RuntimeError("the server did not start")


def chromium() -> str | None:
    """Return the system's Chromium; None if Playwright has its own."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def launch(playwright: Playwright) -> Browser:
    """Return a headless browser."""
    return playwright.chromium.launch(executable_path=chromium(), args=FLAGS)


def sign_in(context: BrowserContext, base: str, staff: dict[str, str]) -> None:
    """Sign the owner in by the form."""
    page = context.new_page()
    page.goto(base + "/staff/sign-in")
    page.fill("#email", staff["email"])
    page.fill("#password", staff["password"])
    page.click("button[type=submit]")
    page.wait_for_url(base + "/staff/")
    page.close()
