"""A customer's ledger for staff: filtered by kind and day, paged by entry number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from shop.db.session import db
from shop.domain.dates.days import end_of, start_of
from shop.models import LoyaltyAccount, LoyaltyEntry, LoyaltyEntryNote, Order
from shop.queries.ledger.kinds import KINDS, REDEEMED, slug_of
from shop.queries.listing.list_query import ListQuery, Matches
from shop.queries.listing.pages import read_page
from shop.queries.listing.sort_order import Key, SortOrder
from shop.services.errors import NotFound
from shop.services.shops.settings import get_settings

PER_PAGE = 20
HAPPENED_AT: Final = func.coalesce(LoyaltyEntry.created_at, LoyaltyEntry.created_at)
"""The time of an entry, for conditions on one account: the plain column has an index over the whole shop, which is
slower here."""


def entries_of(account: LoyaltyAccount) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the condition that an entry is of an account. ``seq > 0`` makes SQLite use the account's index."""
    return LoyaltyEntry.account_id == account.id, LoyaltyEntry.seq > 0


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """A kind, a range of days (inclusive, in the shop's time zone), and a page.

    ``before`` is for older entries, ``after`` for newer ones; without either the newest are returned.
    """

    kind: str | None = None
    since: date | None = None
    until: date | None = None
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """An entry with its texts. ``meta`` says how the number was calculated (``LoyaltyEntry.meta``)."""

    seq: int
    kind: str
    points: int
    balance_after: int
    order_id: int | None
    order_number: str | None
    note: str | None
    system_note: str
    event: str | None
    shortfall: int
    actor_kind: str
    actor_label: str
    meta: Mapping[str, Any]
    created_at: datetime

    @property
    def balance_before(self) -> int:
        """The balance before the entry."""
        return self.balance_after - self.points


LINE_COLUMNS: Final = (
    LoyaltyEntry.seq,
    LoyaltyEntry.kind,
    LoyaltyEntry.points,
    LoyaltyEntry.balance_after,
    LoyaltyEntry.order_id,
    Order.order_number,
    LoyaltyEntryNote.text,
    LoyaltyEntry.system_note,
    LoyaltyEntry.event,
    LoyaltyEntry.shortfall,
    LoyaltyEntry.actor_kind,
    LoyaltyEntry.actor_label,
    LoyaltyEntry.meta,
    LoyaltyEntry.created_at,
)
"""The columns of a line, in the order of its fields."""


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Entries, newest first. ``counts`` are by kind and for ``all``, within the days of the filter.

    ``older`` and ``newer`` are the numbers to page from, None without a further page.
    """

    lines: list[LedgerLine]
    counts: Mapping[str, int]
    older: int | None
    newer: int | None


@dataclass(frozen=True, slots=True)
class PointsFigures:
    """The totals of a customer's points. ``redeemed`` is net of restored points; ``entries`` is their number."""

    balance: int
    lifetime_earned: int
    redeemed: int
    entries: int


def get_figures(account: LoyaltyAccount | None) -> PointsFigures:
    """Return the totals of an account; zeros without one."""
    if account is None:
        return PointsFigures(0, 0, 0, 0)
    entry = LoyaltyEntry
    redeemed = db.session.scalars(
        select(func.coalesce(func.sum(-entry.points), 0)).where(*entries_of(account), entry.kind.in_(REDEEMED))
    ).one()
    return PointsFigures(account.points_balance, account.lifetime_earned, int(redeemed), account.entries_count)


def list_ledger(account: LoyaltyAccount | None, filters: LedgerFilter) -> LedgerPage:
    """Return a page of an account's entries; the cost does not depend on its depth."""
    if account is None:
        return LedgerPage([], {"all": 0}, None, None)
    within = _within(account, filters)
    kind = () if filters.kind is None else (LoyaltyEntry.kind == KINDS[filters.kind],)
    matches = Matches((*within, *kind), (*within, *kind))
    query = ListQuery(SortOrder((LoyaltyEntry.seq.expression,)), ranges=(matches,))
    older_than, newer_than = (None if seq is None else (0, seq) for seq in (filters.before, filters.after))
    page = read_page(query, PER_PAGE, after=older_than, before=newer_than)
    older, newer = (None if key is None else key[-1] for key in (page.after, page.before))
    return LedgerPage(_read(account, page.keys), _count(within), older, newer)


def get_line(account: LoyaltyAccount | None, seq: int) -> LedgerLine:
    """Return an entry of an account by its number. Raise NotFound."""
    row = None
    if account is not None:
        row = db.session.execute(_lines().where(LoyaltyEntry.account_id == account.id, LoyaltyEntry.seq == seq)).first()
    if row is None:
        raise NotFound("There is no such entry.", code="entry_not_found")
    return line_of(row)


def _read(account: LoyaltyAccount, keys: list[Key]) -> list[LedgerLine]:
    if not keys:
        return []
    found = _lines().where(*entries_of(account), LoyaltyEntry.seq.in_([key[-1] for key in keys]))
    return [line_of(row) for row in db.session.execute(found.order_by(LoyaltyEntry.seq.desc()))]


def _within(account: LoyaltyAccount, filters: LedgerFilter) -> list[ColumnElement[bool]]:
    conditions = [*entries_of(account)]
    if filters.since is not None or filters.until is not None:
        zone = get_settings().values["shop_timezone"]
        if filters.since is not None:
            conditions.append(start_of(filters.since, zone) <= HAPPENED_AT)
        if filters.until is not None:
            conditions.append(end_of(filters.until, zone) > HAPPENED_AT)
    return conditions


def _count(within: list[ColumnElement[bool]]) -> dict[str, int]:
    statement = select(LoyaltyEntry.kind, func.count()).where(*within).group_by(LoyaltyEntry.kind)
    found = {slug_of(kind): count for kind, count in db.session.execute(statement)}
    return {"all": sum(found.values())} | {kind: found.get(kind, 0) for kind in KINDS}


def _lines() -> Any:
    """Return entries with order number and note, as columns, since rows are only read."""
    return (
        select(*LINE_COLUMNS)
        .select_from(LoyaltyEntry)
        .outerjoin(Order, Order.id == LoyaltyEntry.order_id)
        .outerjoin(LoyaltyEntryNote, LoyaltyEntryNote.entry_id == LoyaltyEntry.id)
    )


def line_of(values: Sequence[Any]) -> LedgerLine:
    """Return the line of the values of :data:`LINE_COLUMNS`."""
    seq, kind, *rest = values
    return LedgerLine(seq, slug_of(kind), *rest)
