"""Stock: taken for an order and put back when it is undone, each once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, bindparam, or_, update

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.models import Product, Variant
from shop.services.catalogue.products import PricedLine
from shop.services.errors import Conflict
from shop.services.orders.repository import AnyOrder


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
            raise Conflict(f"There is not enough of {names[kind, article_id]} left.", code="out_of_stock")


def return_stock(order: AnyOrder) -> None:
    """Put back what an order took, once, in the caller's transaction; in the order in which it is taken."""
    if order.stock_returned:
        return
    items: list[Any] = sorted(
        order.items, key=lambda item: (item.variant_id is not None, item.variant_id or item.product_id or 0)
    )
    for item in items:
        if item.took_stock and item.product_id is not None:
            kind = "product" if item.variant_id is None else "variant"
            _PUT_BACK[kind](article=item.variant_id or item.product_id, pieces=item.quantity)
    order.stock_returned = True
