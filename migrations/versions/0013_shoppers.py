"""People who shop online: sessions, accounts not proved yet, links mailed to them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "shopper_signups",
        sa.Column("id", BigId, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("first_name", sa.String(length=200), nullable=False),
        sa.Column("last_name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_shopper_signups_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shopper_signups")),
        sa.UniqueConstraint("shop_id", "email", name=op.f("uq_shopper_signups_shop_id_email")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_shopper_signups_shop_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_shopper_signups_expires_at"), "shopper_signups", ["expires_at"])
    op.create_table(
        "shopper_sessions",
        sa.Column("id", BigId, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("customer_id", BigId, nullable=True),
        sa.Column("signup_id", BigId, nullable=True),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint("customer_id IS NULL OR signup_id IS NULL", name=op.f("ck_shopper_sessions_one_person")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_shopper_sessions_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_shopper_sessions_shop_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "signup_id"],
            ["shopper_signups.shop_id", "shopper_signups.id"],
            name=op.f("fk_shopper_sessions_shop_id_signup_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shopper_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_shopper_sessions_token_hash")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_shopper_sessions_shop_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_shopper_sessions_expires_at"), "shopper_sessions", ["expires_at"])
    for column in ("customer_id", "signup_id"):
        op.create_index(op.f(f"ix_shopper_sessions_shop_id_{column}"), "shopper_sessions", ["shop_id", column])
    op.create_table(
        "shopper_links",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("used_at", Moment, nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint("kind IN ('register', 'reset')", name=op.f("ck_shopper_links_kind_known")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_shopper_links_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shopper_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_shopper_links_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_shopper_links_expires_at"), "shopper_links", ["expires_at"])
    op.create_index(op.f("ix_shopper_links_shop_id_email"), "shopper_links", ["shop_id", "email"])


def downgrade() -> None:
    for table in ("shopper_links", "shopper_sessions", "shopper_signups"):
        op.drop_table(table)
