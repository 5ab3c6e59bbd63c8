"""The month in which owners were told that the limit of message cost is reached."""

import sqlalchemy as sa
from alembic import op

revision = "0380"
down_revision = "0320"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message_channels", sa.Column("limit_notice_month", sa.String(64)))


def downgrade() -> None:
    op.drop_column("message_channels", "limit_notice_month")
