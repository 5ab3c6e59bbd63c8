"""Indexes of stock; names of variants in the search texts; what SQLite plans with for the catalogue's tables.

Without figures SQLite takes an index by shop to lead to ten rows, and reads a whole shop's tags or variants to find
those of fifty products. The way down keeps the texts: the version before reads them, too.
"""

import sqlalchemy as sa
from alembic import op

from shop.domain.text.search import normalize_search

revision = "0250"
down_revision = "0170"
branch_labels = None
depends_on = None

BATCH = 1_000
PRODUCTS = sa.table("products", sa.column("id", sa.BigInteger), sa.column("search_text", sa.Text))
VARIANTS = sa.table(
    "variants", sa.column("product_id", sa.BigInteger), sa.column("name"), sa.column("is_archived", sa.Boolean)
)
VARIANTS_BY_STOCK = "ix_variants_shop_id_stock_quantity_product_id"
PRODUCTS_BY_LIMIT = "ix_products_shop_id_low_stock_at"
# Rows, and rows for each value of the first column, of the first two, …: as in migration 0009.
SPREAD = {
    "products": {
        "sqlite_autoindex_products_1": "10000 10000 1",
        "sqlite_autoindex_products_2": "10000 10000 1",
        "ix_products_shop_id_status_id": "10000 10000 3400 1",
        "ix_products_shop_id_sort_name_id": "10000 10000 2 1",
        "ix_products_shop_id_price_cents_id": "10000 10000 5 1",
        "ix_products_shop_id_stock_quantity_id": "10000 10000 70 1",
        "ix_products_shop_id_updated_at_id": "10000 10000 2 1",
        PRODUCTS_BY_LIMIT: "10000 10000 1000",
        "uq_products_shop_id_sku": "10000 10000 1",
        "uq_products_shop_id_barcode": "10000 10000 1",
        "uq_products_shop_id_external_id": "10000 10000 1",
    },
    "variants": {
        "sqlite_autoindex_variants_1": "10000 10000 1",
        "ix_variants_product_id": "10000 3",
        VARIANTS_BY_STOCK: "10000 10000 70 1",
        "uq_variants_shop_id_sku": "10000 10000 1",
        "uq_variants_shop_id_barcode": "10000 10000 1",
    },
    "product_tags": {
        "sqlite_autoindex_product_tags_1": "20000 20000 500 1",
        "ix_product_tags_product_id": "20000 2",
    },
    "product_categories": {
        "sqlite_autoindex_product_categories_1": "10000 10000 200 1",
        "ix_product_categories_product_id": "10000 2",
    },
    "product_images": {
        "ix_product_images_product_id": "10000 2",
        "ix_product_images_shop_id_digest": "10000 10000 2",
    },
    "stock_movements": {"ix_stock_movements_shop_id_product_id_variant_id_id": "300000 300000 30 20 1"},
    "order_items": {
        "ix_order_items_order_id": "600000 2",
        "ix_order_items_shop_id_id": "600000 600000 1",
        "ix_order_items_shop_id_product_id_order_id": "600000 600000 60 1",
    },
}


def upgrade() -> None:
    op.create_index(VARIANTS_BY_STOCK, "variants", ["shop_id", "stock_quantity", "product_id"])
    op.create_index(PRODUCTS_BY_LIMIT, "products", ["shop_id", "low_stock_at"])
    _forget_figures()
    if _is_sqlite():
        for table, indexes in SPREAD.items():
            for index, figures in indexes.items():
                op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{table}', '{index}', '{figures}')")
    last: int | None = 0
    while last is not None:
        last = _add_names(last)


def downgrade() -> None:
    _forget_figures()
    op.drop_index(PRODUCTS_BY_LIMIT, "products")
    op.drop_index(VARIANTS_BY_STOCK, "variants")


def _forget_figures() -> None:
    if _is_sqlite():
        for indexes in SPREAD.values():
            for index in indexes:
                op.execute(f"DELETE FROM sqlite_stat1 WHERE idx = '{index}'")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _add_names(after: int) -> int | None:
    """Add the names of variants to a batch of texts; return the id to go on from, None after the last."""
    p, v = PRODUCTS.c, VARIANTS.c
    ids = sa.select(v.product_id).where(v.product_id > after, sa.not_(v.is_archived)).distinct()
    batch = op.get_bind().scalars(ids.order_by(v.product_id).limit(BATCH)).all()
    if not batch:
        return None
    found = sa.select(p.id, p.search_text, v.name).join(VARIANTS, v.product_id == p.id)
    texts: dict[int, str] = {}
    for row in op.get_bind().execute(found.where(p.id.in_(batch), sa.not_(v.is_archived))):
        name, text = normalize_search(row.name), texts.get(row.id, row.search_text)
        texts[row.id] = text if f" {name} " in text else f"{text}{name} "
    update = PRODUCTS.update().where(p.id == sa.bindparam("key")).values(search_text=sa.bindparam("text"))
    op.get_bind().execute(update, [{"key": key, "text": text} for key, text in texts.items()])
    return batch[-1]
