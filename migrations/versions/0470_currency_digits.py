"""Thousandths for the amounts of shops whose currency has three decimals (``docs/decisions/currency-digits.md``)."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from operator import mul
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0470"
down_revision = "0440"
branch_labels = None
depends_on = None

FACTORS = {**dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 10), "CLF": 100, "UYW": 100}
ORDER = (
    *("subtotal_cents", "shipping_cents", "tax_cents", "discount_cents", "coupon_discount_cents"),
    *("points_discount_cents", "shipping_discount_cents", "total_cents", "refunded_cents", "refunded_goods_cents"),
)
COLUMNS = {
    "abandoned_carts": ("total_cents",),
    "coupons": ("min_purchase_cents", "max_discount_cents"),
    "customers": ("total_spent_cents",),
    "order_drafts": ("total_cents",),
    "order_items": ("price_cents", "tax_cents"),
    "order_refunds": ("amount_cents", "goods_cents"),
    "order_tax_lines": ("net_cents", "tax_cents", "refunded_net_cents", "refunded_tax_cents"),
    "order_transactions": ("amount_cents",),
    "orders": ORDER,
    "payment_attempts": ("amount_cents", "paid_cents"),
    "payment_flags": ("amount_cents",),
    "products": ("price_cents", "sale_price_cents", "cost_cents"),
    "shipping_methods": ("cost_cents", "free_above_cents"),
    "till_sales": ("amount_cents",),
    "till_shifts": ("float_cents",),
    "variants": ("price_cents", "sale_price_cents"),
}
"""Without the tables of M-Pesa, whose amounts are in Kenya shillings."""
AT_LEAST_ONE = "CASE WHEN {0} BETWEEN 1 AND {1} THEN 1 ELSE {0} / {1} END"
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
Scale = Callable[[int], int]


def upgrade() -> None:
    for shop_id, factor in _shops():
        for table, columns in COLUMNS.items():
            _update(table, shop_id, {name: f"{name} * {factor}" for name in columns})
        _update("coupons", shop_id, {"value": f"value * {factor}"}, "AND type = 'fixed'")
        _update_json(shop_id, partial(mul, factor), 100 * factor)


def downgrade() -> None:
    """Round amounts down to hundredths; refunds of less become one hundredth, and orders still add up."""
    for shop_id, factor in _shops():
        _round_orders(shop_id, factor)
        for table, columns in COLUMNS.items():
            rounded = AT_LEAST_ONE if table == "order_refunds" else "{0} / {1}"
            _update(table, shop_id, {name: rounded.format(name, factor) for name in columns})
        _update("coupons", shop_id, {"value": f"value / {factor}"}, "AND type = 'fixed'")
        _update_json(shop_id, partial(_divide, factor), 100)


def _shops() -> Iterator[tuple[int, int]]:
    rows = op.get_bind().execute(sa.text("SELECT shop_id, value FROM shop_settings WHERE key = 'currency'"))
    return ((row.shop_id, FACTORS[row.value]) for row in rows.all() if row.value in FACTORS)


def _update(table: str, shop_id: int, values: Mapping[str, str], condition: str = "") -> None:
    sets = ", ".join(f"{name} = {value}" for name, value in values.items())
    op.get_bind().execute(sa.text(f"UPDATE {table} SET {sets} WHERE shop_id = :shop {condition}"), {"shop": shop_id})


def _update_json(shop_id: int, scale: Scale, major_unit: int) -> None:
    def rules(kept: Any) -> Any:
        return {**_cents_in(kept, scale), "unit_cents": 1, "major_unit_cents": major_unit} if kept else kept

    def change(kept: Any) -> Any:
        names = {"round_to"} if kept["way"].endswith("_percent") else {"round_to", "amount"}
        scaled = {name: scale(value) if name in names else value for name, value in kept.items()}
        return {**scaled, "round_to": max(1, scaled["round_to"])}

    def sums(kept: Any) -> Any:
        return {method: scale(cents) for method, cents in kept.items()}

    _each(shop_id, "orders", "loyalty_rules", rules)
    _each(shop_id, "shipping_methods", "bands", lambda kept: _cents_in(kept, scale))
    _each(
        shop_id, "shipping_methods", "bands", lambda kept: [_up_to(band, scale) for band in kept], "band_by = 'amount'"
    )
    _each(shop_id, "till_shifts", "expected", sums)
    _each(shop_id, "till_shifts", "counted", sums)
    _each(shop_id, "product_bulk_actions", "params", change, "kind = 'price'")
    _each(shop_id, "outbox_messages", "payload", lambda kept: _cents_in(kept, scale))


def _divide(factor: int, cents: int) -> int:
    return cents // factor


def _up_to(band: dict[str, Any], scale: Scale) -> dict[str, Any]:
    return band if band.get("up_to") is None else {**band, "up_to": scale(band["up_to"])}


def _cents_in(kept: Any, scale: Scale) -> Any:
    """Return JSON with all amounts in it scaled: numbers whose name ends with ``cents``."""
    if isinstance(kept, list):
        return [_cents_in(one, scale) for one in kept]
    if not isinstance(kept, dict):
        return kept
    return {
        name: scale(value) if name.endswith("cents") and type(value) is int else _cents_in(value, scale)
        for name, value in kept.items()
    }


def _each(shop_id: int, name: str, column: str, change: Callable[[Any], Any], condition: str = "1 = 1") -> None:
    table = sa.table(name, sa.column("id"), sa.column("shop_id"), sa.column(column, JSON))
    connection = op.get_bind()
    found = sa.select(table.c.id, table.c[column]).where(table.c.shop_id == shop_id, sa.text(condition))
    for row_id, kept in connection.execute(found).all():
        if kept and (changed := change(kept)) != kept:
            connection.execute(table.update().where(table.c.id == row_id).values({column: changed}))


def _round_orders(shop_id: int, factor: int) -> None:
    """Give the orders of a shop whole hundredths that add up."""
    table = sa.table("orders", sa.column("id"), sa.column("shop_id"), *(sa.column(name) for name in ORDER))
    connection = op.get_bind()
    finer = sa.or_(*(table.c[name] % factor != 0 for name in ORDER))
    for row in connection.execute(sa.select(table).where(table.c.shop_id == shop_id, finer)).mappings().all():
        new = {name: row[name] // factor for name in ORDER}
        gross = new["subtotal_cents"] + new["shipping_cents"] + new["tax_cents"]
        new["discount_cents"] = min(new["discount_cents"], gross)
        new["points_discount_cents"] = min(new["points_discount_cents"], new["discount_cents"])
        left = new["discount_cents"] - new["points_discount_cents"]
        new["coupon_discount_cents"] = min(new["coupon_discount_cents"], left)
        new["total_cents"] = gross - new["discount_cents"]
        new["refunded_cents"] = min(new["refunded_cents"], new["total_cents"])
        scaled = {name: cents * factor for name, cents in new.items()}
        connection.execute(table.update().where(table.c.id == row["id"]).values(scaled))
