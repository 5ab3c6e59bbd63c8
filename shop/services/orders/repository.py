"""An order as plain values with all that hangs on it: read, locked and changed past the ORM, which most orders need.

What is set on an :class:`WholeOrder` that was locked stands in the database after :func:`save_order`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.models import (
    Customer,
    Order,
    OrderAddress,
    OrderItem,
    OrderNote,
    OrderRefund,
    OrderTransaction,
    Product,
    Variant,
)
from shop.services.catalogue.products import PRODUCT_COLUMNS, VARIANT_COLUMNS, Article
from shop.services.customers.records import Person
from shop.services.errors import NotFound


class SoldItem(NamedTuple):
    """A line of an order, with its article as the catalogue has it now."""

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
    product: Article | None = None
    variant: Article | None = None


@dataclass(slots=True)
class WholeOrder:
    """The columns of an ``Order`` by their names, and what hangs on it.

    ``addresses``, ``notes`` and ``transactions`` are rows of their tables; ``refunds`` are there when something was
    refunded. ``kept`` is what the database has in the columns.
    """

    id: int
    order_number: str
    customer_id: int | None
    status: str
    payment_status: str
    subtotal_cents: int
    shipping_cents: int
    tax_cents: int
    discount_cents: int
    total_cents: int
    currency: str
    loyalty_rules: dict[str, Any]
    source: str
    order_date: datetime
    created_at: datetime
    updated_at: datetime
    payment_method: str | None = None
    payment_method_code: str | None = None
    coupon_discount_cents: int = 0
    points_discount_cents: int = 0
    refunded_cents: int = 0
    refunded_goods_cents: int = 0
    coupon_id: int | None = None
    coupon_code: str | None = None
    coupon_returned: bool = False
    shipping_method: str | None = None
    points_redeemed: int = 0
    points_returned: int = 0
    points_earned: int = 0
    points_taken_back: int = 0
    no_award_reason: str | None = None
    stock_returned: bool = False
    api_label: str | None = None
    payment_token_hash: str | None = None
    shopper_session_id: int | None = None
    pay_by: datetime | None = None
    paid_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    customer: Person | None = None
    items: list[SoldItem] = field(default_factory=list)
    addresses: list[Any] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)
    transactions: list[Any] = field(default_factory=list)
    refunds: list[OrderRefund] = field(default_factory=list)
    kept: tuple[Any, ...] = ()


AnyOrder = Order | WholeOrder
"""What rules of orders work on: they read and set columns alone."""

_HANGING: Final = {"customer", "items", "addresses", "notes", "transactions", "refunds", "kept"}
COLUMNS: Final = tuple(one.name for one in fields(WholeOrder) if one.name not in _HANGING)
values_of = attrgetter(*COLUMNS)

_O, _C, _I = table(Order).c, table(Customer).c, table(OrderItem).c
_ONE = _O.id == bindparam("order")


def _find() -> Select[Any]:
    whose = and_(_C.shop_id == _O.shop_id, _C.id == _O.customer_id)
    columns = [*(_O[name] for name in COLUMNS), *(_C[name].label(f"customer_{name}") for name in Person._fields)]
    return select(*columns).outerjoin_from(table(Order), table(Customer), whose).where(_O.shop_id == SHOP, _ONE)


def _parts() -> Select[Any]:
    """The lines, and whether there is anything else; a row even without a line."""
    has = [
        exists().where(one.shop_id == SHOP, one.order_id == _O.id)
        for one in (table(model).c for model in (OrderAddress, OrderNote, OrderTransaction))
    ]
    lines = and_(_I.shop_id == _O.shop_id, _I.order_id == _O.id)
    products = and_(table(Product).c.shop_id == _I.shop_id, table(Product).c.id == _I.product_id)
    variants = and_(table(Variant).c.shop_id == _I.shop_id, table(Variant).c.id == _I.variant_id)
    columns: list[ColumnElement[Any]] = [_I[name] for name in SoldItem._fields[:_OF_ITEM]]
    columns += [one.label(f"of_product_{one.name}") for one in PRODUCT_COLUMNS]
    columns += [one.label(f"of_variant_{one.name}") for one in VARIANT_COLUMNS]
    return (
        select(*columns, *(one.label(f"has_{place}") for place, one in enumerate(has)))
        .outerjoin_from(table(Order), table(OrderItem), lines)
        .outerjoin(table(Product), products)
        .outerjoin(table(Variant), variants)
        .where(_O.shop_id == SHOP, _ONE)
        .order_by(_I.id)
    )


_OF_ITEM: Final = len(SoldItem._fields) - 2
_PRODUCT: Final = slice(_OF_ITEM, _OF_ITEM + len(Article._fields))
_VARIANT: Final = slice(_PRODUCT.stop, _PRODUCT.stop + len(Article._fields))
_FIND: Final = PreparedQuery(_find())
_LOCK: Final = PreparedQuery(_find().with_for_update(of=table(Order)))
_PARTS: Final = PreparedQuery(_parts())
_ADD: Final = PreparedQuery(  # in PostgreSQL's words, which are SQLite's too
    insert(table(Order)).on_conflict_do_nothing(index_elements=[_O.shop_id, _O.order_number]).returning(_O.id)
)


def _of_order(model: type[OrderAddress] | type[OrderNote] | type[OrderTransaction]) -> PreparedQuery:
    row = table(model)
    return PreparedQuery(
        select(row).where(row.c.shop_id == SHOP, row.c.order_id == bindparam("order")).order_by(row.c.id)
    )


_ADDRESSES, _NOTES, _TRANSACTIONS = (_of_order(model) for model in (OrderAddress, OrderNote, OrderTransaction))


def read_order(order_id: int) -> WholeOrder:
    """An order with all that hangs on it. Raises NotFound."""
    return add_parts(_one(_FIND, order_id))


def hold_order(order_id: int) -> WholeOrder:
    """An order, with its customer alone, that nobody else can change until the caller's transaction ends.

    Raises NotFound.
    """
    return _one(_LOCK, order_id)


def _one(statement: PreparedQuery, order_id: int) -> WholeOrder:
    row = statement(order=order_id).first()
    if row is None:
        raise NotFound("There is no such order.", code="order_not_found")
    kept, whose = row[: len(COLUMNS)], row[len(COLUMNS) :]
    order = WholeOrder(*kept)
    order.customer, order.kept = None if whose[0] is None else Person._make(whose), kept
    return order


def add_parts(order: WholeOrder) -> WholeOrder:
    """The order with what hangs on it, as that is at this moment."""
    rows = _PARTS(order=order.id).all()
    order.items = [_item(row) for row in rows if row[0] is not None]
    has_addresses, has_notes, has_transactions = rows[0][_VARIANT.stop :]
    order.addresses = list(_ADDRESSES(order=order.id)) if has_addresses else []
    order.notes = list(_NOTES(order=order.id)) if has_notes else []
    order.transactions = list(_TRANSACTIONS(order=order.id)) if has_transactions else []
    if order.refunded_cents:
        found = select(OrderRefund).where(OrderRefund.order_id == order.id).order_by(OrderRefund.id)
        fresh = found.options(selectinload(OrderRefund.items)).execution_options(populate_existing=True)
        order.refunds = list(db.session.scalars(fresh))
    return order


def _item(row: Any) -> SoldItem:
    product, variant = (None if part[0] is None else Article._make(part) for part in (row[_PRODUCT], row[_VARIANT]))
    return SoldItem._make((*row[:_OF_ITEM], product, variant))


def add_order(order: WholeOrder, draw_number: Callable[[], str]) -> None:
    """Write a new order, which gets an id and a number that no other of the shop has, in the caller's transaction."""
    values = dict(zip(COLUMNS, values_of(order), strict=True))
    del values["id"]
    made = None
    while made is None:
        values["order_number"] = draw_number()
        made = _ADD(**values).scalar()
    order.id, order.order_number = made, values["order_number"]
    order.kept = values_of(order)


def save_order(order: WholeOrder) -> None:
    """Write what was set on a locked order; a model of it that the session had loaded is read anew when asked."""
    now = values_of(order)
    changed = {name: new for name, new, old in zip(COLUMNS, now, order.kept, strict=True) if new != old}
    if not changed:
        return
    _change(tuple(changed))(order=order.id, **{f"new_{name}": value for name, value in changed.items()})
    order.kept = now
    session = db.session()
    loaded = session.identity_map.get(session.identity_key(Order, order.id))
    if loaded is not None:
        session.expire(loaded)


@lru_cache(64)
def _change(names: tuple[str, ...]) -> PreparedQuery:
    """One statement for each choice of columns that the rules change together: there are few."""
    values = {name: bindparam(f"new_{name}", type_=_O[name].type) for name in names}
    return PreparedQuery(update(table(Order)).where(_O.shop_id == SHOP, _ONE).values(values))
