"""Stock: taken for an order, and returned once when the order is undone."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Integer, bindparam, or_, update

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.models import Product, Variant
from shop.models.orders.order import OrderColumns
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
    """Take ordered quantities off the stock, in the caller's transaction, always in the same order of articles.

    Raises Conflict with code ``out_of_stock`` if there is too little of one of them.
    """
    counted = (line for line in lines if (line.variant or line.product).stock_quantity is not None)
    _take_all(
        (CartLine(line.product.id, line.quantity, line.variant.id if line.variant else None), line.name)
        for line in counted
    )


def retake_stock(order: OrderColumns, lines: Iterable[tuple[CartLine, str]]) -> None:
    """Take again the stock that these lines of an order, given with their names, returned.

    In the caller's transaction. Raises Conflict like :func:`take_stock`.
    """
    if order.stock_returned:
        _take_all(lines)
        order.stock_returned = False


def _take_all(lines: Iterable[tuple[CartLine, str]]) -> None:
    wanted: dict[tuple[str, int], int] = {}
    names: dict[tuple[str, int], str] = {}
    for line, name in lines:
        key = ("product", line.product_id) if line.variant_id is None else ("variant", line.variant_id)
        wanted[key] = wanted.get(key, 0) + line.quantity
        names[key] = name
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
