"""Customers and orders for the load tests, realistic where it matters for a database.

Few customers order much and many little, names are common, e-mails have few domains, a third has no points. The ledgers
verify: imported points, and for most what the newest order earned.
"""

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bench.load.bulk import Bulk, Row
from bench.people import NEW_YEAR, person
from shop.domain.money import format_money

AT_ONCE = 10_000
MOST_ORDERS = 12
FEW = 50
FIRST = 20_000
RICH = 5_000
"""Balance of a customer who can redeem throughout the load."""
STREETS = ("Moi Avenue", "Kenyatta Avenue", "Ngong Road", "Biashara Street", "Westlands Road", "Oginga Odinga Street")
TOWNS = ("Nairobi", "Mombasa", "Kisumu", "Nakuru", "Eldoret", "Thika")
PERSON = ("email", "first_name", "last_name", "phone", "search_text")
NOTHING = (
    "shipping_cents, tax_cents, discount_cents, coupon_discount_cents, points_discount_cents, refunded_cents, "
    "refunded_goods_cents, points_redeemed, points_returned, points_taken_back"
)
COLUMNS = {
    "customers": f"id, shop_id, {', '.join(PERSON)}, total_orders, total_spent_cents, last_order_at, created_at, "
    "updated_at, points_balance",
    "addresses": "id, shop_id, customer_id, type, address1, address2, city, state, zip, country, created_at",
    "orders": "id, order_number, customer_id, status, payment_status, subtotal_cents, total_cents, points_earned, "
    "order_date, paid_at, completed_at, created_at, updated_at, shop_id, payment_method, payment_method_code, "
    f"currency, coupon_returned, stock_returned, source, loyalty_rules, {NOTHING}",
    "order_transactions": "id, shop_id, order_id, kind, amount_cents, method, reference, status, created_at",
    "order_items": "id, shop_id, order_id, product_id, name, sku, quantity, price_cents, took_stock, refunded_quantity",
    "loyalty_accounts": "id, shop_id, customer_id, points_balance, lifetime_earned, entries_count, created_at, "
    "updated_at",
    "loyalty_entries": "id, shop_id, account_id, seq, kind, points, balance_after, idempotency_key, order_id, "
    "system_note, actor_kind, actor_label, meta, created_at",
    "loyalty_registrations": "id, shop_id, customer_id, full_name, phone, status, created_at, updated_at",
}


def stamp(moment: datetime | None) -> str | None:
    """Return a time in UTC as both engines accept it."""
    return None if moment is None else moment.replace(tzinfo=None).isoformat(" ", "microseconds")


