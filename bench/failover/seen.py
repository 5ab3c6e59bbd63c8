"""The clients' requests, and for how long none succeeded."""

import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bench.kill.clients import ShopConnection, Unanswered
from bench.kill.journal import Journal

ANSWERED, HELD = "answered", "409"
NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True)
class Sample:
    """A request: ``read`` or ``write``, its start and end, and its result."""

    kind: str
    began: float
    ended: float
    how: str
    """:data:`ANSWERED`, a status, or :data:`NO_ANSWER`."""

    @property
    def failed(self) -> bool:
        """Return whether it failed; 409 because the first attempt still holds the key is no failure."""
        return self.how not in (ANSWERED, HELD)


@dataclass
class Seen:
    """The samples of all clients."""

    samples: list[Sample] = field(default_factory=list)
    made: dict[int, str] = field(default_factory=dict)
    """Customers whose 201 was read, by id: their e-mail."""
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, began: float, how: str) -> None:
        """Add a request that has just ended."""
        with self._guard:
            self.samples.append(Sample(kind, began, time.monotonic(), how))

    def between(self, kind: str, since: float, until: float) -> list[Sample]:
        """Return the requests of a kind that ended in a period, in order."""
        found = (one for one in self.samples if one.kind == kind and since <= one.ended < until)
        return sorted(found, key=lambda one: one.ended)

    def endings(self) -> Counter[str]:
        """Return how the requests ended."""
        return Counter(one.how for one in self.samples)


def outage(samples: Iterable[Sample]) -> float:
    """Return the seconds from the first error to the first success that no error follows; 0 without any.

    The first error counts from the start of its request: its client has waited since.
    """
    began = ended = None
    for one in samples:
        if one.failed:
            began = one.began if began is None else min(began, one.began)
            ended = None
        elif began is not None and ended is None and one.how == ANSWERED:
            ended = one.ended
    if began is None:
        return 0.0
    return float("inf") if ended is None else ended - began


class WatchedLine(ShopConnection):
    """A connection that records its requests. For one thread."""

    def __init__(self, port: int, key: tuple[str, str], journal: Journal, seen: Seen) -> None:
        super().__init__(port, key, journal)
        self._seen = seen
        self._how = NO_ANSWER

    def ask(
        self, method: str, path: str, body: dict[str, Any], *, key: str | None = None, fine: tuple[int, ...] = (200,)
    ) -> tuple[int, dict[str, Any]]:
        """Send and record a request; adding a customer also has a key."""
        kind = "read" if method == "GET" or path.endswith("/preview") else "write"
        if path == "/customers" and kind == "write":
            key = f"customer-{body['email']}"
        began, self._how = time.monotonic(), NO_ANSWER
        try:
            status, said = super().ask(method, path, body, key=key, fine=fine)
        except Unanswered:
            self._seen.note(kind, began, self._how)
            raise
        self._seen.note(kind, began, ANSWERED)
        if path == "/customers" and kind == "write":
            self._seen.made[said["data"]["customer"]["id"]] = body["email"]
        return status, said

    def _exchange(self, method: str, path: str, sent: bytes, headers: dict[str, str]) -> tuple[int, str | None, bytes]:
        status, wait, raw = super()._exchange(method, path, sent if method != "GET" else b"", headers)
        self._how = str(status)
        return status, wait, raw
