"""Drafts of orders that staff enter."""

import sqlalchemy as sa
from alembic import op

revision = "0130"
down_revision = "0061"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")
OPEN = sa.text("order_id IS NULL")


def upgrade() -> None:
    op.create_table(
        "order_drafts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("request_key", sa.String(64), nullable=False),
        sa.Column("customer_id", BigId, nullable=True),
        sa.Column("order_id", BigId, nullable=True),
        sa.Column("fields", Json, nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("saved_by", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint("total_cents >= 0", name=op.f("ck_order_drafts_total_cents_not_negative")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_order_drafts_shop_id")),
        *(
            sa.ForeignKeyConstraint(
                ["shop_id", f"{noun}_id"],
                [f"{noun}s.shop_id", f"{noun}s.id"],
                name=op.f(f"fk_order_drafts_shop_id_{noun}_id"),
            )
            for noun in ("customer", "order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_drafts")),
        sa.UniqueConstraint("shop_id", "request_key", name=op.f("uq_order_drafts_shop_id_request_key")),
        sqlite_autoincrement=True,
    )
    for noun in ("customer", "order"):
        op.create_index(op.f(f"ix_order_drafts_shop_id_{noun}_id"), "order_drafts", ["shop_id", f"{noun}_id"])
    op.create_index(
        "ix_order_drafts_open", "order_drafts", ["shop_id", "updated_at"], sqlite_where=OPEN, postgresql_where=OPEN
    )


def downgrade() -> None:
    op.drop_table("order_drafts")
