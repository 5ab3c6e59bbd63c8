"""The shop's coupons: searched, filtered by state, sorted, in pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from shop.db.session import db
from shop.db.upsert import like_fragment
from shop.domain.pricing.coupons import CouponState
from shop.domain.text.cleaning import clean_reference, drop_unstorable
from shop.models import Coupon
from shop.queries.coupons.usage import CouponFigures, figures_of
from shop.services import clock

NEWEST: Final = "-created_at"
SORTS: Final = {
    "code": Coupon.code,
    "used": Coupon.usage_count,
    "ends": case((Coupon.end_date.is_(None), 1), else_=0),
    "created_at": Coupon.id,
    "updated_at": Coupon.updated_at,
}
"""Sort orders; those without an end come last."""


@dataclass(frozen=True, slots=True)
class CouponFilters:
    """Search in code and description, state, and sort order, ``-`` before it for descending.

    ``created_until`` is exclusive.
    """

    search: str = ""
    state: str = ""
    sort: str = NEWEST
    created_from: datetime | None = None
    created_until: datetime | None = None
    updated_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class CouponRows:
    """A page of coupons with their figures, and how many match."""

    coupons: list[Coupon]
    figures: dict[int, CouponFigures]
    total: int


def list_coupons(filters: CouponFilters, *, page: int, limit: int, with_figures: bool = False) -> CouponRows:
    """Return a page of the coupons that match."""
    total = db.session.scalars(_matching(select(func.count(Coupon.id)), filters)).one()
    rows = _ordered(_matching(select(Coupon), filters), filters.sort).offset((page - 1) * limit).limit(limit)
    coupons = list(db.session.scalars(rows))
    figures = figures_of([coupon.id for coupon in coupons]) if with_figures else {}
    return CouponRows(coupons, figures, total)


def matching_ids(filters: CouponFilters, most: int) -> list[int]:
    """Return the ids of matching coupons, up to a limit."""
    return list(db.session.scalars(_matching(select(Coupon.id), filters).order_by(Coupon.id).limit(most)))


def count_by_state() -> dict[str, int]:
    """Return the number of coupons in each state."""
    counts = [func.count().filter(_in_state(state, clock.now())) for state in CouponState]
    row = db.session.execute(select(*counts).select_from(Coupon)).one()
    return {state: int(count) for state, count in zip(CouponState, row, strict=True)}


def stream_coupons(filters: CouponFilters, columns: list[ColumnElement[Any]]) -> Iterator[list[tuple[Any, ...]]]:
    """Return columns of all matching coupons, in the list's order.

    They are read at once: reads run without a transaction, in which PostgreSQL has no cursor, and a shop has few
    coupons.
    """
    rows = _ordered(_matching(select(*columns).select_from(Coupon), filters), filters.sort)
    return iter([[tuple(row) for row in db.session.execute(rows)]])


def _matching(statement: Select, filters: CouponFilters) -> Select:  # type: ignore[type-arg]
    conditions = []
    if filters.search.strip():
        typed = filters.search.strip()
        code, words = (
            like_fragment(clean_reference(drop_unstorable(typed)) or typed.upper()),
            like_fragment(typed.lower()),
        )
        in_code = Coupon.code.like(code, escape="\\")
        conditions.append(or_(in_code, func.lower(Coupon.description).like(words, escape="\\")))
    if filters.state in list(CouponState):
        conditions.append(_in_state(CouponState(filters.state), clock.now()))
    return statement.where(*conditions, *_in_time(filters))


def _in_time(filters: CouponFilters) -> Iterator[ColumnElement[bool]]:
    if filters.created_from is not None:
        yield Coupon.created_at >= filters.created_from
    if filters.created_until is not None:
        yield Coupon.created_at < filters.created_until
    if filters.updated_since is not None:
        yield Coupon.updated_at >= filters.updated_since


def _in_state(state: CouponState, now: datetime) -> ColumnElement[bool]:
    ended = or_(Coupon.status != "active", and_(Coupon.end_date.is_not(None), Coupon.end_date <= now))
    used_up = and_(Coupon.usage_limit.is_not(None), Coupon.usage_count >= Coupon.usage_limit)
    scheduled = and_(Coupon.start_date.is_not(None), Coupon.start_date > now)
    if state == CouponState.ENDED:
        return ended
    if state == CouponState.USED_UP:
        return and_(~ended, used_up)
    return and_(~ended, ~used_up, scheduled if state == CouponState.SCHEDULED else ~scheduled)


def _ordered(statement: Select, sort: str) -> Select:  # type: ignore[type-arg]
    name, down = sort.removeprefix("-"), sort.startswith("-")
    column = SORTS.get(name, Coupon.id)
    by = [column] if name != "ends" else [Coupon.end_date]
    ordered = [one.desc() if down else one.asc() for one in by]
    first = [SORTS["ends"]] if name == "ends" else []
    return statement.order_by(*first, *ordered, Coupon.id.desc())
