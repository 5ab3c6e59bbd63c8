"""Each message of the outbox names the channel that delivers it."""

import sqlalchemy as sa
from alembic import op

revision = "0094"
down_revision = "0140"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox_messages", sa.Column("channel", sa.String(64), server_default="email", nullable=False))


def downgrade() -> None:
    """Messages for other channels are deleted: the version before would send them as mail."""
    op.execute("DELETE FROM outbox_messages WHERE channel <> 'email'")
    op.drop_column("outbox_messages", "channel")
