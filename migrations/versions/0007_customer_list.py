"""What the list of customers needs: points and last order beside the name, indexes to sort and search by."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FIGURES = ["shop_id", "last_order_at", "total_spent_cents", "points_balance", "id"]

# Joined with sums made once: a subquery for each customer walks the orders anew each time on SQLite.
FILL = (
    """
    UPDATE customers SET points_balance = held.points
    FROM (SELECT customer_id, points_balance AS points FROM loyalty_accounts WHERE customer_id IS NOT NULL) AS held
    WHERE held.customer_id = customers.id AND held.points <> 0
    """,
    """
    UPDATE customers SET last_order_at = newest.at
    FROM (
        SELECT customer_id, MAX(order_date) AS at FROM orders WHERE customer_id IS NOT NULL GROUP BY customer_id
    ) AS newest
    WHERE newest.customer_id = customers.id
    """,
)

COPY = """
    UPDATE customers SET points_balance = NEW.points_balance
    WHERE id = NEW.customer_id AND shop_id = NEW.shop_id AND points_balance <> NEW.points_balance;
"""

# SQLite finds fragments of three letters and more by a table of trigrams; it reads the texts from customers itself.
# A later migration that makes the table customers anew must make these triggers anew too.
SQLITE_UP = (
    f"CREATE TRIGGER loyalty_accounts_copied_new AFTER INSERT ON loyalty_accounts BEGIN {COPY} END",
    f"CREATE TRIGGER loyalty_accounts_copied AFTER UPDATE OF points_balance ON loyalty_accounts BEGIN {COPY} END",
    """
    CREATE VIRTUAL TABLE customer_words
    USING fts5(search_text, content='customers', content_rowid='id', tokenize='trigram case_sensitive 1')
    """,
    "INSERT INTO customer_words(customer_words) VALUES ('rebuild')",
    """
    CREATE TRIGGER customers_words_new AFTER INSERT ON customers BEGIN
        INSERT INTO customer_words(rowid, search_text) VALUES (NEW.id, NEW.search_text);
    END
    """,
    """
    CREATE TRIGGER customers_words_gone AFTER DELETE ON customers BEGIN
        INSERT INTO customer_words(customer_words, rowid, search_text) VALUES ('delete', OLD.id, OLD.search_text);
    END
    """,
    """
    CREATE TRIGGER customers_words_changed AFTER UPDATE OF search_text ON customers BEGIN
        INSERT INTO customer_words(customer_words, rowid, search_text) VALUES ('delete', OLD.id, OLD.search_text);
        INSERT INTO customer_words(rowid, search_text) VALUES (NEW.id, NEW.search_text);
    END
    """,
)
SQLITE_DOWN = (
    "DROP TRIGGER customers_words_changed",
    "DROP TRIGGER customers_words_gone",
    "DROP TRIGGER customers_words_new",
    "DROP TABLE customer_words",
    "DROP TRIGGER loyalty_accounts_copied",
    "DROP TRIGGER loyalty_accounts_copied_new",
)

POSTGRESQL_UP = (
    f"""
    CREATE FUNCTION loyalty_accounts_copied() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {COPY}
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER loyalty_accounts_copied AFTER INSERT OR UPDATE OF points_balance ON loyalty_accounts
    FOR EACH ROW EXECUTE FUNCTION loyalty_accounts_copied()
    """,
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX ix_customers_search_text ON customers USING gin (search_text gin_trgm_ops)",
)
POSTGRESQL_DOWN = (
    "DROP INDEX ix_customers_search_text",
    "DROP TRIGGER loyalty_accounts_copied ON loyalty_accounts",
    "DROP FUNCTION loyalty_accounts_copied()",
)


def upgrade() -> None:
    op.add_column("customers", sa.Column("points_balance", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("customers", sa.Column("last_order_at", sa.DateTime(timezone=True), nullable=True))
    for statement in FILL:
        op.execute(statement)
    op.drop_index(op.f("ix_customers_shop_id_total_spent_cents"), table_name="customers")
    for column in ("total_spent_cents", "points_balance"):
        op.create_index(op.f(f"ix_customers_shop_id_{column}_id"), "customers", ["shop_id", column, "id"])
    op.create_index("ix_customers_figures", "customers", FIGURES)
    op.create_index(
        op.f("ix_loyalty_registrations_shop_id_status_customer_id"),
        "loyalty_registrations",
        ["shop_id", "status", "customer_id"],
    )
    _run(SQLITE_UP, POSTGRESQL_UP)


def downgrade() -> None:
    _run(SQLITE_DOWN, POSTGRESQL_DOWN)
    op.drop_index(op.f("ix_loyalty_registrations_shop_id_status_customer_id"), table_name="loyalty_registrations")
    op.drop_index("ix_customers_figures", table_name="customers")
    for column in ("points_balance", "total_spent_cents"):
        op.drop_index(op.f(f"ix_customers_shop_id_{column}_id"), table_name="customers")
    op.create_index(op.f("ix_customers_shop_id_total_spent_cents"), "customers", ["shop_id", "total_spent_cents"])
    op.drop_column("customers", "last_order_at")
    op.drop_column("customers", "points_balance")


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(statement)
