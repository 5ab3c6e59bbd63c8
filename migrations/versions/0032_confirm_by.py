"""Orders of guests and on delivery are cancelled if nobody pays or confirms them in time."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0071"
branch_labels = None
depends_on = None

AWAITS_CONFIRMATION = sa.text(
    "confirm_by IS NOT NULL AND status = 'pending' AND (payment_status = 'pending' OR payment_status = 'failed')"
)


def upgrade() -> None:
    op.add_column("orders", sa.Column("confirm_by", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_orders_awaiting_confirmation",
        "orders",
        ["confirm_by"],
        sqlite_where=AWAITS_CONFIRMATION,
        postgresql_where=AWAITS_CONFIRMATION,
    )
    if op.get_bind().dialect.name == "sqlite":  # what it plans with, as in migration 0009
        op.execute(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('orders', 'ix_orders_awaiting_confirmation', '400 2')"
        )


def downgrade() -> None:
    op.drop_index("ix_orders_awaiting_confirmation", table_name="orders")
    op.drop_column("orders", "confirm_by")
