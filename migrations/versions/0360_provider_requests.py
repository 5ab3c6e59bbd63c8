"""Requests to M-Pesa whose result comes by callback."""

import sqlalchemy as sa
from alembic import op

revision = "0360"
down_revision = "0380"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("state IN ('requested', 'accepted')")
OPEN_PAYOUT = sa.text("kind = 'payout' AND state IN ('requested', 'accepted')")


def upgrade() -> None:
    op.create_table(
        "provider_requests",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("payment_id", BigId, nullable=True),
        sa.Column("refund_id", BigId, nullable=True),
        sa.Column("about_id", BigId, nullable=True),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("phone", sa.String(20), nullable=True),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("result_code", sa.String(64), nullable=False),
        sa.Column("message", sa.String(200), nullable=False),
        sa.Column("receipt", sa.String(64), nullable=False),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_provider_requests_amount_cents_not_negative")),
        sa.CheckConstraint("kind IN ('status', 'reversal', 'payout')", name=op.f("ck_provider_requests_kind_known")),
        sa.CheckConstraint(
            "state IN ('requested', 'accepted', 'done', 'failed')", name=op.f("ck_provider_requests_state_known")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_provider_requests_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "about_id"],
            ["provider_requests.shop_id", "provider_requests.id"],
            name=op.f("fk_provider_requests_shop_id_about_id"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "payment_id"],
            ["received_payments.shop_id", "received_payments.id"],
            name=op.f("fk_provider_requests_shop_id_payment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "refund_id"],
            ["order_refunds.shop_id", "order_refunds.id"],
            name=op.f("fk_provider_requests_shop_id_refund_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_requests")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_provider_requests_shop_id_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_provider_requests_token_hash")),
        sqlite_autoincrement=True,
    )
    _index("shop_id", "reference", "id")
    _index("shop_id", "payment_id")
    _index("shop_id", "refund_id")
    _index("shop_id", "about_id")
    op.create_index(
        "ix_provider_requests_open",
        "provider_requests",
        ["created_at", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_provider_requests_open_payout",
        "provider_requests",
        ["shop_id", "refund_id"],
        unique=True,
        sqlite_where=OPEN_PAYOUT,
        postgresql_where=OPEN_PAYOUT,
    )


def _index(*columns: str) -> None:
    op.create_index(op.f(f"ix_provider_requests_{'_'.join(columns)}"), "provider_requests", list(columns))


def downgrade() -> None:
    op.drop_table("provider_requests")