@dataclass
class Crowd:
    """Creates the rows with ascending ids. ``many`` is the number of entries of the second account."""

    shop_id: int
    products: Sequence[int]
    rules: dict[str, Any]
    many: int
    chance: Random
    rich: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=FIRST))
    """The newest 20,000 customers with points to redeem, by id and e-mail."""
    first: list[tuple[int, str]] = field(default_factory=list)
    """The first 20,000 customers, by id and e-mail."""
    wanted: frozenset[int] = frozenset()
    """Ids of customers to keep in ``sample``."""
    sample: list[dict[str, Any]] = field(default_factory=list)
    accounts: list[int] = field(default_factory=list)
    """Customers of the first two accounts: with 50 entries, and with ``many``."""

    def __post_init__(self) -> None:
        counted = (
            "addresses",
            "orders",
            "order_transactions",
            "order_items",
            "loyalty_accounts",
            "loyalty_entries",
            "loyalty_registrations",
        )
        self._rows: dict[str, list[Row]] = {name: [] for name in ("customers", *counted)}
        self._last = dict.fromkeys(counted, 0)
        self._paid = (self.shop_id, "M-Pesa", "mpesa", "KES", False, False, "storefront", json.dumps(self.rules))
        self._nothing = (0,) * len(NOTHING.split())

    def come(self, bulk: Bulk, first: int, last: int) -> None:
        """Add customers from one number to another, with their orders and points."""
        for number in range(first, last):
            one = person(self.chance, number, self.shop_id)
            self._customer(number + 1, one)
        self._send(bulk)

    def wait_for_payment(self, bulk: Bulk, count: int, customers: Sequence[int], now: datetime) -> list[int]:
        """Add unpaid orders and return their ids."""
        day = now - timedelta(hours=1)
        made = [
            self.order(customers[n % len(customers)], 20_000 + n % 480_000, day, 2, paid=False) for n in range(count)
        ]
        self._send(bulk)
        return made

    def _send(self, bulk: Bulk) -> None:
        for table, columns in COLUMNS.items():
            bulk.add(table, columns, self._rows[table])
            self._rows[table] = []

    def _add(self, table: str, *values: Any) -> int:
        """Keep a row for later and return its id."""
        self._last[table] = number = self._last[table] + 1
        self._rows[table].append((number, *values))
        return number

    def _customer(self, number: int, one: dict[str, Any]) -> None:
        chance, made = self.chance, one["created_at"]
        newest = self._orders(number, one["total_orders"], made)
        points = self._points(number, one, newest) if chance.random() < 2 / 3 else 0
        last_order, since = stamp(newest[1] if newest else None), stamp(made)
        figures = one["total_orders"], one["total_spent_cents"], last_order, since, since, points
        texts = [one[name] for name in PERSON]
        self._rows["customers"].append((number, self.shop_id, *texts, *figures))
        for kind in ("shipping", "billing") if chance.random() < 0.3 else ("shipping",):
            street, town = chance.choice(STREETS), chance.choice(TOWNS)
            self._add("addresses", self.shop_id, number, kind, street, "", town, "", "00100", "Kenya", since)
        if chance.random() < 1 / 10:
            name = f"{one['first_name']} {one['last_name']}".strip() or one["email"]
            status = chance.choice(("approved", "approved", "pending"))
            self._add("loyalty_registrations", self.shop_id, number, name, one["phone"], status, since, since)
        if number <= FIRST:
            self.first.append((number, one["email"]))
        if points >= RICH:
            self.rich.append((number, one["email"]))
        if number in self.wanted:
            self.sample.append(one)

    def _orders(self, number: int, orders: int, made: datetime) -> tuple[int, datetime, int] | None:
        """Add a customer's paid orders, oldest first; return id, day and total of the newest."""
        chance, newest = self.chance, None
        span = NEW_YEAR - made
        for share in sorted(chance.random() for _ in range(min(orders, MOST_ORDERS))):
            worth, day = 20_000 + int(chance.random() * 480_000), made + span * share
            newest = self.order(number, worth, day, 1 + int(chance.random() * 2), paid=True), day, worth
        return newest

    def order(self, customer: int, worth: int, day: datetime, lines: int, *, paid: bool) -> int:
        """Add an order with some lines and return its id."""
        at = stamp(day)
        state = ("completed", "paid") if paid else ("pending", "pending")
        times = (at, at, at) if paid else (at, None, None)
        name = f"ORD-B-{self._last['orders'] + 1:09d}"
        points = worth // 100 if paid else 0
        order = self._add(
            "orders", name, customer, *state, worth, worth, points, *times, at, at, *self._paid, *self._nothing
        )
        for part in range(lines):
            price = worth // lines + (worth % lines if part == 0 else 0)
            product = self.products[(order + part) % len(self.products)]
            self._add("order_items", self.shop_id, order, product, f"Bidhaa {product}", "", 1, price, False, 0)
        if paid:
            self._add(
                "order_transactions", self.shop_id, order, "payment", worth, "M-Pesa", f"S{order:09d}", "completed", at
            )
        return order

    def _points(self, customer: int, one: dict[str, Any], newest: tuple[int, datetime, int] | None) -> int:
        """Add an account with its entries and return its balance."""
        made = one["created_at"]
        account = self._last["loyalty_accounts"] + 1
        balance = 1 + one["total_spent_cents"] // 100
        number, earned = 1, 0
        self._entry(account, 1, "manual", balance, balance, None, "Imported balance", made)
        if account <= 2:
            self.accounts.append(customer)
            number = FEW if account == 1 else self.many
            for seq in range(2, number + 1):
                balance += 1
                day = made + timedelta(seconds=seq)
                self._entry(account, seq, "manual", 1, balance, None, "Counted", day)
        elif newest is not None:
            order, day, worth = newest
            number, earned = 2, worth // 100
            balance += earned
            self._entry(account, 2, "order_earned", earned, balance, order, _why(worth), day)
        self._add("loyalty_accounts", self.shop_id, customer, balance, earned, number, stamp(made), stamp(NEW_YEAR))
        return balance

    def _entry(
        self, account: int, seq: int, kind: str, points: int, balance: int, order: int | None, why: str,
        day: datetime,
    ) -> None:  # fmt: skip
        key = f"bench:{account:08d}:{seq}" if order is None else f"earn:order:{order}"
        note, meta = (why, "{}") if order is None else (f"Earned on order ORD-B-{order:09d}", why)
        self._add(
            "loyalty_entries", self.shop_id, account, seq, kind, points, balance, key, order, note, "system", "Tuza",
            meta, stamp(day),
        )  # fmt: skip


def _why(worth: int) -> str:
    """The ``meta`` of points that an order of this many cents earned, as JSON."""
    return (
        '{"rule": "subtotal \u00d7 points_per_currency_unit", '
        f'"subtotal": "{format_money(worth)}", "points_per_currency_unit": "1", "rounding": "down", '
        '"trigger": "payment_paid"}'
    )
