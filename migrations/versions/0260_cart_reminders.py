"""Reminders of abandoned carts."""

import sqlalchemy as sa
from alembic import op

revision = "0260"
down_revision = "0230"
branch_labels = None
depends_on = None

TABLE = "abandoned_carts"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("reminder_consent", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column(TABLE, sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(TABLE, sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_abandoned_carts_shop_id_id"), TABLE, ["shop_id", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_abandoned_carts_shop_id_id"), TABLE)
    op.drop_column(TABLE, "stopped_at")
    op.drop_column(TABLE, "reminded_at")
    op.drop_column(TABLE, "reminder_consent")
