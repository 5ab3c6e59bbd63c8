"""A kept count of each shop's customers, by spans of ids: the list's total, and where its deep pages begin."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# On SQLite there is one writer, who changes the span's row. On PostgreSQL writers must not wait for one another: each
# statement adds a row of its own, and the worker puts these together. A bulk load costs one row a span.
# A later migration that makes the table customers anew must make these triggers anew too.
SQLITE_ONE = """
    INSERT INTO customer_spans (shop_id, span, number)
    SELECT {row}.shop_id, {row}.id / 1000, 0
    WHERE NOT EXISTS (SELECT 1 FROM customer_spans WHERE shop_id = {row}.shop_id AND span = {row}.id / 1000);
    UPDATE customer_spans SET number = number {change}
    WHERE id = (SELECT MIN(id) FROM customer_spans WHERE shop_id = {row}.shop_id AND span = {row}.id / 1000);
"""
SQLITE_UP = (
    f"CREATE TRIGGER customers_counted_new AFTER INSERT ON customers BEGIN "
    f"{SQLITE_ONE.format(row='NEW', change='+ 1')} END",
    f"CREATE TRIGGER customers_counted_gone AFTER DELETE ON customers BEGIN "
    f"{SQLITE_ONE.format(row='OLD', change='- 1')} END",
)
SQLITE_DOWN = ("DROP TRIGGER customers_counted_gone", "DROP TRIGGER customers_counted_new")

POSTGRESQL_MANY = """
    CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO customer_spans (shop_id, span, number)
        SELECT shop_id, id / 1000, {sign}COUNT(*) FROM {rows} GROUP BY 1, 2;
        RETURN NULL;
    END $$
"""
POSTGRESQL_UP = (
    POSTGRESQL_MANY.format(name="customers_counted_new", sign="", rows="added"),
    POSTGRESQL_MANY.format(name="customers_counted_gone", sign="-", rows="gone"),
    """
    CREATE TRIGGER customers_counted_new AFTER INSERT ON customers REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION customers_counted_new()
    """,
    """
    CREATE TRIGGER customers_counted_gone AFTER DELETE ON customers REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION customers_counted_gone()
    """,
)
POSTGRESQL_DOWN = (
    "DROP TRIGGER customers_counted_gone ON customers",
    "DROP TRIGGER customers_counted_new ON customers",
    "DROP FUNCTION customers_counted_gone()",
    "DROP FUNCTION customers_counted_new()",
)


def upgrade() -> None:
    op.create_table(
        "customer_spans",
        sa.Column("id", BigId, nullable=False),
        sa.Column("span", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_customer_spans_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_spans")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_customer_spans_shop_id_span_number"), "customer_spans", ["shop_id", "span", "number"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "LOCK TABLE customers IN SHARE ROW EXCLUSIVE MODE"
        )  # nobody comes between the count and the triggers
    op.execute(
        "INSERT INTO customer_spans (shop_id, span, number) "
        "SELECT shop_id, id / 1000, COUNT(*) FROM customers GROUP BY 1, 2"
    )
    _run(SQLITE_UP, POSTGRESQL_UP)


def downgrade() -> None:
    _run(SQLITE_DOWN, POSTGRESQL_DOWN)
    op.drop_index(op.f("ix_customer_spans_shop_id_span_number"), table_name="customer_spans")
    op.drop_table("customer_spans")


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(statement)
