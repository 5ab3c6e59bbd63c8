"""Two indexes of orders fewer: one by payment status for lists and sums; SQLite finds numbers by their unique key."""

from alembic import op

revision = "0154"
down_revision = "0157"
branch_labels = None
depends_on = None

LISTED = "ix_orders_shop_id_payment_status_order_date_id_status_source"
LISTED_COLUMNS = ["shop_id", "payment_status", "order_date", "id", "status", "source"]
SALES = "ix_orders_sales"
OLD_SALES = ["shop_id", "payment_status", "order_date", "status", "total_cents", "refunded_cents", "customer_id"]
NEW_SALES = [*LISTED_COLUMNS, "total_cents", "refunded_cents", "customer_id"]
NUMBERS = "ix_orders_shop_id_number_prefix"
FIGURES = {
    LISTED: "300000 300000 75000 2 1 1 1",
    SALES: "300000 300000 75000 2 2 1 1 1",
    NUMBERS: "300000 300000 1",
}
NEW_FIGURES = "300000 300000 75000 2 1 1 1 1 1 1"


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    gone = [LISTED, SALES, NUMBERS] if is_sqlite else [LISTED, SALES]
    for name in gone:
        op.drop_index(name, table_name="orders")
    op.create_index(SALES, "orders", NEW_SALES)
    if is_sqlite:  # what it plans with, as in migration 0009
        for name in gone:
            op.execute(f"DELETE FROM sqlite_stat1 WHERE idx = '{name}'")
        _plan_with(SALES, NEW_FIGURES)


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.drop_index(SALES, table_name="orders")
    op.create_index(SALES, "orders", OLD_SALES)
    op.create_index(LISTED, "orders", LISTED_COLUMNS)
    if is_sqlite:
        op.execute(f"DELETE FROM sqlite_stat1 WHERE idx = '{SALES}'")
        op.create_index(NUMBERS, "orders", ["shop_id", "order_number"])
        for name, figures in FIGURES.items():
            _plan_with(name, figures)


def _plan_with(index: str, figures: str) -> None:
    op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('orders', '{index}', '{figures}')")
