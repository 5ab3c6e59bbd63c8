"""Control Firefox over Marionette, its WebDriver protocol on a local port, without another program."""

import itertools
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

Found = TypeVar("Found")
START_SECONDS, PATIENCE_SECONDS, POLL_SECONDS = 60, 30, 0.1
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key under which WebDriver names an element."""
PREFERENCES = {
    "network.cookie.cookieBehavior": 1,  # no third-party cookies at all
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.healthreport.uploadEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "extensions.update.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "services.settings.server": "http://127.0.0.1:9/",
}


class FirefoxError(Exception):
    """Firefox refused a command."""


class Firefox:
    """A running Firefox with its own profile in ``folder``, as a context manager."""

    def __init__(self, binary: str, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = PREFERENCES | {"marionette.port": port}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in settings.items()]
        (folder / "user.js").write_text("".join(lines))
        self._process = subprocess.Popen(
            [binary, "--marionette", "--headless", "--no-remote", "--profile", str(folder)],
            env=os.environ | {"HOME": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._numbers = itertools.count(1)
        try:
            self._socket = self._connect(port)
            self._receive()  # the greeting
            self.about: dict[str, Any] = self.send("WebDriver:NewSession")["capabilities"]
        except BaseException:
            self.end()
            raise

    def __enter__(self) -> "Firefox":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Stop it and all processes it started."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def _connect(self, port: int) -> socket.socket:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS)
            except OSError:
                time.sleep(POLL_SECONDS)
        raise FirefoxError("Firefox did not start.")

    def _receive(self) -> Any:
        head = b""
        while not head.endswith(b":"):
            head += self._read(1)
        return json.loads(self._read(int(head[:-1])))

    def _read(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            part = self._socket.recv(count - len(got))
            if not part:
                raise FirefoxError("Firefox ended by itself.")
            got += part
        return got

    def send(self, command: str, **arguments: Any) -> Any:
        """Send a command and return its result. Raises Refused."""
        text = json.dumps([0, next(self._numbers), command, arguments]).encode()
        self._socket.sendall(f"{len(text)}:".encode() + text)
        _kind, _number, error, answer = self._receive()
        if error is not None:
            raise FirefoxError(f"{command}: {error['error']}: {error['message']}")
        return answer.get("value", answer) if isinstance(answer, dict) else answer

    def open(self, address: str) -> None:
        """Open an address and wait until it is loaded."""
        self.send("WebDriver:Navigate", url=address)

    def run(self, script: str, *values: Any) -> Any:
        """Run a script with ``arguments`` and return its result."""
        return self.send("WebDriver:ExecuteScript", script=script, args=list(values), sandbox=None)

    def until(self, look: Callable[[], Found], what: str) -> Found:
        """Wait for a true result of ``look`` and return it. Raises Refused with what was awaited."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                found = look()
            except FirefoxError:
                found = None  # type: ignore[assignment]
            if found:
                return found
            if time.monotonic() > end:
                raise FirefoxError(f"waited in vain for {what}")
            time.sleep(POLL_SECONDS)

    def find(self, script: str, what: str) -> str:
        """Return the id of the element that a script returns, once it is visible."""
        seen = f"const it = (() => {{ {script} }})(); return it && it.getClientRects().length ? it : null;"
        return str(self.until(lambda: self.run(seen), what)[ELEMENT])

    def css(self, selector: str) -> str:
        """Return the id of the first element of a selector, once it is visible."""
        return self.find(f"return document.querySelector({json.dumps(selector)});", selector)

    def click(self, element: str) -> None:
        """Click an element."""
        self.send("WebDriver:ElementClick", id=element)

    def type(self, element: str, text: str) -> None:
        """Type into an element."""
        self.send("WebDriver:ElementSendKeys", id=element, text=text)

    def enter_frame(self, element: str | None) -> None:
        """Switch to a frame; None switches back to the page."""
        if element is None:
            self.send("WebDriver:SwitchToFrame")
        else:
            self.send("WebDriver:SwitchToFrame", element=element)
