"""Tell SQLite how the rows of a shop are spread, so that it takes the right index."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Without figures SQLite takes every index to lead to ten rows, and may read a whole shop to find one customer's
# orders. These (rows; rows for each value of the first column, of the first two, …) are those of a shop with 100,000
# customers; `ANALYZE` may put others in their place. Figures go with their index: one that is added to these tables
# or made anew needs its own.
SPREAD = {
    "customers": {
        "sqlite_autoindex_customers_1": "100000 100000 1",
        "sqlite_autoindex_customers_2": "100000 100000 1",
        "ix_customers_shop_id_phone": "100000 100000 2",
        "ix_customers_shop_id_total_spent_cents_id": "100000 100000 5 1",
        "ix_customers_shop_id_points_balance_id": "100000 100000 5 1",
        "ix_customers_figures": "100000 100000 2 1 1 1",
    },
    "orders": {
        "sqlite_autoindex_orders_1": "300000 300000 1",
        "sqlite_autoindex_orders_2": "300000 300000 1",
        "ix_orders_shop_id_customer_id_id": "300000 300000 4 1",
        "ix_orders_shop_id_status_id": "300000 300000 100000 1",
        "ix_orders_shop_id_order_date_id": "300000 300000 2 1",
        "ix_orders_shop_id_status_order_date_id_payment_status_source": "300000 300000 100000 2 1 1 1",
        "ix_orders_shop_id_payment_status_order_date_id_status_source": "300000 300000 100000 2 1 1 1",
        "ix_orders_shop_id_source_order_date_id_status_payment_status": "300000 300000 100000 2 1 1 1",
        "ix_orders_may_earn": "250000 250000 2 1 1 1",
        "ix_orders_holding_points": "300 300 300 2",
        "ix_orders_missing_points": "300 300 2",
    },
    "loyalty_accounts": {
        "sqlite_autoindex_loyalty_accounts_1": "100000 100000 1",
        "sqlite_autoindex_loyalty_accounts_2": "100000 100000 1",
        "ix_loyalty_accounts_shop_id_points_balance": "100000 100000 5",
        "ix_loyalty_accounts_opened": "100000 100000 2 1",
    },
    "loyalty_entries": {
        "sqlite_autoindex_loyalty_entries_1": "300000 3 1",
        "sqlite_autoindex_loyalty_entries_2": "300000 300000 1",
        "sqlite_autoindex_loyalty_entries_3": "300000 300000 1",
        "ix_loyalty_entries_shop_id_order_id": "300000 300000 2",
        "ix_loyalty_entries_shop_id_created_at": "300000 300000 2",
        "ix_loyalty_entries_sums": "300000 300000 60000 2 2 1",
        "ix_loyalty_entries_actors": "300000 300000 75000 15000 5000 2 1",
    },
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute("ANALYZE sqlite_schema")  # makes the table of figures
    for table, indexes in SPREAD.items():
        op.execute(f"DELETE FROM sqlite_stat1 WHERE tbl = '{table}'")
        for index, figures in indexes.items():
            op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{table}', '{index}', '{figures}')")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE sqlite_stat1")
