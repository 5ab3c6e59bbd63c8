"""Invoices with numbers that have no gap."""

import sqlalchemy as sa
from alembic import op

revision = "0132"
down_revision = "0141"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "invoice_counters",
        sa.Column("id", BigId, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_invoice_counters_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_counters")),
        sa.UniqueConstraint("shop_id", name=op.f("uq_invoice_counters_shop_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "order_invoices",
        sa.Column("id", BigId, nullable=False),
        sa.Column("order_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_order_invoices_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], name=op.f("fk_order_invoices_shop_id_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_invoices")),
        sa.UniqueConstraint("shop_id", "number", name=op.f("uq_order_invoices_shop_id_number")),
        sa.UniqueConstraint("shop_id", "order_id", name=op.f("uq_order_invoices_shop_id_order_id")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("order_invoices")
    op.drop_table("invoice_counters")
