"""The list of orders for the people of the shop: filtered, searched, and turned page by page at the same cost."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from shop.db.session import db
from shop.db.upsert import like_fragment
from shop.domain.statuses import OrderStatus
from shop.models import Customer, Order
from shop.queries.customers.search import count_to, text_holds, with_text
from shop.services.errors import InvalidInput
from shop.services.orders.numbers import LETTERS

ROWS = 50
COUNTED = FEW = 500
"""Up to so many customers that match a search are looked up by their orders; more are met soon enough in the list."""
OPEN = (OrderStatus.PENDING, OrderStatus.PROCESSING)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CURSOR = re.compile(r"([0-9]{1,17})-([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class OrderFilters:
    """Which orders: ``status`` may also be ``open``, pending or processing; ``until`` is not included."""

    search: str = ""
    status: str | None = None
    payment: str | None = None
    source: str | None = None
    customer_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderRows:
    """At most 50 orders, the newest sold first, with their customers; and the cursors of the pages beside them.

    ``matching`` counts up to 500; beyond, it is 501. ``customer`` is the one that was filtered for.
    """

    orders: Sequence[Order]
    matching: int
    newer: str | None
    older: str | None
    customer: Customer | None = None

    @property
    def is_many(self) -> bool:
        """Whether there are more than were counted."""
        return self.matching > COUNTED


def browse_orders(filters: OrderFilters, *, after: str | None = None, before: str | None = None) -> OrderRows:
    """A page of the orders that match: the newest, or those ``after`` or ``before`` a cursor.

    Raises InvalidInput for a cursor that is not one.
    """
    found = _Found.of(filters.search.strip())
    base = select(Order)
    if found.names_people:
        base = base.outerjoin(Customer, Customer.id == Order.customer_id).options(contains_eager(Order.customer))
    else:
        base = base.options(joinedload(Order.customer))
    base = base.where(*found.conditions, *_conditions(filters, found.met))
    matching = count_to(base.with_only_columns(Order.id), COUNTED)
    orders, newer, older = _page(base, found.met(Order.order_date), after, before)
    return OrderRows(orders, matching, newer, older, _customer(filters.customer_id))


def _page(
    base: Select[Order], date: Any, after: str | None, before: str | None
) -> tuple[list[Order], str | None, str | None]:
    key = Order.id
    if before is not None:
        moment, last_id = _read_cursor(before)
        found = base.where(date >= moment, or_(date > moment, key > last_id)).order_by(date.asc(), key.asc())
    else:
        found = base.order_by(date.desc(), key.desc())
        if after is not None:
            moment, last_id = _read_cursor(after)
            found = found.where(date <= moment, or_(date < moment, key < last_id))
    rows = list(db.session.scalars(found.limit(ROWS + 1)))
    more, rows = len(rows) > ROWS, rows[:ROWS]
    if before is not None:
        rows.reverse()
    is_first = after is None and (before is None or not more)
    is_last = before is None and not more
    newer = None if is_first or not rows else _write_cursor(rows[0])
    older = None if is_last or not rows else _write_cursor(rows[-1])
    return rows, newer, older


def _conditions(filters: OrderFilters, met: Callable[[Any], Any]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.status == "open":
        found.append(met(Order.status).in_(OPEN))
    elif filters.status:
        found.append(met(Order.status) == filters.status)
    if filters.payment:
        found.append(met(Order.payment_status) == filters.payment)
    if filters.source:
        found.append(met(Order.source) == filters.source)
    if filters.customer_id is not None:
        found.append(Order.customer_id == filters.customer_id)
    if filters.since is not None:
        found.append(met(Order.order_date) >= filters.since)
    if filters.until is not None:
        found.append(met(Order.order_date) < filters.until)
    return found


@dataclass(frozen=True, slots=True)
class _Found:
    """What a search comes to. Few matches are looked up by their ids and then sorted; many are met along the list."""

    conditions: list[ColumnElement[bool]]
    names_people: bool = False
    are_few: bool = False

    @classmethod
    def of(cls, typed: str) -> "_Found":
        """Orders by number, or by their customer's name, e-mail or phone."""
        if not typed:
            return cls([])
        people = list(db.session.scalars(with_text(select(Customer.id), typed).limit(FEW + 1)))
        numbers = _ids_by_number(typed.upper(), nobody=not people)
        if len(people) > FEW:
            by_name = and_(*text_holds(typed))
            return cls([or_(by_name, Order.id.in_(numbers)) if numbers else by_name], names_people=True)
        either = [Order.customer_id.in_(people)] if people else []
        either += [Order.id.in_(numbers)] if numbers else []
        return cls([or_(*either) if either else false()], are_few=True)

    def met(self, column: Any) -> Any:
        """A column to sort or filter by; among few in a way that tempts no engine to walk along its index instead."""
        return func.coalesce(column, column) if self.are_few else column


def _ids_by_number(typed: str, *, nobody: bool) -> list[int]:
    """Orders whose number begins like that, with or without ``ORD-``, or ends in these five letters.

    Endings have no index: they are looked for when there is a digit among them, or when it is ``nobody``'s name.
    """
    number = Order.order_number
    if typed.startswith("ORD"):
        condition = _begins(typed)
    elif re.fullmatch(r"[0-9]{2,6}(-[0-9A-Z]{0,5})?", typed, re.ASCII):
        condition = _begins(f"ORD-{typed}")
    elif len(typed) == 5 and set(typed) <= set(LETTERS) and (nobody or not typed.isalpha()):
        condition = number.like(f"%-{typed}")
    else:
        return []
    return list(db.session.scalars(select(Order.id).where(condition).order_by(number.desc()).limit(FEW + 1)))


def _begins(typed: str) -> ColumnElement[bool]:
    """A condition that the engine's index answers: SQLite compares by bytes, PostgreSQL by its own collation."""
    number = Order.order_number
    if db.session().get_bind().dialect.name == "sqlite":
        return and_(number >= typed, number < f"{typed}\uffff")
    return number.like(like_fragment(typed)[1:], escape="\\")


def _customer(customer_id: int | None) -> Customer | None:
    if customer_id is None:
        return None
    return db.session.scalars(select(Customer).where(Customer.id == customer_id)).first()


def _write_cursor(order: Order) -> str:
    return f"{(order.order_date - EPOCH) // timedelta(microseconds=1)}-{order.id}"


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    found = CURSOR.fullmatch(cursor)
    try:
        if found is None:
            raise ValueError
        return EPOCH + timedelta(microseconds=int(found[1])), int(found[2])
    except (ValueError, OverflowError):
        raise InvalidInput.of("cursor", "must be one of a page of this list") from None
