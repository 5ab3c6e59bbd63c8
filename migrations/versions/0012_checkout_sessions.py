"""What the embedded checkout keeps while somebody is in it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "checkout_sessions",
        sa.Column("id", BigId, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("items", Json, nullable=False),
        sa.Column("order_id", BigId, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_checkout_sessions_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"],
            ["orders.shop_id", "orders.id"],
            name=op.f("fk_checkout_sessions_shop_id_order_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkout_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_checkout_sessions_token_hash")),
        sa.UniqueConstraint("order_id", name=op.f("uq_checkout_sessions_order_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_checkout_sessions_shop_id_id"), "checkout_sessions", ["shop_id", "id"])
    op.create_index(op.f("ix_checkout_sessions_expires_at"), "checkout_sessions", ["expires_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_checkout_sessions_expires_at"), table_name="checkout_sessions")
    op.drop_index(op.f("ix_checkout_sessions_shop_id_id"), table_name="checkout_sessions")
    op.drop_table("checkout_sessions")
