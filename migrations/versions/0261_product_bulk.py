"""Changes of many products at once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0261"
down_revision = "0260"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")
TABLE = "product_bulk_actions"


def upgrade() -> None:
    numbers = ("total", "done", "changed", "skipped", "refused")
    op.create_table(
        TABLE,
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
        sa.CheckConstraint("kind IN ('price', 'stock')", name=op.f("ck_product_bulk_actions_kind_known")),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'stopped')", name=op.f("ck_product_bulk_actions_state_known")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_product_bulk_actions_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_bulk_actions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_product_bulk_actions_state_id"), TABLE, ["state", "id"])
    op.create_index(op.f("ix_product_bulk_actions_shop_id_id"), TABLE, ["shop_id", "id"])


def downgrade() -> None:
    op.drop_table(TABLE)
