"""Clients besides the shoppers of ``bench/kill``: some that only read, and one that writes all the time."""

import itertools
import random
import threading
from collections.abc import Callable
from contextlib import suppress

from bench.failover.seen import WatchedLine
from bench.kill.clients import Unanswered, give
from bench.kill.journal import Journal
from bench.kill.killable_shop import COUPON, Stocked

AFTER_ERROR_SECONDS = 0.1
BETWEEN_WRITES_SECONDS = 0.1


class Reader(threading.Thread):
    """Lists, searches, a customer's points and previews, until ``stop``; continues after an error."""

    def __init__(self, number: int, line: WatchedLine, stocked: Stocked, stop: threading.Event) -> None:
        super().__init__(name=f"reader-{number}", daemon=True)
        self._line, self._stocked, self._stopped = line, stocked, stop
        self._chance = random.Random(number)

    def run(self) -> None:
        """Read until stopped."""
        for ask in itertools.cycle(self._questions()):
            if self._stopped.is_set():
                return
            try:
                ask()
            except Unanswered:
                self._stopped.wait(AFTER_ERROR_SECONDS)

    def _questions(self) -> list[Callable[[], object]]:
        line, chance = self._line, self._chance
        clients = len(self._stocked.keys)

        def preview() -> object:
            items = [{"product_id": product, "quantity": 1} for product in self._stocked.products]
            email = f"wallet-{chance.randrange(clients)}-0@example.com"
            body = {"email": email, "items": items, "coupon_code": COUPON}
            return line.ask("POST", "/storefront/loyalty/preview", body)

        return [
            lambda: line.ask("GET", "/customers?limit=20", {}),
            lambda: line.ask("GET", f"/customers?search=wallet-{chance.randrange(clients)}", {}),
            lambda: line.ask("GET", f"/customers/{chance.randint(1, 50)}/loyalty", {}),
            preview,
            lambda: line.ask("GET", "/orders?limit=20", {}),
        ]


class Giver(threading.Thread):
    """Adds a point to one customer ten times a second, each with its own key; never polls ``/readyz``.

    ``settle`` repeats what got no response; it must have been done exactly once.
    """

    def __init__(self, line: WatchedLine, journal: Journal, customer: int, stop: threading.Event) -> None:
        super().__init__(name="giver", daemon=True)
        self._line, self._journal, self._customer, self._stopped = line, journal, customer, stop

    def run(self) -> None:
        """Add points until stopped."""
        for number in itertools.count():
            if self._stopped.wait(BETWEEN_WRITES_SECONDS):
                return
            name = f"point-{number}"
            self._journal.open_gifts[name] = (0, {"customer_id": self._customer, "points": 1, "note": name})
            with suppress(Unanswered):
                give(self._line, self._journal, name)
