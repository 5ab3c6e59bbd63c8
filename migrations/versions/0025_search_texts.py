"""Search texts without accents; indexes to sort customers and orders and to find orders by number and reference.

The texts are computed again in batches. On SQLite the table of trigrams is built once at the end, instead of row by
row by its trigger. The way down keeps the texts: the version before reads them, too.
"""

import sqlalchemy as sa
from alembic import op

from shop.domain.text.search import search_text

revision = "0025"
down_revision = "0021"
branch_labels = None
depends_on = None

BATCH = 5_000
Bytes = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
CUSTOMERS = sa.table(
    "customers", *(sa.column(name) for name in ("id", "first_name", "last_name", "email", "phone", "search_text"))
)
INDEXES = (
    ("customers", ["shop_id", "sort_name", "id"]),
    ("customers", ["shop_id", "total_orders", "id"]),
    ("orders", ["shop_id", "total_cents", "id"]),
    ("orders", ["shop_id", "number_suffix"]),
)
PREFIXES = (
    ("ix_orders_shop_id_number_prefix", "orders", "order_number"),
    ("ix_order_transactions_shop_id_reference", "order_transactions", "reference"),
)
# What SQLite plans with, as in migration 0009: an index without figures would seem to lead to ten rows.
SPREAD = {
    "ix_customers_shop_id_sort_name_id": ("customers", "100000 100000 2 1"),
    "ix_customers_shop_id_total_orders_id": ("customers", "100000 100000 1000 1"),
    "ix_orders_shop_id_total_cents_id": ("orders", "300000 300000 5 1"),
    "ix_orders_shop_id_number_suffix": ("orders", "300000 300000 2"),
    "ix_orders_shop_id_number_prefix": ("orders", "300000 300000 1"),
    "ix_order_transactions_order_id": ("order_transactions", "300000 2"),
    "ix_order_transactions_shop_id_reference": ("order_transactions", "300000 300000 2"),
}
TRIGGER = """
    CREATE TRIGGER customers_words_changed AFTER UPDATE OF search_text ON customers BEGIN
        INSERT INTO customer_words(customer_words, rowid, search_text) VALUES ('delete', OLD.id, OLD.search_text);
        INSERT INTO customer_words(rowid, search_text) VALUES (NEW.id, NEW.search_text);
    END
"""


def upgrade() -> None:
    _rewrite_texts()
    _generated("customers", "sort_name", "substr(search_text, 1, 100)")
    _generated("orders", "number_suffix", "substr(order_number, 12)")
    for table, columns in INDEXES:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)
    for name, table, column in PREFIXES:
        op.create_index(name, table, ["shop_id", column], postgresql_ops={column: "varchar_pattern_ops"})
    if op.get_bind().dialect.name == "sqlite":
        for index, (table, figures) in SPREAD.items():
            op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{table}', '{index}', '{figures}')")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for index in SPREAD:
            op.execute(f"DELETE FROM sqlite_stat1 WHERE idx = '{index}'")
    for name, table, _column in PREFIXES:
        op.drop_index(name, table_name=table)
    for table, columns in INDEXES:
        op.drop_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table_name=table)
    op.drop_column("orders", "number_suffix")
    op.drop_column("customers", "sort_name")


def _generated(table: str, name: str, expression: str) -> None:
    """SQLite can add only virtual columns, PostgreSQL can index only stored ones."""
    stored = op.get_bind().dialect.name == "postgresql"
    op.add_column(table, sa.Column(name, Bytes, sa.Computed(expression, persisted=stored), nullable=False))


def _rewrite_texts() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.execute("DROP TRIGGER customers_words_changed")
    last: int | None = 0
    while last is not None:
        last = _rewrite_batch(last)
    if is_sqlite:
        op.execute("INSERT INTO customer_words(customer_words) VALUES ('rebuild')")
        op.execute(TRIGGER)


def _rewrite_batch(after: int) -> int | None:
    c = CUSTOMERS.c
    rows = op.get_bind().execute(sa.select(CUSTOMERS).where(c.id > after).order_by(c.id).limit(BATCH)).all()
    texts = [(row, search_text(row.first_name, row.last_name, row.email, row.phone)) for row in rows]
    changed = [{"key": row.id, "text": text} for row, text in texts if text != row.search_text]
    if changed:
        update = CUSTOMERS.update().where(c.id == sa.bindparam("key")).values(search_text=sa.bindparam("text"))
        op.get_bind().execute(update, changed)
    return rows[-1].id if len(rows) == BATCH else None
