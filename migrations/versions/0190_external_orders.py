"""Orders with an id of another system and its data; lists by the time of the last change."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0190"
down_revision = "0154"
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(JSONB(), "postgresql")
INDEXES = {
    "ix_orders_shop_id_updated_at_id": ("orders", "updated_at", "300000 300000 2 1"),
    "ix_customers_shop_id_updated_at_id": ("customers", "updated_at", "100000 100000 2 1"),
    "ix_products_shop_id_created_at_id": ("products", "created_at", "10000 10000 2 1"),
}
EXTERNAL = "uq_orders_shop_id_external_id"


def upgrade() -> None:
    op.add_column("orders", sa.Column("external_id", sa.String(100), nullable=True))
    op.add_column("orders", sa.Column("metadata", Json, nullable=True))
    given = sa.text("external_id IS NOT NULL")
    op.create_index(
        EXTERNAL, "orders", ["shop_id", "external_id"], unique=True, sqlite_where=given, postgresql_where=given
    )
    for name, (table, column, _figures) in INDEXES.items():
        op.create_index(name, table, ["shop_id", column, "id"])
    if op.get_bind().dialect.name == "sqlite":  # what it plans with, as in migration 0009
        figures = {name: (table, text) for name, (table, _column, text) in INDEXES.items()}
        for name, (table, text) in (figures | {EXTERNAL: ("orders", "30000 30000 1")}).items():
            op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{table}', '{name}', '{text}')")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in (*INDEXES, EXTERNAL):
            op.execute(f"DELETE FROM sqlite_stat1 WHERE idx = '{name}'")
    for name, (table, _column, _figures) in reversed(INDEXES.items()):
        op.drop_index(name, table_name=table)
    op.drop_index(EXTERNAL, table_name="orders")
    op.drop_column("orders", "metadata")
    op.drop_column("orders", "external_id")
