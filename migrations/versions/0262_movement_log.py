"""Indexes for the log of stock movements."""

from alembic import op

revision = "0262"
down_revision = "0261"
branch_labels = None
depends_on = None

TABLE = "stock_movements"
SPREAD = {
    "ix_stock_movements_shop_id_id": "300000 300000 1",
    "ix_stock_movements_shop_id_branch_id_id": "300000 300000 100000 1",
}
"""What SQLite plans with: the rows of a large shop, and those of each prefix of an index."""


def upgrade() -> None:
    op.create_index(op.f("ix_stock_movements_shop_id_id"), TABLE, ["shop_id", "id"])
    op.create_index(op.f("ix_stock_movements_shop_id_branch_id_id"), TABLE, ["shop_id", "branch_id", "id"])
    if _is_sqlite():
        for index, figures in SPREAD.items():
            op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{TABLE}', '{index}', '{figures}')")


def downgrade() -> None:
    if _is_sqlite():
        for index in SPREAD:
            op.execute(f"DELETE FROM sqlite_stat1 WHERE idx = '{index}'")
    op.drop_index(op.f("ix_stock_movements_shop_id_branch_id_id"), TABLE)
    op.drop_index(op.f("ix_stock_movements_shop_id_id"), TABLE)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
