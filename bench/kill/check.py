"""Compare the tables with each other and with what the clients received.

Uses none of the shop's services, except for decrypting stored responses.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select

from bench.kill.journal import Journal
from bench.kill.killable_shop import Stocked
from shop.db.session import db
from shop.models import Base
from shop.services.idempotency import decrypt_body

Row = dict[str, Any]


class Tables:
    """All rows of the tables, read in one go."""

    def __init__(self) -> None:
        db.session.rollback()
        with db.engine.connect() as connection:
            self._rows: dict[str, list[Row]] = {
                table.name: [dict(row._mapping) for row in connection.execute(_in_order(table))]
                for table in Base.metadata.sorted_tables
            }

    def __getitem__(self, name: str) -> list[Row]:
        return self._rows[name]

    def by(self, name: str, column: str) -> dict[Any, list[Row]]:
        """Group a table's rows by a column."""
        found: dict[Any, list[Row]] = defaultdict(list)
        for row in self[name]:
            found[row[column]].append(row)
        return found


def _in_order(table: Table) -> Any:
    return select(table).order_by(table.c.id)


def differences(journal: Journal, stocked: Stocked, sent: Counter[int] | None, now: datetime) -> list[str]:
    """Return a sentence for everything that is wrong.

    ``sent`` counts the mails that arrived, by message; the outbox must have been emptied before. None: do not check
    mails.
    """
    tables = Tables()
    return [
        *journal.odd,
        *_orders(tables),
        *_entries(tables),
        *_shelves(tables, stocked),
        *_customers(tables),
        *(_messages(tables, sent, now) if sent is not None else ()),
        *_answers(tables, journal),
    ]


def _orders(tables: Tables) -> Iterator[str]:
    """Check that each order has all its effects once, and that there is no effect without an order."""
    items, tokens = tables.by("order_items", "order_id"), tables.by("redemption_tokens", "order_id")
    mails = Counter(
        message["payload"]["order_id"] for message in tables["outbox_messages"] if message["kind"] == "order_placed"
    )
    notes, money = tables.by("order_notes", "order_id"), tables.by("order_transactions", "order_id")
    told = Counter((entry["subject"], entry["action"], entry["new_value"]) for entry in tables["audit_entries"])
    ids = set()
    for order in tables["orders"]:
        number, id = order["order_number"], order["id"]
        ids.add(id)
        worth = sum(item["quantity"] * item["price_cents"] for item in items[id])
        subject, paid = f"order:{id}", order["payment_status"] == "paid"
        cancelled = order["status"] == "cancelled"
        for what, is_so, must_be in (
            ("lines", len(items[id]), 2),
            ("cents of its lines", worth, order["subtotal_cents"]),
            ("used tokens", len(tokens[id]), int(order["points_redeemed"] > 0)),
            ("confirmations in the outbox", mails[id], 1),
            ("notes", len(notes[id]), 1),
            ("payments", len(money[id]), int(paid)),
            ("cents paid", sum(row["amount_cents"] for row in money[id]), order["total_cents"] if paid else 0),
            ("a time of payment", order["paid_at"] is not None, paid),
            ("audit entries of its payment", told[subject, "order.payment_status", "paid"], int(paid)),
            ("audit entries of its cancelling", told[subject, "order.status", "cancelled"], int(cancelled)),
            ("stock returned", bool(order["stock_returned"]), cancelled),
            ("coupon returned", bool(order["coupon_returned"]), cancelled and order["coupon_id"] is not None),
            ("points returned", order["points_returned"], order["points_redeemed"] if cancelled else 0),
            ("points taken back", order["points_taken_back"], order["points_earned"] if cancelled else 0),
        ):
            if is_so != must_be:
                yield f"order {number}: {what}: {is_so}, must be {must_be}"
    for table, found in (("order_items", items), ("order_notes", notes), ("order_transactions", money)):
        yield from (f"{table}: rows of an order that is not there: {id}" for id in set(found) - ids)
    yield from (f"a confirmation of an order that is not there: {id}" for id in set(mails) - ids)


def _entries(tables: Tables) -> Iterator[str]:
    """Check that the ledger has the points of each order and, besides them, only adjustments."""
    moved: dict[tuple[int, str], int] = Counter()
    balances: dict[int, int] = Counter()
    for entry in tables["loyalty_entries"]:
        moved[entry["order_id"], entry["kind"]] += entry["points"]
        balances[entry["account_id"]] += entry["points"]
        if (entry["order_id"] is None) != (entry["kind"] == "manual"):
            yield f"entry {entry['id']}: {entry['reason']} of order {entry['order_id']}"
    short: dict[int, int] = Counter()
    for entry in tables["loyalty_entries"]:
        short[entry["order_id"]] += entry["shortfall"]
    for order in tables["orders"]:
        id = order["id"]
        earned = order["subtotal_cents"] * 7 // 1000 if order["payment_status"] == "paid" else 0  # 0.7 for 1.00
        for reason, must_be in (
            ("order_redeemed", -order["points_redeemed"]),
            ("order_earned", order["points_earned"]),
            ("redeem_reversed", order["points_returned"]),
            ("earn_reversed", short[id] - order["points_taken_back"]),
        ):
            if moved[id, reason] != must_be:
                yield f"order {order['order_number']}: {reason}: {moved[id, reason]} in the ledger, {must_be} by it"
        if order["points_earned"] != earned and order["status"] != "cancelled":
            yield f"order {order['order_number']}: it earned {order['points_earned']} points, must be {earned}"
    for account in tables["loyalty_accounts"]:
        if account["points_balance"] != balances[account["id"]] or account["points_balance"] < 0:
            yield f"account {account['id']}: holds {account['points_balance']}, entries: {balances[account['id']]}"


