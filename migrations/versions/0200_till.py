"""Sales at the till."""

import sqlalchemy as sa
from alembic import op

revision = "0200"
down_revision = "0150"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HAS_REFERENCE = sa.text("reference IS NOT NULL AND undone_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "till_sales",
        sa.Column("id", BigId, nullable=False),
        sa.Column("sale_id", sa.String(64), nullable=False),
        sa.Column("order_id", BigId, nullable=True),
        sa.Column("branch_id", BigId, nullable=False),
        sa.Column("device", sa.String(200), nullable=False),
        sa.Column("method", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(200), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("staff_user_id", BigId, nullable=True),
        sa.Column("actor_label", sa.String(200), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_till_sales_amount_cents_not_negative")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_till_sales_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], name=op.f("fk_till_sales_shop_id_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "branch_id"], ["branches.shop_id", "branches.id"], name=op.f("fk_till_sales_shop_id_branch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_sales")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_till_sales_shop_id_id")),
        sa.UniqueConstraint("shop_id", "sale_id", name=op.f("uq_till_sales_shop_id_sale_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_till_sales_shop_id_order_id"), "till_sales", ["shop_id", "order_id"])
    op.create_index(
        op.f("ix_till_sales_shop_id_branch_id_created_at"), "till_sales", ["shop_id", "branch_id", "created_at"]
    )
    op.create_index(op.f("ix_till_sales_shop_id_created_at_id"), "till_sales", ["shop_id", "created_at", "id"])
    op.create_index(
        "uq_till_sales_reference",
        "till_sales",
        ["shop_id", "reference"],
        unique=True,
        sqlite_where=HAS_REFERENCE,
        postgresql_where=HAS_REFERENCE,
    )


def downgrade() -> None:
    op.drop_table("till_sales")
