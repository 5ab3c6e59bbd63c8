"""Carts that were left behind."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "abandoned_carts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=200), nullable=True),
        sa.Column("customer_id", BigId, nullable=True),
        sa.Column("items", Json, nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_abandoned_carts_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_abandoned_carts_shop_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_abandoned_carts")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_abandoned_carts_created_at"), "abandoned_carts", ["created_at"])
    for column in ("email", "customer_id"):
        op.create_index(op.f(f"ix_abandoned_carts_shop_id_{column}"), "abandoned_carts", ["shop_id", column])


def downgrade() -> None:
    op.drop_table("abandoned_carts")
