"""Payments under way: attempts, what was heard of each, what people must look at, and the shops' credentials."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")
UNDER_WAY = sa.text("(state = 'starting' OR state = 'waiting')")
OPEN = sa.text("handled_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "payment_secrets",
        sa.Column("id", BigId, nullable=False),
        sa.Column("method_code", sa.String(length=64), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("box", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_payment_secrets_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_secrets")),
        sa.UniqueConstraint("shop_id", "method_code", name=op.f("uq_payment_secrets_shop_id_method_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "payment_attempts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("order_id", BigId, nullable=False),
        sa.Column("method_code", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("provider_id", sa.String(length=200), nullable=True),
        sa.Column("receipt", sa.String(length=64), nullable=True),
        sa.Column("paid_cents", sa.BigInteger(), nullable=True),
        sa.Column("result_code", sa.String(length=64), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("query_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queries", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint(
            "state IN ('starting', 'waiting', 'paid', 'failed', 'lapsed')", name=op.f("ck_payment_attempts_state_known")
        ),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_payment_attempts_amount_cents_not_negative")),
        sa.CheckConstraint("paid_cents >= 0", name=op.f("ck_payment_attempts_paid_cents_not_negative")),
        sa.CheckConstraint("queries >= 0", name=op.f("ck_payment_attempts_queries_not_negative")),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], name=op.f("fk_payment_attempts_shop_id_order_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_payment_attempts_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_attempts")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_payment_attempts_shop_id_id")),
        sa.UniqueConstraint("shop_id", "receipt", name=op.f("uq_payment_attempts_shop_id_receipt")),
        sa.UniqueConstraint("shop_id", "reference", name=op.f("uq_payment_attempts_shop_id_reference")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_payment_attempts_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_payment_attempts_order_id"), "payment_attempts", ["order_id"], unique=False)
    op.create_index(
        "ix_payment_attempts_to_ask",
        "payment_attempts",
        ["query_at"],
        unique=False,
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )
    op.create_index(
        "ix_payment_attempts_under_way",
        "payment_attempts",
        ["shop_id", "order_id"],
        unique=True,
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )
    op.create_table(
        "payment_flags",
        sa.Column("id", BigId, nullable=False),
        sa.Column("order_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by", sa.String(length=200), nullable=True),
        sa.Column("handled_note", sa.Text(), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint(
            "kind IN ('late', 'twice', 'short', 'over', 'unmatched', 'contradiction', 'refused')",
            name=op.f("ck_payment_flags_kind_known"),
        ),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_payment_flags_amount_cents_not_negative")),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], name=op.f("fk_payment_flags_shop_id_order_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_payment_flags_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_flags")),
        sa.UniqueConstraint("shop_id", "cause", name=op.f("uq_payment_flags_shop_id_cause")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_payment_flags_shop_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_payment_flags_open",
        "payment_flags",
        ["shop_id", "id"],
        unique=False,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(op.f("ix_payment_flags_order_id"), "payment_flags", ["order_id"], unique=False)
    op.create_table(
        "payment_events",
        sa.Column("id", BigId, nullable=False),
        sa.Column("attempt_id", BigId, nullable=False),
        sa.Column("event_key", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("result_code", sa.String(length=64), nullable=False),
        sa.Column("provider_id", sa.String(length=200), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=True),
        sa.Column("receipt", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint(
            "outcome IN ('waiting', 'paid', 'failed', 'noted', 'late', 'twice', 'short', 'unmatched', 'contradiction')",
            name=op.f("ck_payment_events_outcome_known"),
        ),
        sa.CheckConstraint("source IN ('push', 'callback', 'query')", name=op.f("ck_payment_events_source_known")),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_payment_events_amount_cents_not_negative")),
        sa.ForeignKeyConstraint(
            ["shop_id", "attempt_id"],
            ["payment_attempts.shop_id", "payment_attempts.id"],
            name=op.f("fk_payment_events_shop_id_attempt_id"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_payment_events_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_events")),
        sa.UniqueConstraint("shop_id", "event_key", name=op.f("uq_payment_events_shop_id_event_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_payment_events_attempt_id"), "payment_events", ["attempt_id"], unique=False)


def downgrade() -> None:
    for table in ("payment_events", "payment_flags", "payment_attempts", "payment_secrets"):
        op.drop_table(table)
