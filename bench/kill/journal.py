"""The clients' requests, their responses, and the requests without a response."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class SentOrder:
    """An order request with its key and body, and the order of the response once there is one."""

    key: str
    body: dict[str, Any]
    order: dict[str, Any] | None = None


@dataclass
class Journal:
    """The records of all clients. Thread-safe because each key and order has one writer.

    ``paid`` and ``cancelled`` are orders whose 200 was received, ``open`` those without a response.
    """

    orders: dict[str, SentOrder] = field(default_factory=dict)
    given: dict[str, int] = field(default_factory=dict)
    """Points given by hand, by their key: the entry of the answer."""
    open_gifts: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    """Those not answered yet: which client asks, and how. A key is one only for the program that used it."""
    paid: set[int] = field(default_factory=set)
    cancelled: set[int] = field(default_factory=set)
    open_steps: set[tuple[str, int]] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str) -> None:
        """Increment a counter."""
        with self._guard:
            self.counts[what] += 1

    def note_odd(self, words: str) -> None:
        """Record a response that should never occur."""
        with self._guard:
            self.odd.append(words)

    @property
    def answered(self) -> int:
        """Return the orders whose 201 was received."""
        return sum(1 for asked in self.orders.values() if asked.order is not None)
