"""Stock: taken for an order, returned once when the order is undone; each change is a stock movement."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Integer, bindparam, insert, or_, select, update

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.domain.statuses import MovementKind
from shop.models import Branch, Product, StockMovement, Variant
from shop.models.orders.order import OrderColumns
from shop.services import clock
from shop.services.actors import Actor
from shop.services.catalogue.products.for_sale import CartLine, PricedLine
from shop.services.errors import Conflict

_B = table(Branch).c
_DEFAULT_BRANCH = select(_B.id).where(_B.shop_id == SHOP, _B.is_default).scalar_subquery()


class StockChange(NamedTuple):
    """A stock change of a product or variant; ``quantity_after`` is the new stock."""

    product_id: int
    variant_id: int | None
    branch_id: int
    change: int
    quantity_after: int


def _change(model: type[Product] | type[Variant]) -> PreparedQuery:
    """Return the statement that changes counted stock unless it would fall below zero; NULL (uncounted) stays."""
    row, change = table(model).c, bindparam("change", type_=Integer())
    reaches = or_(row.stock_quantity.is_(None), row.stock_quantity + change >= 0)
    found = update(table(model)).where(row.shop_id == SHOP, row.id == bindparam("article"), reaches)
    changed = found.values(stock_quantity=row.stock_quantity + change)
    return PreparedQuery(changed.returning(row.stock_quantity, _DEFAULT_BRANCH))


_CHANGE = {False: _change(Product), True: _change(Variant)}
"""By whether it is a variant."""
_MOVEMENTS = PreparedQuery(insert(table(StockMovement)))


def take_stock(lines: Sequence[PricedLine]) -> list[StockChange]:
    """Take ordered quantities from the stock, in the caller's transaction, always in the same order of articles.

    Return the changes for :func:`write_movements`. Raises Conflict with code ``out_of_stock`` if there is too little.
    """
    counted = (line for line in lines if (line.variant or line.product).stock_quantity is not None)
    return _take_all(
        (CartLine(line.product.id, line.quantity, line.variant.id if line.variant else None), line.name)
        for line in counted
    )


def take_sold(lines: Sequence[CartLine], branch_id: int | None = None) -> tuple[set[int], list[StockChange]]:
    """Take goods sold at a counter from the stock of a branch, by default the default one, in the caller's transaction.

    A sale that already happened is not refused: a line that exceeds the counted stock takes nothing. Return the indexes
    of the lines that were taken, and the changes for :func:`write_movements`.
    """
    taken: set[int] = set()
    changes: list[StockChange] = []
    for index, line in sorted(enumerate(lines), key=lambda numbered: _key(numbered[1])):
        key = _key(line)
        row = _CHANGE[key[0]](article=key[1], change=-line.quantity).first()
        if row is not None:
            taken.add(index)
            changes += _made(line.product_id, key, -line.quantity, row)
    return taken, changes if branch_id is None else [change._replace(branch_id=branch_id) for change in changes]


def retake_stock(order: OrderColumns, lines: Iterable[tuple[CartLine, str]], actor: Actor) -> None:
    """Take the stock again that these lines of an order, given with their names, returned.

    In the caller's transaction. Raises Conflict like :func:`take_stock`.
    """
    if order.stock_returned:
        write_movements(_take_all(lines), MovementKind.SALE, actor, order_id=order.id)
        order.stock_returned = False


def _take_all(lines: Iterable[tuple[CartLine, str]]) -> list[StockChange]:
    wanted: dict[tuple[bool, int], int] = {}
    about: dict[tuple[bool, int], tuple[int, str]] = {}
    for line, name in lines:
        key = _key(line)
        wanted[key] = wanted.get(key, 0) + line.quantity
        about[key] = line.product_id, name
    changes = []
    for key, pieces in sorted(wanted.items()):
        product_id, name = about[key]
        row = _CHANGE[key[0]](article=key[1], change=-pieces).first()
        if row is None:
            raise Conflict("There is not enough of %(name)s left.", code="out_of_stock", name=name)
        changes += _made(product_id, key, -pieces, row)
    return changes


def _key(line: CartLine) -> tuple[bool, int]:
    return (False, line.product_id) if line.variant_id is None else (True, line.variant_id)


def _made(product_id: int, key: tuple[bool, int], change: int, row: Any) -> list[StockChange]:
    """Return the change in a list, which is empty for uncounted stock."""
    quantity, branch = row
    return [] if quantity is None else [StockChange(product_id, key[1] if key[0] else None, branch, change, quantity)]


def return_stock(order: OrderColumns, lines: Sequence[CartLine], actor: Actor) -> None:
    """Return the stock that these lines of an order took, once, in the caller's transaction."""
    if order.stock_returned:
        return
    changes = _add_all(lines)
    if order.source == "admin":
        changes = _where_taken(order.id, changes)
    write_movements(changes, MovementKind.CANCELLATION, actor, order_id=order.id)
    order.stock_returned = True


def put_back(order_id: int, lines: Sequence[CartLine], actor: Actor) -> None:
    """Add refunded pieces to the stock they were taken from, in the caller's transaction."""
    write_movements(_where_taken(order_id, _add_all(lines)), MovementKind.REFUND, actor, order_id=order_id)


def _add_all(lines: Sequence[CartLine]) -> list[StockChange]:
    changes: list[StockChange] = []
    for line in sorted(lines, key=_key):
        row = _CHANGE[line.variant_id is not None](article=_key(line)[1], change=line.quantity).first()
        if row is not None:
            changes += _made(line.product_id, _key(line), line.quantity, row)
    return changes


def _where_taken(order_id: int, changes: list[StockChange]) -> list[StockChange]:
    """Return changes in the branches that an order's goods were sold in: a till may be in another than the default."""
    branches = sold_in_branches(order_id, {one.product_id for one in changes})
    return [one._replace(branch_id=branches.get((one.product_id, one.variant_id), one.branch_id)) for one in changes]


def sold_in_branches(order_id: int, product_ids: Collection[int]) -> dict[tuple[int, int | None], int]:
    """Return the branches of an order's goods that were taken from counted stock, by product and variant or None."""
    row = StockMovement
    sold = select(row.product_id, row.variant_id, row.branch_id).where(row.product_id.in_(product_ids))
    found = db.session.execute(sold.where(row.order_id == order_id, row.kind == MovementKind.SALE))
    return {(product, variant): branch for product, variant, branch in found}


def write_movements(
    changes: Sequence[StockChange], kind: MovementKind, actor: Actor, *, order_id: int | None = None, reason: str = ""
) -> None:
    """Insert the movements of changes, in the caller's transaction."""
    common = {
        "kind": kind,
        "reason": reason,
        "order_id": order_id,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_label": actor.label,
        "created_at": clock.now(),
    }
    _MOVEMENTS.many([change._asdict() | common for change in changes])
