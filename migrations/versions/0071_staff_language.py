"""Each member of staff chooses the language of their pages; without a choice the browser decides."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0082"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff_users", sa.Column("language", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("staff_users", "language")
