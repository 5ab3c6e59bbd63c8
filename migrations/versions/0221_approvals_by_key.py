"""API keys, too, send large changes for approval."""

import sqlalchemy as sa
from alembic import op

revision = "0221"
down_revision = "0220"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = "approval_requests"


def upgrade() -> None:
    op.add_column(NAME, sa.Column("requester_kind", sa.String(64), nullable=False, server_default="staff"))
    op.add_column(NAME, sa.Column("person_id", BigId, nullable=True))
    op.execute(sa.text(f"UPDATE {NAME} SET person_id = requested_by"))


def downgrade() -> None:
    op.execute(sa.text(f"DELETE FROM {NAME} WHERE requester_kind <> 'staff'"))
    op.drop_column(NAME, "person_id")
    op.drop_column(NAME, "requester_kind")
