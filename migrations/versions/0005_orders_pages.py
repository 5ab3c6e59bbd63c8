"""What the order pages need: why an order earned nothing, refunds that cannot happen twice, lists in order of day."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LISTS = (
    ("order_date", "id"),
    ("status", "order_date", "id", "payment_status", "source"),
    ("payment_status", "order_date", "id", "status", "source"),
    ("source", "order_date", "id", "status", "payment_status"),
)


def upgrade() -> None:
    op.add_column("orders", sa.Column("no_award_reason", sa.String(length=64), nullable=True))
    op.add_column("order_refunds", sa.Column("cause", sa.String(length=200), nullable=True))
    op.create_index(op.f("ix_order_refunds_shop_id_cause"), "order_refunds", ["shop_id", "cause"], unique=True)
    for columns in LISTS:
        op.create_index(op.f(f"ix_orders_shop_id_{'_'.join(columns)}"), "orders", ["shop_id", *columns])


def downgrade() -> None:
    for columns in LISTS:
        op.drop_index(op.f(f"ix_orders_shop_id_{'_'.join(columns)}"), table_name="orders")
    op.drop_index(op.f("ix_order_refunds_shop_id_cause"), table_name="order_refunds")
    op.drop_column("order_refunds", "cause")
    op.drop_column("orders", "no_award_reason")
