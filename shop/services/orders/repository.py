"""Orders as records: loaded, locked and saved by prepared statements, which cost a fraction of the ORM.

Changes to a record returned by :func:`lock_order` are stored by :func:`save_order`.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload

from shop.db.by_ids import IdsQuery
from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.domain.pricing.taxes import TaxLine
from shop.models import (
    Customer,
    Order,
    OrderAddress,
    OrderItem,
    OrderNote,
    OrderRefund,
    OrderTaxLine,
    OrderTransaction,
    Product,
    Variant,
)
from shop.models.orders.order import OrderColumns
from shop.services.catalogue.products.for_sale import PRODUCT_COLUMNS, VARIANT_COLUMNS, Article
from shop.services.customers.records import Person
from shop.services.errors import Conflict, NotFound

_O, _C, _I = table(Order).c, table(Customer).c, table(OrderItem).c
COLUMNS: Final = tuple(column.key for column in _O if column.key != "shop_id" and column.computed is None)
values_of = attrgetter(*COLUMNS)
_DEFAULTS: Final = {name: getattr(_O[name].default, "arg", None) for name in COLUMNS}


class ItemRecord(NamedTuple):
    """A line of an order, with its current product and variant."""

    id: int
    order_id: int
    product_id: int | None
    variant_id: int | None
    name: str
    sku: str
    quantity: int
    price_cents: int
    took_stock: bool
    refunded_quantity: int
    tax_class: str = ""
    tax_cents: int = 0
    restocked_quantity: int = 0
    product: Article | None = None
    variant: Article | None = None


class OrderRecord(OrderColumns):
    """The columns of an order and its children.

    ``addresses``, ``notes`` and ``transactions`` are rows of their tables, ``refunds`` models. A record returned by
    :func:`lock_order` has only its customer until :func:`load_children`.
    """

    customer: Person | None
    items: Sequence[ItemRecord]
    addresses: Sequence[Any]
    notes: Sequence[Any]
    transactions: Sequence[Any]
    refunds: Sequence[OrderRefund]
    tax_lines: Sequence[TaxLine]
    _loaded: tuple[Any, ...]
    """The stored columns, in the order of COLUMNS."""

    def __init__(self, *, customer: Person | None = None, **columns: Any) -> None:
        if unknown := columns.keys() - _DEFAULTS.keys():
            raise TypeError(f"not columns of an order: {', '.join(sorted(unknown))}")
        self.__dict__.update(_DEFAULTS, **columns)
        self.customer = customer
        self.items = self.addresses = self.notes = self.transactions = self.refunds = self.tax_lines = ()


_ITEM: Final = len(ItemRecord._fields) - 2
_PRODUCT: Final = slice(_ITEM, _ITEM + len(Article._fields))
_VARIANT: Final = slice(_PRODUCT.stop, _PRODUCT.stop + len(Article._fields))


def _find(ids: list[BindParameter[int]]) -> Select[Any]:
    whose = and_(_C.shop_id == _O.shop_id, _C.id == _O.customer_id)
    columns = [*(_O[name] for name in COLUMNS), *(_C[name].label(f"customer_{name}") for name in Person._fields)]
    orders = select(*columns).outerjoin_from(table(Order), table(Customer), whose)
    return orders.where(_O.shop_id == SHOP, _O.id.in_(ids))


def _children(model: type[OrderAddress] | type[OrderNote] | type[OrderTransaction]) -> IdsQuery:
    row = table(model)
    return IdsQuery(lambda ids: select(row).where(row.c.shop_id == SHOP, row.c.order_id.in_(ids)).order_by(row.c.id))


def _items(ids: list[BindParameter[int]]) -> Select[Any]:
    """Return the lines, the order's id, and whether it has other children; one row for an order without lines."""
    has = [
        exists().where(child.shop_id == SHOP, child.order_id == _O.id)
        for child in (table(model).c for model in (OrderAddress, OrderNote, OrderTransaction))
    ]
    lines = and_(_I.shop_id == _O.shop_id, _I.order_id == _O.id)
    products, variants = table(Product), table(Variant)
    columns: list[ColumnElement[Any]] = [_I[name] for name in ItemRecord._fields[:_ITEM]]
    columns += [column.label(f"product_{column.name}") for column in PRODUCT_COLUMNS]
    columns += [column.label(f"variant_{column.name}") for column in VARIANT_COLUMNS]
    columns += [_O.id.label("of_order"), *(one.label(f"has_{place}") for place, one in enumerate(has))]
    return (
        select(*columns)
        .outerjoin_from(table(Order), table(OrderItem), lines)
        .outerjoin(products, and_(products.c.shop_id == _I.shop_id, products.c.id == _I.product_id))
        .outerjoin(variants, and_(variants.c.shop_id == _I.shop_id, variants.c.id == _I.variant_id))
        .where(_O.shop_id == SHOP, _O.id.in_(ids))
        .order_by(_I.id)
    )


