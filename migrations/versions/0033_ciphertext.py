"""Encrypted credentials of payment providers are called ``ciphertext``."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE payment_secrets RENAME COLUMN box TO ciphertext")


def downgrade() -> None:
    op.execute("ALTER TABLE payment_secrets RENAME COLUMN ciphertext TO box")
