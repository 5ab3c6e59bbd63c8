"""Confirmed writes that are missing in the new primary's tables."""

from collections import Counter
from dataclasses import dataclass

from bench.failover.seen import Seen
from bench.kill.check import Tables
from bench.kill.journal import Journal


@dataclass(frozen=True)
class Lost:
    """Confirmed records that are missing, by kind."""

    orders: list[str]
    payments: set[int]
    cancellations: set[int]
    gifts: list[str]
    customers: list[int]

    @property
    def count(self) -> int:
        """Return the total."""
        return len(self.orders) + len(self.payments) + len(self.cancellations) + len(self.gifts) + len(self.customers)

    def __str__(self) -> str:
        parts = (
            (len(self.orders), "orders"),
            (len(self.payments), "payments"),
            (len(self.cancellations), "cancellations"),
            (len(self.gifts), "gifts of points"),
            (len(self.customers), "customers"),
        )
        return ", ".join(f"{count} {words}" for count, words in parts if count) or "none"


def find_lost(journal: Journal, seen: Seen) -> Lost:
    """Compare what clients received with the tables. Needs an application context."""
    tables = Tables()
    orders = {order["id"]: order for order in tables["orders"]}
    numbers = {order["order_number"] for order in tables["orders"]}
    entries = {note["text"] for note in tables["loyalty_entry_notes"]}
    emails = {(customer["id"], customer["email"]) for customer in tables["customers"]}
    gone = {key: asked.order for key, asked in journal.orders.items() if asked.order}
    gone = {key: order for key, order in gone.items() if order["order_number"] not in numbers}
    dead = {order["id"] for order in gone.values()}
    paid = {id for id, order in orders.items() if order["paid_at"] is not None}
    cancelled = {id for id, order in orders.items() if order["status"] == "cancelled"}
    return Lost(
        sorted(gone),
        journal.paid - paid - dead,
        journal.cancelled - cancelled - dead,
        [name for name in journal.given if name not in entries],
        [id for id, email in seen.made.items() if (id, email) not in emails],
    )


def forget(lost: Lost, journal: Journal) -> None:
    """Remove lost records from the journal, so that the rest can be settled and compared."""
    dead = {(journal.orders.pop(key).order or {})["id"] for key in lost.orders}
    journal.paid -= lost.payments | dead
    journal.cancelled -= lost.cancellations | dead
    journal.open_steps -= {(step, id) for step, id in journal.open_steps if id in dead}
    for name in lost.gifts:
        del journal.given[name]


def count_doubles() -> int:
    """Return the keys with more than one order or adjustment. Needs an application context."""
    tables = Tables()
    keys = Counter(note["content"] for note in tables["order_notes"])
    gifts = Counter(note["text"] for note in tables["loyalty_entry_notes"])
    return sum(count > 1 for count in (*keys.values(), *gifts.values()))
