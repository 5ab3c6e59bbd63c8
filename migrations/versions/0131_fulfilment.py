"""Delivery by a rider, undone awards, notes to the customer, and whether the money of a refund was sent.

Refunds from before are taken as sent. On SQLite columns are added and dropped as they are: the tables are not made
anew, so their triggers and statistics stay.
"""

import sqlalchemy as sa
from alembic import op

revision = "0131"
down_revision = "0110"
branch_labels = None
depends_on = None

OUT = sa.text("out_for_delivery_at IS NOT NULL AND status = 'processing'")
TO_SEND = sa.text("sent_at IS NULL")


def upgrade() -> None:
    op.add_column("orders", sa.Column("out_for_delivery_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("orders", sa.Column("rider_name", sa.String(200), nullable=True))
    op.add_column("orders", sa.Column("rider_phone", sa.String(200), nullable=True))
    op.add_column("orders", sa.Column("awards_undone", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("order_notes", sa.Column("is_shared", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("order_refunds", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("order_refunds", sa.Column("sent_by", sa.String(200), nullable=True))
    op.execute("UPDATE order_refunds SET sent_at = created_at, sent_by = actor_label")
    for name, table, columns, where in (
        ("ix_orders_out_for_delivery", "orders", ["shop_id", "order_date"], OUT),
        ("ix_order_refunds_to_send", "order_refunds", ["shop_id", "id"], TO_SEND),
    ):
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    if op.get_bind().dialect.name == "sqlite":  # what it plans with, as in migration 0009
        op.execute(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('orders', 'ix_orders_out_for_delivery', '50 50 1')"
        )


def downgrade() -> None:
    op.drop_index("ix_order_refunds_to_send", "order_refunds")
    op.drop_index("ix_orders_out_for_delivery", "orders")
    for table, columns in (
        ("order_refunds", ("sent_by", "sent_at")),
        ("order_notes", ("is_shared",)),
        ("orders", ("awards_undone", "rider_phone", "rider_name", "out_for_delivery_at")),
    ):
        for column in columns:
            op.drop_column(table, column)
