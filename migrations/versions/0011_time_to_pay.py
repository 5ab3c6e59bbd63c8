"""How long an order waits for its money. Orders from before have all the time in the world."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

AWAITS_PAYMENT = sa.text(
    "pay_by IS NOT NULL AND status = 'pending' AND (payment_status = 'pending' OR payment_status = 'failed')"
)
IN_RANGE = "time_limit_minutes IS NULL OR time_limit_minutes BETWEEN 1 AND 43200"


def upgrade() -> None:
    limit = sa.CheckConstraint(IN_RANGE, name=op.f("ck_payment_methods_time_limit_in_range"))
    op.add_column("payment_methods", sa.Column("time_limit_minutes", sa.Integer(), limit, nullable=True))
    op.add_column("orders", sa.Column("pay_by", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_orders_awaiting_payment",
        "orders",
        ["pay_by"],
        sqlite_where=AWAITS_PAYMENT,
        postgresql_where=AWAITS_PAYMENT,
    )
    if op.get_bind().dialect.name == "sqlite":  # see 0009: an index of the orders says how its rows are spread
        figures = "('orders', 'ix_orders_awaiting_payment', '1000 2')"
        op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES {figures}")


def downgrade() -> None:
    op.drop_index("ix_orders_awaiting_payment", table_name="orders")
    op.drop_column("orders", "pay_by")
    op.drop_column("payment_methods", "time_limit_minutes")
