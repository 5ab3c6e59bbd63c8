"""Which shopper's session an order was placed from."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("orders", sa.Column("shopper_session_id", BigId, nullable=True))


def downgrade() -> None:
    op.drop_column("orders", "shopper_session_id")
