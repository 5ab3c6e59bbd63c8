"""Views that write, each in one transaction with the fewest statements that keep it correct."""

import hmac
import json
import os
import secrets
from hashlib import sha256
from typing import Any

from flask import Flask, request

from bench.load.by_hand.database import ON_SQLITE, ask, insert, moment, whole
from bench.load.by_hand.reads import price

SHOP = 1
RULES = json.dumps({"by": "hand"})
LOCK = "" if ON_SQLITE else " FOR UPDATE"  # on SQLite the transaction is alone anyway
KEY = os.environ["SECRET_KEY"].encode()
CHANGED = (
    "UPDATE loyalty_accounts SET points_balance = points_balance + ?, lifetime_earned = lifetime_earned + ?, "
    "entries_count = entries_count + 1, updated_at = ? WHERE shop_id = 1 AND customer_id = ? "
    "AND points_balance + ? >= 0 RETURNING id, points_balance, entries_count"
)


def add_to(app: Flask) -> None:
    """Add the views."""
    app.add_url_rule("/order", view_func=order, methods=["POST"])
    app.add_url_rule("/orders/<int:number>/payment-status", view_func=pay, methods=["PATCH"])
    app.add_url_rule("/verify-otp", view_func=verify, methods=["POST"])


def order() -> Any:
    """An order with points and coupon."""
    body, now = request.get_json(), moment()
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
            "loyalty_rules": RULES, "stock_returned": False, "source": "storefront", "order_date": now,
            "created_at": now, "updated_at": now,
        }  # fmt: skip
        number = insert("orders", given)
        line = "(?, ?, ?, ?, '', 1, ?, ?, 0)"
        values = [part for row in products for part in (SHOP, number, row["id"], row["name"], row["price_cents"], True)]
        columns = "shop_id, order_id, product_id, name, sku, quantity, price_cents, took_stock, refunded_quantity"
        ask(f"INSERT INTO order_items ({columns}) VALUES {', '.join([line] * len(products))}", *values)
        used = ask(
            "UPDATE redemption_tokens SET used_at = ?, order_id = ? WHERE token_hash = ? AND used_at IS NULL",
            now, number, hashed,
        )  # fmt: skip
        if used.rowcount != 1:
            raise ValueError("the token was used")
        _move(customer, -points, 0, "redeem", "order_redeemed", f"hand:{number}", number, now)
        ask("UPDATE customers SET total_orders = total_orders + 1, last_order_at = ? WHERE id = ?", now, customer)
        ask(
            "INSERT INTO outbox_messages (shop_id, kind, payload, recipient, state, due_at, attempts, created_at) "
            "VALUES (1, 'order_placed', ?, ?, 'waiting', ?, 0, ?)",
            json.dumps({"order_id": number}), body["customer"]["email"], now, now,
        )  # fmt: skip
    return _answer(number, given, products), 201


def pay(number: int) -> Any:
    """An order marked as paid, and the points it earns."""
    status, now = request.get_json()["payment_status"], moment()
    with whole():
        found = ask(f"SELECT * FROM orders WHERE shop_id = 1 AND id = ?{LOCK}", number).fetchone()
        if found["payment_status"] != "pending":
            raise ValueError("it was paid")
        earned = found["subtotal_cents"] // 100
        ask(
            "UPDATE orders SET payment_status = ?, paid_at = ?, updated_at = ?, points_earned = ? WHERE id = ?",
            status, now, now, earned, number,
        )  # fmt: skip
        customer = found["customer_id"]
        _move(customer, earned, earned, "order_earned", f"earn:order:{number}", number, now)
        ask(
            "UPDATE customers SET total_spent_cents = total_spent_cents + ? WHERE id = ?",
            found["total_cents"], customer,
        )  # fmt: skip
        ask(
            "INSERT INTO audit_entries (shop_id, actor_kind, actor_label, action, subject, old_value, new_value, "
            "created_at) VALUES (1, 'api_key', 'By hand', 'order.payment_status', ?, 'pending', ?, ?)",
            f"order:{number}", status, now,
        )  # fmt: skip
        lines = ask("SELECT id, product_id, name, quantity, price_cents FROM order_items WHERE order_id = ?", number)
        return _answer(number, found | {"payment_status": status}, lines.fetchall())


def verify() -> Any:
    """Exchange a one-time code for a token; the attempt is counted in one statement before the comparison."""
    body, now = request.get_json(), moment()
    token = secrets.token_urlsafe(32)
    with whole():
        customer = ask("SELECT id FROM customers WHERE shop_id = 1 AND email = ?", body["email"]).fetchone()["id"]
        challenge = ask(
            "UPDATE otp_challenges SET tries = tries + 1, used_at = ? WHERE id = (SELECT id FROM otp_challenges "
            "WHERE shop_id = 1 AND subject_hash = ? ORDER BY id DESC LIMIT 1) AND tries < 5 AND used_at IS NULL "
            "AND voided_at IS NULL AND expires_at > ? RETURNING nonce, code_hash",
            now, _keyed("subject", f"customer:{customer}").hex()[:40], now,
        ).fetchone()  # fmt: skip
        hashed = _keyed("code-hash", f"{challenge['nonce']}:{body['code']}").hex()
        if not hmac.compare_digest(hashed, challenge["code_hash"]):
            raise ValueError("a wrong code")
        ask(
            "INSERT INTO redemption_tokens (shop_id, customer_id, token_hash, expires_at, created_at) "
            "VALUES (1, ?, ?, ?, ?)",
            customer, sha256(token.encode()).hexdigest(), now, now,
        )  # fmt: skip
    return {"status": "success", "data": {"redemption_token": token, "expires_in_minutes": 30}}


def _keyed(purpose: str, text: str) -> bytes:
    return hmac.digest(KEY, f"{purpose}\0{text}".encode(), "sha256")


def _move(customer: int, points: int, lifetime: int, kind: str, key: str, number: int, now: Any) -> None:
    """Change a balance and write the entry."""
    account = ask(CHANGED, points, lifetime, now, customer, points).fetchone()
    if account is None:
        raise ValueError("not enough points")
    ask(
        "INSERT INTO loyalty_entries (shop_id, account_id, seq, kind, points, balance_after, idempotency_key, "
        "order_id, system_note, actor_kind, actor_label, meta, created_at) "
        "VALUES (1, ?, ?, ?, ?, ?, ?, ?, 'By hand', 'customer', '', '{}', ?)",
        account["id"], account["entries_count"], kind, points, account["points_balance"], key, number, now,
    )  # fmt: skip


SAID = ("order_number", "customer_id", "status", "payment_status", "currency", "points_redeemed", "source")
AMOUNTS = ("subtotal_cents", "shipping_cents", "tax_cents", "discount_cents", "total_cents")


def _answer(number: int, order: dict[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    said = {name: order[name] for name in SAID} | {name: order[name] for name in AMOUNTS}
    items = [{"product_id": one["id"], "name": one["name"], "price_cents": one["price_cents"]} for one in lines]
    said |= {"id": number, "order_date": str(order["order_date"]), "items": items}
    return {"status": "success", "data": {"order": said}}
