"""The customers list: searched, sorted, paged by number or by cursor (``wire.md``, section 2)."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import selectinload

from shop.extensions import db
from shop.models import Customer
from shop.services.customer_text import count_to, with_text
from shop.services.errors import InvalidInput

EXACT_UP_TO = 10_000
SORTS = ("created_at", "total_spent", "points_balance")


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Some customers, newest first unless sorted, and how many there are in all.

    With a search the total is exact up to 10,000 matches; beyond, it is 10,001 and ``total_is_estimate``.
    """

    customers: Sequence[Customer]
    total: int
    total_is_estimate: bool
    next_cursor: str | None


def search_customers(
    *, search: str = "", sort: str = "-created_at", page: int = 1, limit: int = 20, cursor: str | None = None
) -> CustomerPage:
    """A page of the shop's customers that match a search, with their addresses loaded.

    ``cursor`` (from the page before) takes the place of ``page`` and costs the same however deep it is. Raises
    InvalidInput for an unknown sort or a cursor that is not one.
    """
    descending, name = sort.startswith("-"), sort.removeprefix("-")
    if name not in SORTS:
        raise InvalidInput.of("sort", f"must be one of {', '.join(SORTS)}, with - before it for descending")
    matching = with_text(select(Customer), search)
    total, is_estimate = _count(matching, bounded=bool(search))
    value = _SORT_VALUES[name]
    found = matching.options(selectinload(Customer.addresses))
    if cursor is not None:
        found = found.where(_beyond(value, _read_cursor(cursor, sort), descending=descending))
    else:
        found = found.offset((page - 1) * limit)
    order = [value.desc(), Customer.id.desc()] if descending else [value.asc(), Customer.id.asc()]
    if name == "created_at":
        order = order[1:]
    rows = db.session.execute(found.add_columns(value.label("sort_value")).order_by(*order).limit(limit + 1)).all()
    more = len(rows) > limit
    rows = rows[:limit]
    last = rows[-1] if more else None
    next_cursor = _write_cursor(sort, last.sort_value, last[0].id) if last is not None else None
    return CustomerPage([row[0] for row in rows], total, is_estimate, next_cursor)


def _count(matching: Select[Customer], *, bounded: bool) -> tuple[int, bool]:
    ids = matching.with_only_columns(Customer.id, maintain_column_froms=True)
    if not bounded:
        return db.session.scalars(select(func.count()).select_from(ids.subquery())).one(), False
    counted = count_to(ids, EXACT_UP_TO)
    return counted, counted > EXACT_UP_TO


_SORT_VALUES: Final[dict[str, ColumnElement[int]]] = {
    "created_at": Customer.id.expression,  # ids count up with time
    "total_spent": Customer.total_spent_cents.expression,
    "points_balance": Customer.points_balance.expression,
}


def _beyond(value: ColumnElement[int], place: tuple[int, int], *, descending: bool) -> ColumnElement[bool]:
    here = tuple_(value, Customer.id)
    return here < place if descending else here > place


def _write_cursor(sort: str, value: int, customer_id: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, value, customer_id]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort: str) -> tuple[int, int]:
    try:
        kept: Any = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        kept_sort, value, customer_id = kept
        if kept_sort != sort or not all(isinstance(n, int) and 0 <= n < 2**63 for n in (value, customer_id)):
            raise ValueError
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise InvalidInput.of("cursor", "must be the next_cursor of a page in the same order") from None
    return value, customer_id
