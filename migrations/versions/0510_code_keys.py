"""SKUs and barcodes of products and variants by the form that is compared, whatever their case and width.

Codes that are the same in that form stay: the indexes are not unique.
"""

import sqlalchemy as sa
from alembic import op

from shop.domain.text.cleaning import code_key

revision = "0510"
down_revision = "0500"
branch_labels = None
depends_on = None

BATCH = 1_000
TABLES, COLUMNS = ("products", "variants"), ("sku", "barcode")


def upgrade() -> None:
    for name in TABLES:
        for column in COLUMNS:
            op.add_column(name, sa.Column(f"{column}_key", sa.String(200), nullable=False, server_default=""))
        _fill(name)
        for column in COLUMNS:
            op.create_index(_index(name, column), name, ["shop_id", f"{column}_key"])
            _add_figures(name, column)


def downgrade() -> None:
    for name in TABLES:
        for column in COLUMNS:
            op.drop_index(_index(name, column), table_name=name)
            op.drop_column(name, f"{column}_key")


def _index(name: str, column: str) -> str:
    return f"ix_{name}_shop_id_{column}_key"


def _add_figures(name: str, column: str) -> None:
    """Tell SQLite's planner that a code leads to few rows."""
    if op.get_bind().dialect.name == "sqlite":
        figures = f"VALUES ('{name}', '{_index(name, column)}', '10000 10000 2')"
        op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) {figures}")


def _fill(name: str) -> None:
    table = sa.table(name, sa.column("id", sa.BigInteger), *map(sa.column, COLUMNS))
    keys = sa.table(name, sa.column("id", sa.BigInteger), sa.column("sku_key"), sa.column("barcode_key"))
    update = (
        keys.update()
        .where(keys.c.id == sa.bindparam("row"))
        .values(sku_key=sa.bindparam("sku"), barcode_key=sa.bindparam("barcode"))
    )
    last: int | None = 0
    while last is not None:
        wanted = sa.select(table.c.id, table.c.sku, table.c.barcode).where(
            table.c.id > last, sa.or_(table.c.sku != "", table.c.barcode != "")
        )
        rows = op.get_bind().execute(wanted.order_by(table.c.id).limit(BATCH)).all()
        if rows:
            values = [{"row": one.id, "sku": code_key(one.sku), "barcode": code_key(one.barcode)} for one in rows]
            op.get_bind().execute(update, values)
        last = rows[-1].id if len(rows) == BATCH else None
