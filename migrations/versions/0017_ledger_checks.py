"""The nightly check of each shop's ledger, one row a day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "ledger_checks",
        sa.Column("id", BigId, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accounts", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("faults", sa.BigInteger(), nullable=False),
        sa.Column("first_faults", Json, nullable=False),
        sa.Column("shop_id", BigId, nullable=False),
        sa.CheckConstraint("accounts >= 0", name=op.f("ck_ledger_checks_accounts_not_negative")),
        sa.CheckConstraint("entries >= 0", name=op.f("ck_ledger_checks_entries_not_negative")),
        sa.CheckConstraint("faults >= 0", name=op.f("ck_ledger_checks_faults_not_negative")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_ledger_checks_shop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_checks")),
        sa.UniqueConstraint("shop_id", "day", name=op.f("uq_ledger_checks_shop_id_day")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("ledger_checks")
