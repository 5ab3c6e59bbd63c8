"""What the ledger of the shop and the overview need: sums from an index alone, and what waits for somebody."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

HOLDS_POINTS = "payment_status = 'pending' AND status <> 'cancelled' AND points_redeemed > points_returned"
MISSES_POINTS = (
    "points_earned = 0 AND customer_id IS NOT NULL AND status <> 'cancelled' "
    "AND payment_status <> 'refunded' AND payment_status <> 'failed' "
    "AND (paid_at IS NOT NULL OR completed_at IS NOT NULL) "
    "AND (no_award_reason IS NULL OR no_award_reason = 'loyalty_off')"
)
FAILS = "state = 'waiting' AND last_error IS NOT NULL"


def upgrade() -> None:
    op.create_index(
        "ix_loyalty_entries_sums", "loyalty_entries", ["shop_id", "reason", "created_at", "points", "account_id"]
    )
    op.create_index(
        "ix_loyalty_entries_actors",
        "loyalty_entries",
        ["shop_id", "actor_kind", "actor_id", "reason", "created_at", "points"],
    )
    op.create_index("ix_loyalty_accounts_opened", "loyalty_accounts", ["shop_id", "created_at", "customer_id"])
    _create_partial("ix_orders_holding_points", "orders", ["shop_id", "payment_status", "order_date"], HOLDS_POINTS)
    _create_partial("ix_orders_missing_points", "orders", ["shop_id", "order_date"], MISSES_POINTS)
    _create_partial("ix_outbox_messages_failing", "outbox_messages", ["shop_id", "id"], FAILS)


def downgrade() -> None:
    op.drop_index("ix_outbox_messages_failing", table_name="outbox_messages")
    op.drop_index("ix_orders_missing_points", table_name="orders")
    op.drop_index("ix_orders_holding_points", table_name="orders")
    op.drop_index("ix_loyalty_accounts_opened", table_name="loyalty_accounts")
    op.drop_index("ix_loyalty_entries_actors", table_name="loyalty_entries")
    op.drop_index("ix_loyalty_entries_sums", table_name="loyalty_entries")


def _create_partial(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
