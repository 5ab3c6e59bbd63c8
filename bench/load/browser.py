"""A client that sends one request after another on one connection, as a program or a signed-in staff member."""

import http.client
import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from bench.load.drive import ServerProcess
from bench.load.fill import PASSWORD, STAFF

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#customers"}
CHUNK = 1 << 18


class Browser:
    """One connection that stays open, with the cookies it was given."""

    def __init__(self, server: ServerProcess) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        self._cookies: dict[str, str] = {}

    def ask(
        self, path: str, method: str = "GET", body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> http.client.HTTPResponse:
        """Send a request; the response must be read before the next. SystemExit for an error."""
        kept = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        self._connection.request(method, path, body, (kept if self._cookies else {}) | dict(headers or {}))
        answer = self._connection.getresponse()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path} answered {answer.status}: {answer.read()[:500]!r}")
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _equals, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer

    def time(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[float, bytes]:
        """Return the milliseconds from the request to the last byte of the response, and the response."""
        began = time.perf_counter()
        found = self.ask(path, headers=headers).read()
        return (time.perf_counter() - began) * 1000, found

    def json(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[float, Any]:
        """Return the same for JSON."""
        took, found = self.time(path, headers)
        return took, json.loads(found)

    def sign_in(self) -> None:
        """Sign in as the shop's owner."""
        page = self.ask("/staff/sign-in").read().decode()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        form = {"email": STAFF, "password": PASSWORD, "csrf_token": token[1] if token else ""}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self.ask("/staff/sign-in", "POST", urlencode(form), kind).read()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@contextmanager
def browsing(server: ServerProcess) -> Iterator[Browser]:
    """Yield a client for the block."""
    browser = Browser(server)
    try:
        yield browser
    finally:
        browser.close()


def count_lines(answer: http.client.HTTPResponse) -> int:
    """Return how many lines a response has, without keeping it."""
    lines = 0
    while chunk := answer.read(CHUNK):
        lines += chunk.count(b"\n")
    return lines
