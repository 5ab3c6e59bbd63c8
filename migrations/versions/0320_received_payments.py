"""Received payments, known payers, and the addresses registered for notifications."""

import sqlalchemy as sa
from alembic import op

revision = "0320"
down_revision = "0340"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TO_CLAIM = sa.text("state IN ('unmatched', 'short', 'over', 'twice', 'late')")
NOT_TRIED = sa.text("state = 'received'")


def upgrade() -> None:
    op.create_table(
        "callback_registrations",
        sa.Column("id", BigId, nullable=False),
        sa.Column("short_code", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("response_type", sa.String(64), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("result", sa.String(200), nullable=False),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint(
            "state IN ('requested', 'registered', 'failed')", name=op.f("ck_callback_registrations_state_known")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_callback_registrations_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_registrations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_callback_registrations_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_callback_registrations_shop_id_id"), "callback_registrations", ["shop_id", "id"])
    op.create_table(
        "known_payers",
        sa.Column("id", BigId, nullable=False),
        sa.Column("payer_id", sa.String(64), nullable=False),
        sa.Column("customer_id", BigId, nullable=False),
        sa.Column("payment_id", BigId, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_known_payers_shop_id_customer_id"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_known_payers_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_payers")),
        sa.UniqueConstraint("shop_id", "payer_id", name=op.f("uq_known_payers_shop_id_payer_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_known_payers_shop_id_customer_id"), "known_payers", ["shop_id", "customer_id"])
    op.create_table(
        "received_payments",
        sa.Column("id", BigId, nullable=False),
        sa.Column("transaction_id", sa.String(64), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("short_code", sa.String(64), nullable=False),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(20), nullable=True),
        sa.Column("payer_id", sa.String(64), nullable=True),
        sa.Column("payer_name", sa.String(200), nullable=False),
        sa.Column("statement_cents", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("matched_by", sa.String(64), nullable=True),
        sa.Column("order_id", BigId, nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by", sa.String(200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint(
            "matched_by IN ('order_number', 'phone', 'payer', 'reference', 'prompt', 'staff', 'customer')",
            name=op.f("ck_received_payments_matched_by_known"),
        ),
        sa.CheckConstraint(
            "source IN ('callback', 'statement', 'query')", name=op.f("ck_received_payments_source_known")
        ),
        sa.CheckConstraint(
            "state IN ('received', 'unmatched', 'matched', 'short', 'over', 'twice', 'late', 'returned')",
            name=op.f("ck_received_payments_state_known"),
        ),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_received_payments_amount_cents_not_negative")),
        sa.CheckConstraint("statement_cents >= 0", name=op.f("ck_received_payments_statement_cents_not_negative")),
        sa.ForeignKeyConstraint(
            ["shop_id", "order_id"], ["orders.shop_id", "orders.id"], name=op.f("fk_received_payments_shop_id_order_id")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_received_payments_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_payments")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_received_payments_shop_id_id")),
        sa.UniqueConstraint("shop_id", "transaction_id", name=op.f("uq_received_payments_shop_id_transaction_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_received_payments_not_tried",
        "received_payments",
        ["id"],
        sqlite_where=NOT_TRIED,
        postgresql_where=NOT_TRIED,
    )
    op.create_index(op.f("ix_received_payments_shop_id_order_id"), "received_payments", ["shop_id", "order_id"])
    op.create_index(op.f("ix_received_payments_shop_id_paid_at_id"), "received_payments", ["shop_id", "paid_at", "id"])
    op.create_index(op.f("ix_received_payments_shop_id_phone"), "received_payments", ["shop_id", "phone"])
    op.create_index(
        "ix_received_payments_to_claim",
        "received_payments",
        ["shop_id", "paid_at", "id"],
        sqlite_where=TO_CLAIM,
        postgresql_where=TO_CLAIM,
    )


def downgrade() -> None:
    for table in ("received_payments", "known_payers", "callback_registrations"):
        op.drop_table(table)
