"""Backups that staff request, and those that a command made."""

import sqlalchemy as sa
from alembic import op

revision = "0097"
down_revision = "0111"
branch_labels = None
depends_on = None

IDS = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "backup_runs",
        sa.Column("id", IDS, nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("verified_at", MOMENT, nullable=True),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'writing', 'verifying', 'done', 'failed')", name=op.f("ck_backup_runs_state_known")
        ),
        sa.CheckConstraint("size_bytes >= 0", name=op.f("ck_backup_runs_size_bytes_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_runs")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_backup_runs_state"), "backup_runs", ["state"])


def downgrade() -> None:
    op.drop_table("backup_runs")
