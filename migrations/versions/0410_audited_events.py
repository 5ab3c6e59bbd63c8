"""The event that an entry of the audit log is about."""

import sqlalchemy as sa
from alembic import op

revision = "0410"
down_revision = "0430"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_entries", sa.Column("event_token", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("audit_entries", "event_token")
