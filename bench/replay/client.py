"""A client with a persistent connection and a key, which waits when asked to and counts its requests."""

import base64
import json
import threading
import time
from collections import Counter
from decimal import Decimal
from http.client import HTTPConnection, HTTPException
from typing import Any

TRIES = 6
TIMEOUT_SECONDS = 60


class UnexpectedResponse(RuntimeError):
    """An unexpected response; the message has request, status and text."""


class Stopped(RuntimeError):
    """The run was stopped."""


class ReplayClient:
    """A client of the shop at a port of this machine. For one thread at a time."""

    def __init__(self, port: int, key: str, secret: str, stop: threading.Event) -> None:
        self.requests = 0
        self.waits = 0
        self.reconnects = 0
        self.seconds: dict[str, list[float]] = {}
        self._authorization = "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()
        self._stop = stop
        self._connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)

    def call(
        self, kind: str, method: str, path: str, body: Any = None, *, expect: int = 200, once: str | None = None
    ) -> Any:
        """Return ``data`` of a response. Raises Refused if its status is not ``expect``.

        ``once`` is an Idempotency-Key. After a broken connection the request is sent again if it reads, sets a state or
        has such a key; other requests use a new connection, and a break is an error. ``kind`` is the label of its time.
        """
        again = once is not None or method in {"GET", "PUT", "PATCH"}
        headers = {"Authorization": self._authorization, "Content-Type": "application/json"}
        if once is not None:
            headers["Idempotency-Key"] = once
        sent = None if body is None else json.dumps(body).encode()
        if not again:
            self._connection.close()
        for attempt in range(TRIES):
            if self._stop.is_set():
                raise Stopped
            began = time.perf_counter()
            try:
                status, wait, text = self._exchange(method, path, sent, headers)
            except (OSError, HTTPException) as broken:
                self._connection.close()
                if not again or attempt == TRIES - 1:
                    raise UnexpectedResponse(f"{method} {path}: {type(broken).__name__} {broken}") from None
                self.reconnects += 1
                continue
            if wait is not None and status in {409, 429, 503}:
                self.waits += 1
                self._stop.wait(wait)
                continue
            self.seconds.setdefault(kind, []).append(time.perf_counter() - began)
            return _data(f"{method} {path}", status, expect, text)
        raise UnexpectedResponse(f"{method} {path}: was told to wait {TRIES} times.")

    def _exchange(
        self, method: str, path: str, sent: bytes | None, headers: dict[str, str]
    ) -> tuple[int, float | None, bytes]:
        """Return status, seconds of Retry-After, and body of one exchange."""
        self._connection.request(method, f"/api/v1{path}", sent, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        self.requests += 1
        wait = answer.getheader("Retry-After")
        return answer.status, float(wait) if wait and wait.isdigit() else None, text

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _data(asked: str, status: int, expect: int, text: bytes) -> Any:
    try:
        answer = json.loads(text, parse_float=Decimal)
    except ValueError:
        raise UnexpectedResponse(f"{asked}: {status}, and no JSON: {text[:200]!r}") from None
    if status != expect:
        raise UnexpectedResponse(f"{asked}: {status} {answer.get('message')} {answer.get('errors') or ''}")
    return answer.get("data")


def share(parts: list[float], of_hundred: int) -> float:
    """Return a percentile in milliseconds; 0 for none."""
    ordered = sorted(parts)
    return ordered[min(len(ordered) - 1, len(ordered) * of_hundred // 100)] * 1000 if ordered else 0.0


def counted(clients: list[ReplayClient]) -> Counter[str]:
    """Return the requests, waits and reconnects of all clients."""
    total: Counter[str] = Counter()
    for client in clients:
        total.update(requests=client.requests, waits=client.waits, reconnects=client.reconnects)
    return total
