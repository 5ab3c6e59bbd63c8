"""An index that holds all that is needed to work out what other loyalty rules would have given."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MAY_EARN = sa.text(
    "customer_id IS NOT NULL AND status <> 'cancelled' AND payment_status <> 'refunded' AND payment_status <> 'failed'"
)


def upgrade() -> None:
    op.create_index(
        op.f("ix_orders_may_earn"),
        "orders",
        ["shop_id", "order_date", "subtotal_cents", "paid_at", "completed_at"],
        sqlite_where=MAY_EARN,
        postgresql_where=MAY_EARN,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_orders_may_earn"), table_name="orders")
