"""The reason of a change in the audit log has a column of its own; it was part of the new value before."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0024"
branch_labels = None
depends_on = None

entries = sa.table(
    "audit_entries", sa.column("action", sa.String), sa.column("new_value", sa.Text), sa.column("reason", sa.Text)
)
STATUSES = ("pending", "processing", "completed", "cancelled")


def upgrade() -> None:
    op.add_column("audit_entries", sa.Column("reason", sa.Text(), nullable=True))
    for status in STATUSES:
        prefix = f"{status}: "
        with_reason = entries.c.new_value.like(f"{prefix}%")
        op.execute(
            sa.update(entries)
            .where(entries.c.action == "order.status", with_reason)
            .values(new_value=status, reason=sa.func.substr(entries.c.new_value, len(prefix) + 1))
        )


def downgrade() -> None:
    op.execute(
        sa.update(entries)
        .where(entries.c.reason.is_not(None))
        .values(new_value=entries.c.new_value + ": " + entries.c.reason)
    )
    with op.batch_alter_table("audit_entries") as batch:
        batch.drop_column("reason")
