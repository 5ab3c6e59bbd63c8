"""Indexes for the log of stock movements."""

from alembic import op

revision = "0262"
down_revision = "0261"
branch_labels = None
depends_on = None

TABLE = "stock_movements"


def upgrade() -> None:
    op.create_index(op.f("ix_stock_movements_shop_id_id"), TABLE, ["shop_id", "id"])
    op.create_index(op.f("ix_stock_movements_shop_id_branch_id_id"), TABLE, ["shop_id", "branch_id", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_stock_movements_shop_id_branch_id_id"), TABLE)
    op.drop_index(op.f("ix_stock_movements_shop_id_id"), TABLE)
