"""Carts of shoppers."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def in_shop(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["shop_id", column],
        [f"{target}.shop_id", f"{target}.id"],
        name=op.f(f"fk_{table}_shop_id_{column}"),
        ondelete=ondelete,
    )


def upgrade() -> None:
    op.create_table(
        "carts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("session_id", BigId, nullable=True),
        sa.Column("customer_id", BigId, nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint("(session_id IS NULL) <> (customer_id IS NULL)", name=op.f("ck_carts_one_owner")),
        in_shop("carts", "session_id", "shopper_sessions", "CASCADE"),
        in_shop("carts", "customer_id", "customers"),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_carts_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carts")),
        sa.UniqueConstraint("shop_id", "session_id", name=op.f("uq_carts_shop_id_session_id")),
        sa.UniqueConstraint("shop_id", "customer_id", name=op.f("uq_carts_shop_id_customer_id")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_carts_shop_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "cart_items",
        sa.Column("id", BigId, nullable=False),
        sa.Column("cart_id", BigId, nullable=False),
        sa.Column("product_id", BigId, nullable=False),
        sa.Column("variant_id", BigId, nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 100000", name=op.f("ck_cart_items_quantity_in_range")),
        in_shop("cart_items", "cart_id", "carts", "CASCADE"),
        in_shop("cart_items", "product_id", "products", "CASCADE"),
        in_shop("cart_items", "variant_id", "variants", "CASCADE"),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_cart_items_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_items")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_cart_items_one_product",
        "cart_items",
        ["cart_id", "product_id"],
        unique=True,
        sqlite_where=sa.text("variant_id IS NULL"),
        postgresql_where=sa.text("variant_id IS NULL"),
    )
    op.create_index(
        "ix_cart_items_one_variant",
        "cart_items",
        ["cart_id", "variant_id"],
        unique=True,
        sqlite_where=sa.text("variant_id IS NOT NULL"),
        postgresql_where=sa.text("variant_id IS NOT NULL"),
    )
    for column in ("product_id", "variant_id"):
        op.create_index(op.f(f"ix_cart_items_shop_id_{column}"), "cart_items", ["shop_id", column])


def downgrade() -> None:
    op.drop_table("cart_items")
    op.drop_table("carts")
