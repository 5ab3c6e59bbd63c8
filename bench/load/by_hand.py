"""The limit: the smallest Flask views that do the same work on the same tables, by raw psycopg or sqlite3.

No shop is looked up, no key is checked, nothing is validated, logged or limited; the list's total is not counted. What
is slower than this is the price of everything else.
"""

import json
import os
import secrets
import sqlite3
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import psycopg
from flask import Flask, request
from psycopg.rows import dict_row

app = Flask(__name__)
URL = os.environ["BENCH_DATABASE_URL"]
ON_SQLITE = URL.startswith("sqlite")
SHOP = 1
kept = threading.local()  # a connection a thread

LISTED = "id, email, first_name, last_name, phone, total_orders, total_spent_cents, created_at"
FOUND = (
    "id IN (SELECT rowid FROM customer_words WHERE search_text MATCH ? ORDER BY rowid DESC LIMIT 20)"
    if ON_SQLITE
    else "id IN (WITH hits AS MATERIALIZED (SELECT id FROM customers WHERE shop_id = 1 AND search_text LIKE ? "
    "LIMIT 10001) SELECT id FROM hits ORDER BY id DESC LIMIT 20)"
)
RULES = json.dumps({"by": "hand"})


def connect() -> Any:
    """This thread's connection."""
    if not hasattr(kept, "connection"):
        if ON_SQLITE:
            made = sqlite3.connect(URL.removeprefix("sqlite:///"), timeout=30, isolation_level=None)
            made.row_factory = lambda cursor, row: {c[0]: v for c, v in zip(cursor.description, row, strict=True)}
            made.execute("PRAGMA journal_mode = WAL")
            made.execute("PRAGMA synchronous = FULL")
            made.execute("PRAGMA foreign_keys = ON")
            kept.connection = made
        else:
            kept.connection = psycopg.connect(URL, autocommit=True, row_factory=dict_row)
    return kept.connection


def ask(sql: str, *values: Any) -> Any:
    """Execute a statement written with question marks."""
    return connect().execute(sql if ON_SQLITE else sql.replace("%", "%%").replace("?", "%s"), values)


writer = threading.Lock()


