"""Stock: taken for an order and put back when it is undone, each once."""

from collections.abc import Sequence

from sqlalchemy import Integer, bindparam, or_, update

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.models import Product, Variant
from shop.models.order import OrderColumns
from shop.services.catalogue.products import CartLine, PricedLine
from shop.services.errors import Conflict


def _take(model: type[Product] | type[Variant]) -> PreparedQuery:
    row, pieces = table(model).c, bindparam("pieces", type_=Integer())
    reaches = or_(row.stock_quantity.is_(None), row.stock_quantity >= pieces)
    found = update(table(model)).where(row.shop_id == SHOP, row.id == bindparam("article"), reaches)
    return PreparedQuery(found.values(stock_quantity=row.stock_quantity - pieces))


def _put_back(model: type[Product] | type[Variant]) -> PreparedQuery:
    row = table(model).c
    found = update(table(model)).where(row.shop_id == SHOP, row.id == bindparam("article"))
    return PreparedQuery(found.values(stock_quantity=row.stock_quantity + bindparam("pieces")))


_TAKE = {"product": _take(Product), "variant": _take(Variant)}
_PUT_BACK = {"product": _put_back(Product), "variant": _put_back(Variant)}
"""Stock that is not counted is NULL, and stays so whatever is added to it."""


def take_stock(lines: Sequence[PricedLine]) -> None:
    """Take what is ordered off the stock, in the caller's transaction, always in the same order of articles.

    Raises Conflict with code ``out_of_stock`` when one of them does not reach.
    """
    wanted: dict[tuple[str, int], int] = {}
    names: dict[tuple[str, int], str] = {}
    for line in lines:
        article = line.variant or line.product
        if article.stock_quantity is None:
            continue
        key = ("variant" if line.variant else "product", article.id)
        wanted[key] = wanted.get(key, 0) + line.quantity
        names[key] = line.name
    for (kind, article_id), pieces in sorted(wanted.items()):
        if _TAKE[kind](article=article_id, pieces=pieces).rowcount != 1:
            raise Conflict("There is not enough of %(name)s left.", code="out_of_stock", name=names[kind, article_id])


def return_stock(order: OrderColumns, lines: Sequence[CartLine]) -> None:
    """Return the stock that these lines of an order took, once, in the caller's transaction; in the order of taking."""
    if order.stock_returned:
        return
    for line in sorted(lines, key=lambda line: (line.variant_id is not None, line.variant_id or line.product_id)):
        kind = "product" if line.variant_id is None else "variant"
        _PUT_BACK[kind](article=line.variant_id or line.product_id, pieces=line.quantity)
    order.stock_returned = True
