"""Refunds of an order's items: which pieces went back, and what each refund stands for of the goods."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Written out, because SQLite adds a column together with its CHECK and no other way without copying the table.
CHECKED = (
    (
        "orders",
        "refunded_goods_cents BIGINT DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_orders_refunded_goods_cents_not_negative CHECK (refunded_goods_cents >= 0)",
    ),
    (
        "order_items",
        "refunded_quantity INTEGER DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_order_items_refunded_within_bought CHECK (refunded_quantity BETWEEN 0 AND quantity)",
    ),
    ("order_refunds", "goods_cents BIGINT DEFAULT 0 NOT NULL"),
)


def upgrade() -> None:
    for table, column in CHECKED:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    op.add_column("order_refunds", sa.Column("points_short", sa.BigInteger(), nullable=True))
    # until now each refund was an amount, which stands for as much of the goods
    op.execute("UPDATE orders SET refunded_goods_cents = refunded_cents WHERE refunded_cents > 0")
    op.execute("UPDATE order_refunds SET goods_cents = amount_cents")
    for table in ("order_items", "order_refunds"):
        op.create_index(op.f(f"ix_{table}_shop_id_id"), table, ["shop_id", "id"], unique=True)
    op.create_table(
        "order_refund_items",
        sa.Column("id", BigId, nullable=False),
        sa.Column("refund_id", BigId, nullable=False),
        sa.Column("order_item_id", BigId, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_refund_items_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["shop_id", "refund_id"],
            ["order_refunds.shop_id", "order_refunds.id"],
            name=op.f("fk_order_refund_items_shop_id_refund_id"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_item_id"],
            ["order_items.shop_id", "order_items.id"],
            name=op.f("fk_order_refund_items_shop_id_order_item_id"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_order_refund_items_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_refund_items")),
        sa.UniqueConstraint("refund_id", "order_item_id", name=op.f("uq_order_refund_items_refund_id_order_item_id")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("order_refund_items")
    for table in ("order_items", "order_refunds"):
        op.drop_index(op.f(f"ix_{table}_shop_id_id"), table_name=table)
    op.drop_column("order_refunds", "points_short")
    for table, column in reversed(CHECKED):
        op.drop_column(table, column.split()[0])
