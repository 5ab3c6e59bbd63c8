"""Refunds of orders, in full or in part."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "order_refunds",
        sa.Column("id", BigId, nullable=False),
        sa.Column("order_id", BigId, nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("points_taken_back", sa.BigInteger(), nullable=False),
        sa.Column("points_given_back", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", sa.String(length=64), nullable=False),
        sa.Column("actor_id", BigId, nullable=True),
        sa.Column("actor_label", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_order_refunds_amount_positive")),
        sa.CheckConstraint("points_taken_back >= 0", name=op.f("ck_order_refunds_points_taken_back_not_negative")),
        sa.CheckConstraint("points_given_back >= 0", name=op.f("ck_order_refunds_points_given_back_not_negative")),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], name=op.f("fk_order_refunds_shop_id_order_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_order_refunds_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_refunds")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_order_refunds_order_id"), "order_refunds", ["order_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_order_refunds_order_id"), table_name="order_refunds")
    op.drop_table("order_refunds")
