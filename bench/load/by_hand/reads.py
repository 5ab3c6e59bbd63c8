"""Views that only read."""

from typing import Any

from flask import Flask, request

from bench.load.by_hand.database import ON_SQLITE, ask

LISTED = "id, email, first_name, last_name, phone, total_orders, total_spent_cents, created_at"
NEWEST = f"SELECT {LISTED} FROM customers WHERE shop_id = 1 ORDER BY id DESC LIMIT 20"
OLDER = f"SELECT {LISTED} FROM customers WHERE shop_id = 1 AND id < ? ORDER BY id DESC LIMIT 20"
BOUND = 10_000
PICKED = (
    f"WITH hits AS MATERIALIZED (SELECT {{key}} AS id FROM {{table}} WHERE {{there}} LIMIT {BOUND + 1}) "
    f"SELECT (SELECT COUNT(*) FROM hits) AS matching, {LISTED} FROM customers "
    "WHERE id IN (SELECT id FROM hits ORDER BY id DESC LIMIT 20) ORDER BY id DESC"
)
"""Matches come from the trigram index and are sorted if there are few, else found by a scan in order."""
COLUMNS = "customer_id, id, type, address1, city, state, zip, country"


def add_to(app: Flask) -> None:
    """Add the views."""
    for path, view in (
        ("/config", config),
        ("/customers", customers),
        ("/loyalty/<int:customer_id>", loyalty),
    ):
        app.add_url_rule(path, view_func=view)
    app.add_url_rule("/preview", view_func=preview, methods=["POST"])


def config() -> Any:
    """Bare Flask."""
    return {"status": "success", "data": {"config": {"enabled": True, "max_redeem_percent": 50}}}


def customers() -> Any:
    """A page of 20 with addresses: the newest, those older than an id, or those found by words."""
    term, below = request.args.get("search", "").lower(), request.args.get("below")
    rows = _found(term.split()) if term else ask(OLDER, int(below)).fetchall() if below else ask(NEWEST).fetchall()
    for row in rows:
        row["created_at"] = str(row["created_at"])
        row["addresses"] = []
    by_id = {row["id"]: row for row in rows}
    if by_id:
        marks = ", ".join("?" * len(by_id))
        for one in ask(f"SELECT {COLUMNS} FROM addresses WHERE customer_id IN ({marks})", *by_id):
            by_id[one["customer_id"]]["addresses"].append(one)
    return {"status": "success", "data": {"customers": rows, "page": 1, "limit": 20}}


def _found(words: list[str]) -> list[dict[str, Any]]:
    likes, values = " AND ".join(["search_text LIKE ?"] * len(words)), [f"%{word}%" for word in words]
    walk = f"SELECT {LISTED} FROM customers WHERE shop_id = 1 AND {likes} ORDER BY id DESC LIMIT 20"
    if max(map(len, words)) < 3:
        found: list[dict[str, Any]] = ask(walk, *values).fetchall()
        return found
    if ON_SQLITE:
        quoted = " ".join(f'"{word}"' for word in words if len(word) > 2)
        picked = PICKED.format(key="rowid", table="customer_words", there="search_text MATCH ?")
        found = ask(picked, quoted).fetchall()
    else:
        found = ask(PICKED.format(key="id", table="customers", there=f"shop_id = 1 AND {likes}"), *values).fetchall()
    many = found and found[0]["matching"] > BOUND
    return ask(walk, *values).fetchall() if many else found


def loyalty(customer_id: int) -> Any:
    """A balance and the 50 newest entries."""
    account = ask(
        "SELECT id, points_balance, lifetime_earned FROM loyalty_accounts WHERE shop_id = 1 AND customer_id = ?",
        customer_id,
    ).fetchone()
    entries = ask(
        "SELECT id, kind, points, order_id, system_note, balance_after, created_at FROM loyalty_entries "
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


def preview() -> Any:
    """Redeemable points."""
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
