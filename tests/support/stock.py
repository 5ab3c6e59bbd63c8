"""Whether the movements of stock add up."""

from sqlalchemy import func, select

from shop.db.session import db
from shop.models import Product, StockMovement, Variant


def find_stock_faults() -> list[tuple[int, int | None, int, int]]:
    """Return articles of the shop whose movements do not add up to their stock.

    Each as product, variant or None, stock, and the sum of its movements; uncounted stock is 0.
    """
    row = StockMovement
    sums = {
        (product_id, variant_id): total
        for product_id, variant_id, total in db.session.execute(
            select(row.product_id, row.variant_id, func.sum(row.change)).group_by(row.product_id, row.variant_id)
        )
    }
    stocks: dict[tuple[int, int | None], int] = {
        (product_id, None): quantity or 0
        for product_id, quantity in db.session.execute(select(Product.id, Product.stock_quantity))
    }
    for product_id, variant_id, quantity in db.session.execute(
        select(Variant.product_id, Variant.id, Variant.stock_quantity)
    ):
        stocks[product_id, variant_id] = quantity or 0
    return [
        (product_id, variant_id, stock, sums.get((product_id, variant_id), 0))
        for (product_id, variant_id), stock in stocks.items()
        if stock != sums.get((product_id, variant_id), 0)
    ]
