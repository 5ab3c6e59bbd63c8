"""One customer's ledger as staff read it: filtered by kind and day, paged by the entries' own numbers."""

from collections.abc import Mapping
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
"""When an entry was made, for conditions about one account: its index is about the whole shop and would mislead."""


def entries_of(account: LoyaltyAccount) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """That an entry is of an account. ``seq > 0`` always holds; with it SQLite, too, goes by the account's index."""
    return LoyaltyEntry.account_id == account.id, LoyaltyEntry.seq > 0


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """Which entries: of a kind, from a day to a day (both included, in the shop's zone), before or after a number.

    ``before`` is for older entries, ``after`` for newer ones; without either the newest come.
    """

    kind: str | None = None
    since: date | None = None
    until: date | None = None
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """An entry with what is said beside it. ``meta`` says why the number is what it is (``LoyaltyEntry.meta``)."""

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
        """What there was before the entry."""
        return self.balance_after - self.points


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Entries, newest first. ``counts`` are those of each kind, and of ``all``, within the days asked for.

    ``older`` and ``newer`` are the numbers to page on from, None where there is nothing more.
    """

    lines: list[LedgerLine]
    counts: Mapping[str, int]
    older: int | None
    newer: int | None


@dataclass(frozen=True, slots=True)
class PointsFigures:
    """A customer's points in sum. ``redeemed`` is less what was given back; ``entries`` is how many entries."""

    balance: int
    lifetime_earned: int
    redeemed: int
    entries: int


def get_figures(account: LoyaltyAccount | None) -> PointsFigures:
    """The sums of an account; zeros for a customer without points."""
    if account is None:
        return PointsFigures(0, 0, 0, 0)
    entry = LoyaltyEntry
    redeemed = db.session.scalars(
        select(func.coalesce(func.sum(-entry.points), 0)).where(*entries_of(account), entry.kind.in_(REDEEMED))
    ).one()
    return PointsFigures(account.points_balance, account.lifetime_earned, int(redeemed), account.entries_count)


def list_ledger(account: LoyaltyAccount | None, filters: LedgerFilter) -> LedgerPage:
    """Return a page of an account's entries; the same cost however deep it is."""
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
    """One entry of an account, by its number. Raises NotFound."""
    row = None
    if account is not None:
        row = db.session.execute(_lines().where(LoyaltyEntry.account_id == account.id, LoyaltyEntry.seq == seq)).first()
    if row is None:
        raise NotFound("There is no such entry.", code="entry_not_found")
    return _line(row)


def _read(account: LoyaltyAccount, keys: list[Key]) -> list[LedgerLine]:
    if not keys:
        return []
    found = _lines().where(*entries_of(account), LoyaltyEntry.seq.in_([key[-1] for key in keys]))
    return [_line(row) for row in db.session.execute(found.order_by(LoyaltyEntry.seq.desc()))]


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
    """Entries with their order's number and what a person wrote; columns, since rows are only read."""
    entry = LoyaltyEntry
    return (
        select(
            entry.seq,
            entry.kind,
            entry.points,
            entry.balance_after,
            entry.order_id,
            Order.order_number,
            LoyaltyEntryNote.text,
            entry.system_note,
            entry.event,
            entry.shortfall,
            entry.actor_kind,
            entry.actor_label,
            entry.meta,
            entry.created_at,
        )
        .select_from(entry)
        .outerjoin(Order, Order.id == entry.order_id)
        .outerjoin(LoyaltyEntryNote, LoyaltyEntryNote.entry_id == entry.id)
    )


def _line(row: Any) -> LedgerLine:
    seq, kind, *rest = row
    return LedgerLine(seq, slug_of(kind), *rest)
