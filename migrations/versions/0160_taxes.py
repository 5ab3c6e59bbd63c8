"""Tax classes, and the taxes of orders by class."""

import sqlalchemy as sa
from alembic import op

revision = "0160"
down_revision = "0165"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
RATES = "rate BETWEEN 0 AND 10000 AND (next_rate IS NULL OR next_rate BETWEEN 0 AND 10000)"
NOT_NEGATIVE = ("rate", "net_cents", "tax_cents", "refunded_net_cents", "refunded_tax_cents")


def upgrade() -> None:
    op.create_table(
        "tax_classes",
        sa.Column("id", BigId, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("next_rate", sa.Integer(), nullable=True),
        sa.Column("next_rate_from", sa.Date(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint(RATES, name=op.f("ck_tax_classes_rates_in_range")),
        sa.CheckConstraint(
            "(next_rate IS NULL) = (next_rate_from IS NULL)", name=op.f("ck_tax_classes_next_rate_has_day")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_tax_classes_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_classes")),
        sa.UniqueConstraint("shop_id", "code", name=op.f("uq_tax_classes_shop_id_code")),
        sqlite_autoincrement=True,
    )
    is_default = sa.text("is_default")
    op.create_index(
        "uq_tax_classes_default",
        "tax_classes",
        ["shop_id"],
        unique=True,
        sqlite_where=is_default,
        postgresql_where=is_default,
    )
    _create_lines()
    op.add_column("order_items", sa.Column("tax_class", sa.String(64), nullable=False, server_default=""))
    check = "CONSTRAINT ck_order_items_tax_cents_not_negative CHECK (tax_cents >= 0)"
    op.execute(f"ALTER TABLE order_items ADD COLUMN tax_cents BIGINT NOT NULL DEFAULT 0 {check}")
    op.add_column("shipping_methods", sa.Column("tax_class", sa.String(64), nullable=False, server_default=""))


def _create_lines() -> None:
    op.create_table(
        "order_tax_lines",
        sa.Column("id", BigId, nullable=False),
        sa.Column("order_id", BigId, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("net_cents", sa.BigInteger(), nullable=False),
        sa.Column("tax_cents", sa.BigInteger(), nullable=False),
        sa.Column("is_included", sa.Boolean(), nullable=False),
        sa.Column("refunded_net_cents", sa.BigInteger(), nullable=False),
        sa.Column("refunded_tax_cents", sa.BigInteger(), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        *(
            sa.CheckConstraint(f"{column} >= 0", name=op.f(f"ck_order_tax_lines_{column}_not_negative"))
            for column in NOT_NEGATIVE
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_order_tax_lines_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], name=op.f("fk_order_tax_lines_shop_id_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_tax_lines")),
        sa.UniqueConstraint("shop_id", "order_id", "code", name=op.f("uq_order_tax_lines_shop_id_order_id_code")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_column("shipping_methods", "tax_class")
    op.drop_column("order_items", "tax_cents")
    op.drop_column("order_items", "tax_class")
    op.drop_table("order_tax_lines")
    op.drop_table("tax_classes")
