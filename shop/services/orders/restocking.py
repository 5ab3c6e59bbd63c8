"""Goods of a refund that go back to stock: each piece once, into the branch it was taken from."""

from collections.abc import Mapping

from sqlalchemy import update

from shop.db.session import db
from shop.models import OrderItem
from shop.services.actors import Actor
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.catalogue.stock import put_back, sold_in_branches
from shop.services.errors import Conflict
from shop.services.orders.pricing.lines import pieces_to_return
from shop.services.orders.repository import ItemRecord, OrderRecord


def list_restockable(order: OrderRecord) -> dict[int, int]:
    """Return the pieces of an order with its children that can go back to stock, by line; empty if none can.

    They are those that were taken from counted stock and neither were refunded nor went back with the whole order.
    """
    left = {} if order.stock_returned else pieces_to_return(order)
    lines = [item for item in order.items if item.id in left and _is_counted(item)]
    sold = sold_in_branches(order.id, {item.product_id or 0 for item in lines}) if lines else {}
    return {item.id: left[item.id] for item in lines if (item.product_id, item.variant_id) in sold}


def _is_counted(item: ItemRecord) -> bool:
    article = item.product if item.variant_id is None else item.variant
    return article is not None and article.stock_quantity is not None


def restock_items(order: OrderRecord, wanted: Mapping[int, int], actor: Actor) -> int:
    """Return pieces of a locked order to stock, given by line, and return their number, in the caller's transaction.

    Pieces that took no stock are left out.
    """
    left = list_restockable(order)
    pieces = {line_id: min(number, left.get(line_id, 0)) for line_id, number in wanted.items()}
    lines = []
    for item in order.items:
        number = pieces.get(item.id, 0)
        if number and item.product_id is not None:
            _count(item.id, number)
            lines.append(CartLine(item.product_id, number, item.variant_id))
    put_back(order.id, lines, actor)
    return sum(line.quantity for line in lines)


def _count(line_id: int, pieces: int) -> None:
    row = OrderItem
    fits = row.restocked_quantity + pieces <= row.quantity
    values = {"restocked_quantity": row.restocked_quantity + pieces}
    counted = db.session.execute(update(row).where(row.id == line_id, fits).values(values))
    if counted.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("These pieces were refunded a moment ago.", code="already_refunded")
