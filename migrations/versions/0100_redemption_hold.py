"""Redemption is on hold for a while after staff changed a customer's e-mail or phone."""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0094"
branch_labels = None
depends_on = None

HELD = sa.text("redemption_held_until IS NOT NULL")


def upgrade() -> None:
    op.add_column("customers", sa.Column("redemption_held_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_customers_redemption_held",
        "customers",
        ["shop_id", "redemption_held_until"],
        sqlite_where=HELD,
        postgresql_where=HELD,
    )
    if op.get_bind().dialect.name == "sqlite":  # what it plans with, as in migration 0009
        op.execute("""
            INSERT INTO sqlite_stat1 (tbl, idx, stat)
            VALUES ('customers', 'ix_customers_redemption_held', '900 900 2')
        """)


def downgrade() -> None:
    op.drop_index("ix_customers_redemption_held", table_name="customers")
    op.drop_column("customers", "redemption_held_until")
