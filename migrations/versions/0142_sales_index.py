"""An index that has all that sums of sales read."""

from alembic import op

revision = "0142"
down_revision = "0092"
branch_labels = None
depends_on = None

NAME = "ix_orders_sales"
COLUMNS = ["shop_id", "payment_status", "order_date", "status", "total_cents", "refunded_cents", "customer_id"]


def upgrade() -> None:
    op.create_index(NAME, "orders", COLUMNS)
    if op.get_bind().dialect.name == "sqlite":  # what it plans with, as in migration 0009
        op.execute(
            f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('orders', '{NAME}', '300000 300000 75000 2 2 1 1 1')"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DELETE FROM sqlite_stat1 WHERE idx = '{NAME}'")
    op.drop_index(NAME, table_name="orders")
