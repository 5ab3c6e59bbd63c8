"""The cart that a checkout was opened from."""

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0130"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("checkout_sessions", sa.Column("cart_session_id", BigId, nullable=True))


def downgrade() -> None:
    op.drop_column("checkout_sessions", "cart_session_id")
