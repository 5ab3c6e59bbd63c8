"""Domain events, and the counter of each shop that numbers them."""

import sqlalchemy as sa
from alembic import op

revision = "0170"
down_revision = "0200"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")
PURGED = sa.text("NOT (type LIKE 'points.%')")
UNNUMBERED = sa.text("sequence IS NULL")


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", BigId, nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("noun", sa.String(64), nullable=False),
        sa.Column("object_id", BigId, nullable=False),
        sa.Column("customer_id", BigId, nullable=True),
        sa.Column("data", Json, nullable=False),
        sa.Column("previous", Json, nullable=False),
        sa.Column("actor_kind", sa.String(64), nullable=False),
        sa.Column("actor_id", BigId, nullable=True),
        sa.Column("actor_label", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_events_shop_id")),
        sa.ForeignKeyConstraint(
            ["shop_id", "customer_id"],
            ["customers.shop_id", "customers.id"],
            name=op.f("fk_events_shop_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("shop_id", "id", name=op.f("uq_events_shop_id_id")),
        sa.UniqueConstraint("shop_id", "sequence", name=op.f("uq_events_shop_id_sequence")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_events_shop_id_customer_id"), "events", ["shop_id", "customer_id"])
    op.create_index("ix_events_purged", "events", ["created_at"], sqlite_where=PURGED, postgresql_where=PURGED)
    op.create_index(
        "ix_events_unnumbered", "events", ["shop_id", "id"], sqlite_where=UNNUMBERED, postgresql_where=UNNUMBERED
    )
    op.create_table(
        "event_counters",
        sa.Column("id", BigId, nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_event_counters_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_counters")),
        sa.UniqueConstraint("shop_id", name=op.f("uq_event_counters_shop_id")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("event_counters")
    op.drop_table("events")
