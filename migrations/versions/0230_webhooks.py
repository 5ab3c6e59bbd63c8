"""Webhook endpoints, deliveries and attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0230"
down_revision = "0221"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")
Moment = sa.DateTime(timezone=True)
WAITING = sa.text("status = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", BigId, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("types", Json, nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("signature", sa.String(64), nullable=False),
        sa.Column("ciphertext", sa.Text(), nullable=False),
        sa.Column("rotated_at", Moment, nullable=True),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("failing_since", Moment, nullable=True),
        sa.Column("disabled_reason", sa.String(64), nullable=True),
        sa.Column("leased_until", Moment, nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint("signature IN ('v1', 'v1a')", name=op.f("ck_webhook_endpoints_signature_known")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_webhook_endpoints_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_webhook_endpoints_shop_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", BigId, nullable=False),
        sa.Column("endpoint_id", BigId, nullable=False),
        sa.Column("event_id", BigId, nullable=True),
        sa.Column("body", Json, nullable=True),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'delivered', 'failed')", name=op.f("ck_webhook_deliveries_status_known")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_webhook_deliveries_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "endpoint_id"],
            ["webhook_endpoints.shop_id", "webhook_endpoints.id"],
            name=op.f("fk_webhook_deliveries_shop_id_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shop_id", "event_id"],
            ["events.shop_id", "events.id"],
            name=op.f("fk_webhook_deliveries_shop_id_event_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_webhook_deliveries_shop_id_id")),
        sa.UniqueConstraint(
            "shop_id", "endpoint_id", "event_id", name=op.f("uq_webhook_deliveries_shop_id_endpoint_id_event_id")
        ),
        sqlite_autoincrement=True,
    )
    for columns in (["shop_id", "event_id"], ["endpoint_id", "id"], ["created_at"]):
        op.create_index(op.f(f"ix_webhook_deliveries_{'_'.join(columns)}"), "webhook_deliveries", columns)
    op.create_index(
        "ix_webhook_deliveries_waiting",
        "webhook_deliveries",
        ["endpoint_id", "due_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("delivery_id", BigId, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_webhook_attempts_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "delivery_id"],
            ["webhook_deliveries.shop_id", "webhook_deliveries.id"],
            name=op.f("fk_webhook_attempts_shop_id_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempts")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_webhook_attempts_shop_id_delivery_id"), "webhook_attempts", ["shop_id", "delivery_id"])


def downgrade() -> None:
    for table in ("webhook_attempts", "webhook_deliveries", "webhook_endpoints"):
        op.drop_table(table)