@contextmanager
def whole() -> Any:
    """One write transaction."""
    if not ON_SQLITE:
        with connect().transaction():
            yield
        return
    with writer:
        ask("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            ask("ROLLBACK")
            raise
        ask("COMMIT")


@app.get("/config")
def config() -> Any:
    """Bare Flask."""
    return {"status": "success", "data": {"config": {"enabled": True, "max_redeem_percent": 50}}}


@app.get("/customers")
def customers() -> Any:
    """A page of 20 with addresses; a search looks for one fragment."""
    term = request.args.get("search", "").lower()
    where, values = "shop_id = 1", []
    if term:
        indexed = ON_SQLITE and len(term) > 2
        where = FOUND if indexed or not ON_SQLITE else "search_text LIKE ?"
        values = [f'"{term}"' if indexed else f"%{term}%"]
    rows = ask(f"SELECT {LISTED} FROM customers WHERE {where} ORDER BY id DESC LIMIT 20", *values).fetchall()
    for row in rows:
        row["created_at"] = str(row["created_at"])
        row["addresses"] = []
    by_id = {row["id"]: row for row in rows}
    if by_id:
        marks = ", ".join("?" * len(by_id))
        columns = "customer_id, id, type, address1, city, state, zip, country"
        for one in ask(f"SELECT {columns} FROM addresses WHERE customer_id IN ({marks})", *by_id):
            by_id[one["customer_id"]]["addresses"].append(one)
    return {"status": "success", "data": {"customers": rows, "page": 1, "limit": 20}}


@app.get("/loyalty/<int:customer_id>")
def loyalty(customer_id: int) -> Any:
    """A balance and the 50 newest entries."""
    account = ask(
        "SELECT id, points_balance, lifetime_earned FROM loyalty_accounts WHERE shop_id = 1 AND customer_id = ?",
        customer_id,
    ).fetchone()
    entries = ask(
        "SELECT id, type, points, order_id, system_note, balance_after, created_at FROM loyalty_entries "
        "WHERE account_id = ? ORDER BY seq DESC LIMIT 50",
        account["id"],
    ).fetchall()
    for entry in entries:
        entry["created_at"] = str(entry["created_at"])
    return {"status": "success", "data": {**account, "ledger": entries}}


def price(items: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """Products and the subtotal of a cart."""
    ids = [item["product_id"] for item in items]
    marks = ", ".join("?" * len(ids))
    found = {row["id"]: row for row in ask(f"SELECT id, name, price_cents FROM products WHERE id IN ({marks})", *ids)}
    return [found[item] for item in ids], sum(found[i["product_id"]]["price_cents"] * i["quantity"] for i in items)


@app.post("/preview")
def preview() -> Any:
    """What can be redeemed."""
    body = request.get_json()
    _products, subtotal = price(body["items"])
    coupon = ask("SELECT value FROM coupons WHERE shop_id = 1 AND code = ?", body["coupon_code"]).fetchone()
    customer = ask("SELECT id FROM customers WHERE shop_id = 1 AND email = ?", body["email"]).fetchone()
    account = ask(
        "SELECT points_balance FROM loyalty_accounts WHERE shop_id = 1 AND customer_id = ?", customer["id"]
    ).fetchone()
    cap = min(subtotal // 2, subtotal - subtotal * coupon["value"] // 10_000)
    most = min(account["points_balance"], cap)
    return {"status": "success", "data": {"eligible": True, "balance": account["points_balance"], "most": most}}


@app.post("/order")
def order() -> Any:
    """An order with points and coupon, in one transaction, by the least statements that keep it right."""
    body, now = request.get_json(), datetime.now(UTC)
    moment: Any = now.strftime("%Y-%m-%d %H:%M:%S.%f") if ON_SQLITE else now
    points = body["loyalty_redemption"]["points"]
    hashed = sha256(body["loyalty_redemption"]["token"].encode()).hexdigest()
    with whole():
        products, subtotal = price(body["items"])
        coupon = ask("SELECT id, value FROM coupons WHERE shop_id = 1 AND code = ?", body["coupon_code"]).fetchone()
        customer = ask(
            "SELECT id FROM customers WHERE shop_id = 1 AND email = ?", body["customer"]["email"]
        ).fetchone()["id"]
        for product in sorted(product["id"] for product in products):
            ask("UPDATE products SET stock_quantity = stock_quantity - 1 WHERE id = ? AND stock_quantity > 0", product)
        ask("UPDATE coupons SET usage_count = usage_count + 1 WHERE id = ?", coupon["id"])
        off = subtotal * coupon["value"] // 10_000
        given = {
            "shop_id": SHOP, "order_number": f"ORD-H-{secrets.token_hex(5)}", "customer_id": customer,
            "status": "pending", "payment_status": "pending", "subtotal_cents": subtotal, "shipping_cents": 0,
            "tax_cents": 0, "discount_cents": off + points, "coupon_discount_cents": off,
            "points_discount_cents": points, "total_cents": subtotal - off - points, "refunded_cents": 0,
            "refunded_goods_cents": 0, "currency": "KES", "coupon_id": coupon["id"], "coupon_returned": False,
            "points_redeemed": points, "points_returned": 0, "points_earned": 0, "points_taken_back": 0,
            "loyalty_rules": RULES, "stock_returned": False, "source": "storefront", "order_date": moment,
            "created_at": moment, "updated_at": moment,
        }  # fmt: skip
        marks = ", ".join("?" * len(given))
        made = ask(f"INSERT INTO orders ({', '.join(given)}) VALUES ({marks}) RETURNING id", *given.values())
        number = made.fetchone()["id"]
        line = "(?, ?, ?, ?, '', 1, ?, ?, 0)"
        values = [part for row in products for part in (SHOP, number, row["id"], row["name"], row["price_cents"], True)]
        columns = "shop_id, order_id, product_id, name, sku, quantity, price_cents, took_stock, refunded_quantity"
        ask(f"INSERT INTO order_items ({columns}) VALUES {', '.join([line] * len(products))}", *values)
        used = ask(
            "UPDATE redemption_tokens SET used_at = ?, order_id = ? WHERE token_hash = ? AND used_at IS NULL",
            moment, number, hashed,
        )  # fmt: skip
        account = ask(
            "UPDATE loyalty_accounts SET points_balance = points_balance - ?, entries_count = entries_count + 1 "
            "WHERE shop_id = 1 AND customer_id = ? AND points_balance >= ? RETURNING id, points_balance, entries_count",
            points, customer, points,
        ).fetchone()  # fmt: skip
        if used.rowcount != 1 or account is None:
            raise ValueError("not enough points, or the token was used")
        ask(
            "INSERT INTO loyalty_entries (shop_id, account_id, seq, type, reason, points, balance_after, cause, "
            "order_id, system_note, actor_kind, actor_label, meta, created_at) "
            "VALUES (1, ?, ?, 'redeem', 'order_redeemed', ?, ?, ?, ?, 'By hand', 'customer', '', '{}', ?)",
            account["id"], account["entries_count"], -points, account["points_balance"], f"hand:{number}", number,
            moment,
        )  # fmt: skip
        ask("UPDATE customers SET total_orders = total_orders + 1, last_order_at = ? WHERE id = ?", moment, customer)
        ask(
            "INSERT INTO outbox_messages (shop_id, kind, payload, recipient, state, due_at, attempts, created_at) "
            "VALUES (1, 'order_placed', ?, ?, 'waiting', ?, 0, ?)",
            json.dumps({"order_id": number}), body["customer"]["email"], moment, moment,
        )  # fmt: skip
    return {"status": "success", "data": {"order": {"id": number, "total": given["total_cents"]}}}, 201