_GET: Final = IdsQuery(_find)
_LOCK: Final = IdsQuery(lambda ids: _find(ids).with_for_update(of=table(Order)))
_ITEMS: Final = IdsQuery(_items)
_CHILDREN: Final = {
    "addresses": _children(OrderAddress),
    "notes": _children(OrderNote),
    "transactions": _children(OrderTransaction),
}
_T: Final = table(OrderTaxLine).c
_TAXES: Final = IdsQuery(
    lambda ids: (
        select(_T.order_id, *(_T[name] for name in TaxLine._fields))
        .where(_T.shop_id == SHOP, _T.order_id.in_(ids))
        .order_by(_T.code)
    )
)
_ADD: Final = PreparedQuery(  # the PostgreSQL construct; SQLite accepts its SQL, too
    insert(table(Order)).on_conflict_do_nothing().returning(_O.id)
)
_BY_EXTERNAL_ID: Final = PreparedQuery(
    select(_O.id).where(_O.shop_id == SHOP, _O.external_id == bindparam("external_id"))
)


def get_order(order_id: int) -> OrderRecord:
    """Return an order with its children. Raises NotFound."""
    return load_children(_first(_GET, order_id))


def get_orders(order_ids: Sequence[int]) -> list[OrderRecord]:
    """Return the orders with these ids that exist, with their children, in the order of the ids."""
    if not order_ids:
        return []
    found = {order.id: order for order in map(_record, _GET(order_ids))}
    orders = [found[order_id] for order_id in order_ids if order_id in found]
    _load(orders, list(found))
    return orders


def lock_order(order_id: int) -> OrderRecord:
    """Return an order with its customer, locked (SELECT … FOR UPDATE) until the transaction ends. Raises NotFound."""
    return _first(_LOCK, order_id)


def _first(statement: IdsQuery, order_id: int) -> OrderRecord:
    rows = statement([order_id])
    if not rows:
        raise NotFound("There is no such order.", code="order_not_found")
    return _record(rows[0])


def _record(row: Any) -> OrderRecord:
    columns, customer = tuple(row[: len(COLUMNS)]), row[len(COLUMNS) :]
    order = OrderRecord(customer=None if customer[0] is None else Person._make(customer))
    order.__dict__.update(zip(COLUMNS, columns, strict=True))
    order._loaded = columns
    return order


def load_children(order: OrderRecord) -> OrderRecord:
    """Read the children of an order again, and return it."""
    _load([order], [order.id])
    return order


def _load(orders: Sequence[OrderRecord], ids: list[int]) -> None:
    items, has = _grouped(_ITEMS(ids), "of_order"), [False, False, False]
    for order in orders:
        rows = items[order.id]
        order.items = [_item(row) for row in rows if row[0] is not None]
        has = [before or bool(now) for before, now in zip(has, rows[0][-3:], strict=True)]
    for (name, children), exist in zip(_CHILDREN.items(), has, strict=True):
        found = _grouped(children(ids), "order_id") if exist else {}
        for order in orders:
            setattr(order, name, found.get(order.id, []))
    refunded = [order.id for order in orders if order.refunded_cents]
    statement = select(OrderRefund).where(OrderRefund.order_id.in_(refunded)).order_by(OrderRefund.id)
    fresh = statement.options(selectinload(OrderRefund.items)).execution_options(populate_existing=True)
    refunds = _grouped(db.session.scalars(fresh), "order_id") if refunded else {}
    taxed = [order.id for order in orders if not order.items or any(item.tax_class for item in order.items)]
    taxes = _grouped(_TAXES(taxed), "order_id")
    for order in orders:
        order.refunds = refunds.get(order.id, [])
        order.tax_lines = [TaxLine(*row[1:]) for row in taxes.get(order.id, [])]


def _grouped(rows: Iterable[Any], name: str) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = {}
    for row in rows:
        groups.setdefault(getattr(row, name), []).append(row)
    return groups


def _item(row: Any) -> ItemRecord:
    product, variant = (None if part[0] is None else Article._make(part) for part in (row[_PRODUCT], row[_VARIANT]))
    return ItemRecord._make((*row[:_ITEM], product, variant))


def add_order(order: OrderRecord, draw_number: Callable[[], str]) -> None:
    """Insert an order in the caller's transaction; set its id, and the first free number drawn.

    Raise Conflict ``external_id_taken`` if another order has its external id.
    """
    values = dict(zip(COLUMNS, values_of(order), strict=True))
    del values["id"]
    new_id = None
    while new_id is None:
        values["order_number"] = draw_number()
        new_id = _ADD(**values).scalar()
        if new_id is None and find_by_external_id(order.external_id) is not None:
            raise Conflict("Another order has this external_id.", code="external_id_taken")
    order.id, order.order_number = new_id, values["order_number"]
    order._loaded = values_of(order)


def find_by_external_id(external_id: str | None) -> int | None:
    """Return the id of the order with an external id; None if there is none."""
    return None if external_id is None else _BY_EXTERNAL_ID(external_id=external_id).scalar()


def save_order(order: OrderRecord) -> None:
    """Store the changed columns of a locked order, in the caller's transaction."""
    now = values_of(order)
    changed = {name: new for name, new, old in zip(COLUMNS, now, order._loaded, strict=True) if new != old}
    if changed:
        _update(tuple(changed))(order=order.id, **{f"new_{name}": value for name, value in changed.items()})
        order._loaded = now


@lru_cache(64)
def _update(names: tuple[str, ...]) -> PreparedQuery:
    """Return the statement for a set of columns; services change few different sets."""
    values = {name: bindparam(f"new_{name}", type_=_O[name].type) for name in names}
    return PreparedQuery(update(table(Order)).where(_O.shop_id == SHOP, _O.id == bindparam("order")).values(values))
