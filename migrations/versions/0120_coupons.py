"""Coupons: free delivery, products, limits by customer, a largest discount; and the orders that used one.

On SQLite the CHECK of the types is changed in the schema's text, as https://sqlite.org/lang_altertable.html describes:
orders refer to the table, which is not made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0120"
down_revision = "0100"
branch_labels = None
depends_on = None

TYPES = ("'percentage', 'fixed'", "'percentage', 'fixed', 'free_shipping'")
NAME = "ck_coupons_type_known"
WITH_COUPON = sa.text("coupon_id IS NOT NULL")
COLUMNS = (  # column checks: SQLite drops them with their column
    ("coupons", "description", "VARCHAR(200) NOT NULL DEFAULT ''"),
    ("coupons", "max_discount_cents", "BIGINT {check} CHECK (max_discount_cents >= 0)"),
    ("coupons", "per_customer_limit", "INTEGER {check} CHECK (per_customer_limit IS NULL OR per_customer_limit > 0)"),
    ("coupons", "product_ids", "{json}"),
    ("coupons", "combines_with_points", "BOOLEAN NOT NULL DEFAULT {true}"),
    ("coupons", "combines_with_discounts", "BOOLEAN NOT NULL DEFAULT {true}"),
    ("orders", "shipping_discount_cents", "BIGINT NOT NULL DEFAULT 0 {check} CHECK (shipping_discount_cents >= 0)"),
)
CHECKS = {
    "max_discount_cents": "CONSTRAINT ck_coupons_max_discount_cents_not_negative",
    "per_customer_limit": "CONSTRAINT ck_coupons_per_customer_limit_positive",
    "shipping_discount_cents": "CONSTRAINT ck_orders_shipping_discount_cents_not_negative",
}


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    words = {"json": "JSON" if is_sqlite else "JSONB", "true": "1" if is_sqlite else "true"}
    for table, column, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind.format(check=CHECKS.get(column, ''), **words)}")
    op.create_index(
        "ix_orders_with_coupon",
        "orders",
        ["shop_id", "coupon_id", "id"],
        sqlite_where=WITH_COUPON,
        postgresql_where=WITH_COUPON,
    )
    if is_sqlite:  # what it plans with, as in migration 0009
        op.execute(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('orders', 'ix_orders_with_coupon', '400 400 20 1')"
        )
    _change_types(*TYPES)


def downgrade() -> None:
    """A coupon for free delivery becomes one that takes nothing off."""
    op.execute("UPDATE coupons SET type = 'fixed', value = 0 WHERE type = 'free_shipping'")
    _change_types(*TYPES[::-1])
    op.drop_index("ix_orders_with_coupon", table_name="orders")
    for table, column, _kind in reversed(COLUMNS):
        op.drop_column(table, column)


def _change_types(old: str, new: str) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint(op.f(NAME), "coupons")
        op.create_check_constraint(op.f(NAME), "coupons", f"type IN ({new})")
        return
    named = {"kind": "table", "name": "coupons"}
    found = sa.text("SELECT sql FROM sqlite_schema WHERE type = :kind AND name = :name")
    before: str = connection.execute(found, named).scalar_one()
    after = before.replace(f"IN ({old})", f"IN ({new})")
    if after == before:
        raise RuntimeError("the table coupons is not as expected")
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    connection.execute(
        sa.text("UPDATE sqlite_schema SET sql = :after WHERE type = :kind AND name = :name"), {"after": after, **named}
    )
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = OFF"))
