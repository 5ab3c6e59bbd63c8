"""Message channels to phones: accounts with providers, deliveries and their reports, the shop's own texts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0300"
down_revision = "0240"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")
Time = sa.DateTime(timezone=True)
OUTBOX = "outbox_messages"
STATES = "'sending', 'waiting', 'accepted', 'delivered', 'failed', 'refused'"


def upgrade() -> None:
    op.add_column(OUTBOX, sa.Column("phone", sa.String(20), nullable=True))
    op.add_column(OUTBOX, sa.Column("fallbacks", Json, server_default=sa.text("'[]'"), nullable=False))
    _create(
        "message_channels",
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("ciphertext", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("balance_e4", sa.BigInteger(), nullable=True),
        sa.Column("balance_currency", sa.String(64), nullable=True),
        sa.Column("balance_at", Time, nullable=True),
        sa.Column("updated_at", Time, nullable=False),
        sa.UniqueConstraint("shop_id", "code", name=op.f("uq_message_channels_shop_id_code")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_message_channels_token_hash")),
    )
    _create(
        "message_texts",
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("language", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", Time, nullable=False),
        sa.UniqueConstraint("shop_id", "kind", "language", name=op.f("uq_message_texts_shop_id_kind_language")),
    )
    _create(
        "message_deliveries",
        sa.Column("outbox_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("may_repeat", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("provider_id", sa.String(200), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("cost_e4", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(64), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("updated_at", Time, nullable=False),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_message_deliveries_state_known")),
        sa.CheckConstraint("segments >= 0", name=op.f("ck_message_deliveries_segments_not_negative")),
        sa.CheckConstraint("cost_e4 >= 0", name=op.f("ck_message_deliveries_cost_e4_not_negative")),
        sa.UniqueConstraint(
            "shop_id", "outbox_id", "channel", name=op.f("uq_message_deliveries_shop_id_outbox_id_channel")
        ),
        sa.UniqueConstraint(
            "shop_id", "channel", "provider_id", name=op.f("uq_message_deliveries_shop_id_channel_provider_id")
        ),
    )
    for columns in (["shop_id", "created_at"], ["created_at"]):
        op.create_index(op.f(f"ix_message_deliveries_{'_'.join(columns)}"), "message_deliveries", columns)
    _create(
        "delivery_reports",
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("provider_id", sa.String(200), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("received_at", Time, nullable=False),
        sa.CheckConstraint("state IN ('delivered', 'failed')", name=op.f("ck_delivery_reports_state_known")),
        sa.UniqueConstraint(
            "shop_id", "channel", "provider_id", name=op.f("uq_delivery_reports_shop_id_channel_provider_id")
        ),
    )
    op.create_index(op.f("ix_delivery_reports_received_at"), "delivery_reports", ["received_at"])


def _create(table: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("id", BigId, nullable=False),
        *columns,
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f(f"fk_{table}_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for table in ("delivery_reports", "message_deliveries", "message_texts", "message_channels"):
        op.drop_table(table)
    op.drop_column(OUTBOX, "fallbacks")
    op.drop_column(OUTBOX, "phone")
