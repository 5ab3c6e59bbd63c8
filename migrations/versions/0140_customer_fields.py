"""Birthday, area, tags, external id, metadata, and fields that a shop defines.

Triggers keep the table of tags, by which customers are found. A later migration that makes the table customers anew
must make these triggers anew too.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0140"
down_revision = "0091"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Bytes = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Json = sa.JSON().with_variant(JSONB(), "postgresql")
COLUMNS = (
    ("birthday", sa.String(10), None),
    ("area", sa.String(200), ""),
    ("tags", Json, "[]"),
    ("external_id", sa.String(100), None),
    ("metadata", Json, "{}"),
    ("custom_fields", Json, "{}"),
)
INDEXES = {
    "external_id": "100000 100000 1",
    "area_id": "100000 100000 500 1",
    "birthday_in_year_id": "100000 100000 300 1",
    "created_at_id": "100000 100000 2 1",
}
# What SQLite plans with, as in migration 0009.
TAGS = {"ix_customer_tags_shop_id_tag_customer_id": "100000 100000 2000 1"}
SQLITE_TAG = """
    INSERT INTO customer_tags (shop_id, customer_id, tag)
    SELECT NEW.shop_id, NEW.id, value FROM json_each(NEW.tags);
"""
SQLITE_UP = (
    f"CREATE TRIGGER customers_tagged_new AFTER INSERT ON customers WHEN NEW.tags <> '[]' BEGIN {SQLITE_TAG} END",
    f"""
    CREATE TRIGGER customers_tagged AFTER UPDATE OF tags ON customers WHEN NEW.tags <> OLD.tags BEGIN
        DELETE FROM customer_tags WHERE customer_id = NEW.id;
        {SQLITE_TAG}
    END
    """,
)
SQLITE_DOWN = ("DROP TRIGGER customers_tagged", "DROP TRIGGER customers_tagged_new")
POSTGRESQL_UP = (
    """
    CREATE FUNCTION customers_tagged() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            DELETE FROM customer_tags WHERE customer_id = NEW.id;
        END IF;
        INSERT INTO customer_tags (shop_id, customer_id, tag)
        SELECT NEW.shop_id, NEW.id, value FROM jsonb_array_elements_text(NEW.tags);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER customers_tagged_new AFTER INSERT ON customers
    FOR EACH ROW WHEN (NEW.tags <> '[]'::jsonb) EXECUTE FUNCTION customers_tagged()
    """,
    """
    CREATE TRIGGER customers_tagged AFTER UPDATE OF tags ON customers
    FOR EACH ROW WHEN (NEW.tags <> OLD.tags) EXECUTE FUNCTION customers_tagged()
    """,
)
POSTGRESQL_DOWN = (
    "DROP TRIGGER customers_tagged ON customers",
    "DROP TRIGGER customers_tagged_new ON customers",
    "DROP FUNCTION customers_tagged()",
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, kind, default in COLUMNS:
        server_default = None if default is None else sa.text(f"'{default}'")
        op.add_column("customers", sa.Column(name, kind, nullable=default is None, server_default=server_default))
    in_year = sa.Computed("substr(birthday, 6)", persisted=not is_sqlite)  # SQLite adds only virtual columns
    op.add_column("customers", sa.Column("birthday_in_year", Bytes, in_year, nullable=True))
    for name in INDEXES:
        columns = ["shop_id", name] if name == "external_id" else ["shop_id", name.removesuffix("_id"), "id"]
        op.create_index(op.f(f"ix_customers_shop_id_{name}"), "customers", columns, unique=name == "external_id")
    _create_tables()
    if is_sqlite:
        for name, figures in INDEXES.items():
            _plan_with("customers", f"ix_customers_shop_id_{name}", figures)
        for name, figures in TAGS.items():
            _plan_with("customer_tags", name, figures)
    for statement in SQLITE_UP if is_sqlite else POSTGRESQL_UP:
        op.execute(statement)


def _plan_with(table: str, index: str, figures: str) -> None:
    op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{table}', '{index}', '{figures}')")


def _create_tables() -> None:
    op.create_table(
        "customer_tags",
        sa.Column("id", BigId, nullable=False),
        sa.Column("customer_id", BigId, nullable=False),
        sa.Column("tag", Bytes, nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_customer_tags_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_customer_tags_shop_id_customer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_tags")),
        sa.UniqueConstraint("customer_id", "tag", name=op.f("uq_customer_tags_customer_id_tag")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_customer_tags_shop_id_tag_customer_id"), "customer_tags", ["shop_id", "tag", "customer_id"]
    )
    op.create_table(
        "custom_fields",
        sa.Column("id", BigId, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("choices", Json, nullable=False),
        sa.Column("on_form", sa.Boolean(), nullable=False),
        sa.Column("in_list", sa.Boolean(), nullable=False),
        sa.Column("in_export", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint(
            "type IN ('text', 'number', 'date', 'choice', 'yes_no')", name=op.f("ck_custom_fields_type_known")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_custom_fields_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_fields")),
        sa.UniqueConstraint("shop_id", "key", name=op.f("uq_custom_fields_shop_id_key")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_DOWN if is_sqlite else POSTGRESQL_DOWN:
        op.execute(statement)
    if is_sqlite:
        for index in (*(f"ix_customers_shop_id_{name}" for name in INDEXES), *TAGS):
            op.execute(f"DELETE FROM sqlite_stat1 WHERE idx = '{index}'")
    op.drop_table("custom_fields")
    op.drop_table("customer_tags")
    for name in INDEXES:
        op.drop_index(op.f(f"ix_customers_shop_id_{name}"), table_name="customers")
    for name in ("birthday_in_year", *(column[0] for column in reversed(COLUMNS))):
        op.drop_column("customers", name)
