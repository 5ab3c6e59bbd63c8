"""Rate limits append to a text instead of rewriting a JSON list, so that counting a use is one statement."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None

WINDOWS = "rate_windows"


def upgrade() -> None:
    op.add_column(WINDOWS, sa.Column("moments", sa.Text(), nullable=False, server_default=""))
    listed = "replace(replace(replace(CAST(hits AS TEXT), '[', ''), ']', ''), ',', ' ')"
    op.execute(f"UPDATE {WINDOWS} SET moments = replace({listed}, '  ', ' ') || ' '")
    op.drop_column(WINDOWS, "hits")


def downgrade() -> None:
    is_postgres = op.get_bind().dialect.name == "postgresql"
    column_type = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column(WINDOWS, sa.Column("hits", column_type, nullable=False, server_default="[]"))
    listed = "'[' || replace(trim(moments), ' ', ', ') || ']'"
    op.execute(f"UPDATE {WINDOWS} SET hits = {f'CAST({listed} AS JSONB)' if is_postgres else listed}")
    op.drop_column(WINDOWS, "moments")
