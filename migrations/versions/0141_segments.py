"""Segments of customers, actions on many customers, and indexes by product bought and by consent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0141"
down_revision = "0101"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")
INDEXES = (
    ("order_items", ["shop_id", "product_id", "order_id"], "600000 600000 3000 1"),
    ("consents", ["shop_id", "kind", "customer_id"], "100000 100000 30000 1"),
)


def upgrade() -> None:
    op.create_table(
        "segments",
        sa.Column("id", BigId, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("rules", Json, nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_segments_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segments")),
        sa.UniqueConstraint("shop_id", "name", name=op.f("uq_segments_shop_id_name")),
        sqlite_autoincrement=True,
    )
    numbers = ("total", "done", "changed", "skipped", "refused")
    op.create_table(
        "bulk_actions",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("params", Json, nullable=False),
        sa.Column("selection", Json, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in numbers),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", sa.String(64), nullable=False),
        sa.Column("actor_id", BigId, nullable=True),
        sa.Column("actor_label", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint(
            "kind IN ('add_tag', 'remove_tag', 'adjust', 'message')", name=op.f("ck_bulk_actions_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'stopped')", name=op.f("ck_bulk_actions_state_known")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_bulk_actions_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_actions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_bulk_actions_state_id"), "bulk_actions", ["state", "id"])
    op.create_index(op.f("ix_bulk_actions_shop_id_id"), "bulk_actions", ["shop_id", "id"])
    for table, columns, figures in INDEXES:
        name = f"ix_{table}_{'_'.join(columns)}"
        op.create_index(op.f(name), table, columns)
        if op.get_bind().dialect.name == "sqlite":  # what it plans with, as in migration 0009
            op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{table}', '{name}', '{figures}')")


def downgrade() -> None:
    for table, columns, _figures in INDEXES:
        name = f"ix_{table}_{'_'.join(columns)}"
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DELETE FROM sqlite_stat1 WHERE idx = '{name}'")
        op.drop_index(op.f(name), table_name=table)
    op.drop_table("bulk_actions")
    op.drop_table("segments")
