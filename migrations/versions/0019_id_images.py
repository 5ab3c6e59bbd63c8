"""A picture of an ID card with a registration."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("loyalty_registrations", sa.Column("id_image", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_loyalty_registrations_id_image"), "loyalty_registrations", ["id_image"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_loyalty_registrations_id_image"), table_name="loyalty_registrations")
    op.drop_column("loyalty_registrations", "id_image")