def _shelves(tables: Tables, stocked: Stocked) -> Iterator[str]:
    """Check that stock taken and coupon uses belong to valid orders."""
    standing = {order["id"]: order for order in tables["orders"] if order["status"] != "cancelled"}
    sold: Counter[int] = Counter()
    for item in tables["order_items"]:
        if item["order_id"] in standing:
            sold[item["product_id"]] += item["quantity"]
    for product in tables["products"]:
        if product["stock_quantity"] != stocked.stock - sold[product["id"]]:
            yield f"{product['name']}: {product['stock_quantity']} left of {stocked.stock}, {sold[product['id']]} sold"
    for coupon in tables["coupons"]:
        uses = sum(1 for order in standing.values() if order["coupon_id"] == coupon["id"])
        if coupon["usage_count"] != uses:
            yield f"coupon {coupon['code']}: counts {coupon['usage_count']} uses, {uses} orders stand with it"


def _customers(tables: Tables) -> Iterator[str]:
    orders = tables.by("orders", "customer_id")
    for customer in tables["customers"]:
        mine = [order for order in orders[customer["id"]] if order["status"] != "cancelled"]
        spent = sum(order["total_cents"] for order in mine if order["payment_status"] == "paid")
        if (customer["total_orders"], customer["total_spent_cents"]) != (len(mine), spent):
            yield f"customer {customer['id']}: its orders or its money: {len(mine)} orders for {spent} cents"


def _messages(tables: Tables, sent: Counter[int], now: datetime) -> Iterator[str]:
    """Check that every queued mail arrived at least once, or is obsolete."""
    orders = {order["id"]: order for order in tables["orders"]}
    challenges = {challenge["id"]: challenge for challenge in tables["otp_challenges"]}
    asked: Counter[int] = Counter()
    for message in tables["outbox_messages"]:
        about = f"message {message['id']} ({message['kind']})"
        if message["kind"] == "otp_code":
            challenge = challenges.get(message["payload"]["challenge_id"])
            asked[message["payload"]["challenge_id"]] += 1
            over = challenge is not None and any(
                (challenge["used_at"], challenge["voided_at"], challenge["expires_at"] < now)
            )
        else:
            over = orders.get(message["payload"]["order_id"], {}).get("status") == "cancelled"
        if message["state"] == "waiting":
            yield f"{about}: still waits, after {message['attempts']} tries: {message['last_error']}"
        elif message["state"] == "sent" and not sent[message["id"]]:
            yield f"{about}: is marked sent and never arrived"
        elif message["state"] == "dropped" and not over:
            yield f"{about}: was dropped and must not have been"
    for id in challenges:
        if asked[id] != 1:
            yield f"code {id}: {asked[id]} messages, must be 1"


def _answers(tables: Tables, journal: Journal) -> Iterator[str]:
    """Check that the responses clients received are true, and that no key had two effects."""
    orders = {order["id"]: order for order in tables["orders"]}
    keys: Counter[str] = Counter(note["content"] for note in tables["order_notes"])
    yield from (f"key {key}: {count} orders" for key, count in keys.items() if count != 1)
    yield from (f"key {key}: an order that nobody asked for" for key in set(keys) - set(journal.orders))
    for asked in journal.orders.values():
        if asked.order is None:
            yield f"key {asked.key}: was never answered"
            continue
        order = orders.get(asked.order["id"])
        if order is None or order["order_number"] != asked.order["order_number"]:
            yield f"key {asked.key}: answered with order {asked.order['order_number']}, which is not there"
        elif f"{order['total_cents'] / 100:.2f}" != asked.order["total"]:
            yield f"order {order['order_number']}: total {order['total_cents']}, answered {asked.order['total']}"
    paid = {id for id, order in orders.items() if order["paid_at"] is not None}
    cancelled = {id for id, order in orders.items() if order["status"] == "cancelled"}
    yield from (f"order {id}: was answered as paid and is not" for id in journal.paid - paid)
    yield from (f"order {id}: was answered as cancelled and is not" for id in journal.cancelled - cancelled)
    entries = {entry["id"] for entry in tables["loyalty_entries"]}
    yield from (f"gift {name}: answered, not in the ledger" for name, id in journal.given.items() if id not in entries)
    gifts = Counter(note["text"] for note in tables["loyalty_entry_notes"])
    yield from (f"gift {name}: given {count} times" for name, count in gifts.items() if count != 1)
    for record in tables["idempotency_records"]:
        if record["state"] == "done" and record["status"] == 201:
            body = decrypt_body(record["body"])
            found = re.search(r'"order":\{"id":(\d+)', body)
            kept = {"id": int(found[1])} if found else json.loads(body)["data"].get("order")
            if kept and kept["id"] not in orders:
                yield f"key {record['key']}: an answer is kept for order {kept['id']}, which is not there"
