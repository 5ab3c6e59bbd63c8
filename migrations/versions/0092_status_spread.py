"""Orders have four statuses: with the figures before, SQLite read the whole table for the two open ones."""

from alembic import op

revision = "0092"
down_revision = "0121"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_orders_shop_id_status_id": "1",
    "ix_orders_shop_id_status_order_date_id_payment_status_source": "2 1 1 1",
}


def upgrade() -> None:
    _say(75_000)


def downgrade() -> None:
    _say(100_000)


def _say(orders_of_a_status: int) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for index, rest in INDEXES.items():
            figures = f"300000 300000 {orders_of_a_status} {rest}"
            op.execute(f"UPDATE sqlite_stat1 SET stat = '{figures}' WHERE idx = '{index}'")
