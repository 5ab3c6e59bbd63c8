"""The shop's ledger for staff: filters, search and totals."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from shop.db.session import db
from shop.domain.dates.days import end_of, start_of
from shop.models import ApiKey, LoyaltyAccount, LoyaltyEntry, Membership
from shop.queries.customers.search import find_customer_ids, read_search
from shop.queries.ledger.explanation import EntryExplanation, explain_entry
from shop.queries.ledger.kinds import KINDS, slug_of
from shop.queries.ledger.lines import ShopLedgerLine, read_ledger_lines
from shop.queries.ledger.totals import ALL_KINDS, shop_zone
from shop.queries.listing.list_query import ListQuery, Matches, indexed, unindexed
from shop.queries.listing.pages import find_keys, read_page
from shop.queries.listing.sort_order import Key, SortOrder
from shop.services.errors import NotFound

ROWS: Final = 50
FEW: Final = 100
"""A search shows the entries of this many customers; if it finds more, the page says so."""
NEWEST_FIRST: Final = SortOrder((LoyaltyEntry.created_at.expression, LoyaltyEntry.id.expression))
ACTOR = re.compile(r"(staff|api_key):([0-9]{1,18})|customer|system", re.ASCII)


@dataclass(frozen=True, slots=True)
class ShopLedgerFilter:
    """A kind, a range of days (inclusive, in the shop's time zone), customers and an actor.

    ``actor`` is ``staff:7``, ``api_key:2``, ``customer`` or ``system``. ``before`` and ``after`` are ids of entries to
    page from, towards older and newer ones; without either the newest are returned.
    """

    kind: str | None = None
    since: date | None = None
    until: date | None = None
    search: str = ""
    actor: str | None = None
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class ShopLedgerPage:
    """A page of up to 50 entries, newest first; ``older`` and ``newer`` are the ids to page from, None without more.

    ``too_many``: the search matches more customers than are shown.
    """

    lines: list[ShopLedgerLine]
    older: int | None
    newer: int | None
    too_many: bool = False

    @classmethod
    def none(cls) -> "ShopLedgerPage":
        """Return an empty page."""
        return cls([], None, None)


@dataclass(frozen=True, slots=True)
class Total:
    """The number of entries of a kind, and the sum of their points, signed."""

    entries: int = 0
    points: int = 0


@dataclass(frozen=True, slots=True)
class LedgerActor:
    """A person or program that may have written entries; ``key`` is the filter's value."""

    key: str
    name: str


def browse_ledger(filters: ShopLedgerFilter) -> ShopLedgerPage:
    """Return a page of the shop's entries; empty if ``before`` or ``after`` is no entry."""
    query, too_many = query_ledger(filters)
    if query is None:
        return ShopLedgerPage.none()
    older_than, newer_than = (_key_of(entry_id) for entry_id in (filters.before, filters.after))
    if (older_than, newer_than) == (None, None) != (filters.before, filters.after):
        return ShopLedgerPage.none()
    page = read_page(query, ROWS, after=older_than, before=newer_than)
    older, newer = (None if key is None else key[-1] for key in (page.after, page.before))
    return ShopLedgerPage(read_ledger_lines([key[-1] for key in page.keys]), older, newer, too_many)


def query_ledger(filters: ShopLedgerFilter) -> tuple[ListQuery | None, bool]:
    """Return the list query of filters, and whether the search finds too many customers; None if it finds none.

    The index has the entries of an actor in order only within a kind.
    """
    served, too_many = _conditions(filters, indexed)
    if served is None:
        return None, False
    if filters.search.strip():
        in_order, _too_many = _conditions(filters, unindexed)
        whole = Matches(tuple(served), tuple(in_order or ()))
        return ListQuery(NEWEST_FIRST, whole, lambda: (whole,)), too_many
    kinds: list[list[ColumnElement[bool]]] = [[]]
    if filters.actor is not None and filters.kind is None:
        kinds = [[LoyaltyEntry.kind == kind] for kind in ALL_KINDS]
    ranges = tuple(Matches((*kind, *served), (*kind, *served)) for kind in kinds)
    return ListQuery(NEWEST_FIRST, ranges=ranges), too_many


def total_ledger(filters: ShopLedgerFilter) -> dict[str, Total]:
    """Return entries and points of each kind and of ``all``, by the filters without the kind."""
    conditions, _too_many = _conditions(replace(filters, kind=None), indexed)
    if conditions is None:
        return no_totals()
    entry = LoyaltyEntry
    statement = select(entry.kind, func.count(), func.sum(entry.points)).where(entry.kind.in_(ALL_KINDS), *conditions)
    rows = db.session.execute(statement.group_by(entry.kind))  # kind by kind, as the indexes have them
    found = {slug_of(kind): Total(number, int(points)) for kind, number, points in rows}
    whole = Total(sum(one.entries for one in found.values()), sum(one.points for one in found.values()))
    return no_totals() | found | {"all": whole}


def explain_by_id(entry_id: int) -> EntryExplanation:
    """Return the facts of an entry's calculation. Raise `NotFound`."""
    entry = db.session.execute(
        select(LoyaltyEntry.account_id, LoyaltyEntry.seq).where(LoyaltyEntry.id == entry_id)
    ).first()
    if entry is None:
        raise NotFound("There is no such entry.", code="entry_not_found")
    return explain_entry(db.session.get(LoyaltyAccount, entry.account_id), entry.seq)


def list_people() -> list[LedgerActor]:
    """Return the actors to filter by: the shop's staff by name, then its API keys."""
    members = db.session.scalars(select(Membership).options(joinedload(Membership.user))).all()
    staff = sorted((row.user.name or row.user.email, row.staff_user_id) for row in members)
    programs = db.session.execute(select(ApiKey.name, ApiKey.id).order_by(ApiKey.name, ApiKey.id))
    return [
        *(LedgerActor(f"staff:{number}", name) for name, number in staff),
        *(LedgerActor(f"api_key:{number}", name) for name, number in programs),
    ]


def _conditions(filters: ShopLedgerFilter, see: Callable[[Any], Any]) -> tuple[list[ColumnElement[bool]] | None, bool]:
    """Return the conditions on an entry (None if nothing can match), and whether a search finds too many customers."""
    entry = LoyaltyEntry
    found: list[ColumnElement[bool]] = []
    too_many = False
    if filters.kind is not None:
        found.append(entry.kind == KINDS[filters.kind])
    if filters.since is not None:
        found.append(entry.created_at >= start_of(filters.since, shop_zone()))
    if filters.until is not None:
        found.append(entry.created_at < end_of(filters.until, shop_zone()))
    if filters.actor is not None:
        kind, _colon, number = filters.actor.partition(":")
        actor_id = see(entry.actor_id)
        found += [see(entry.actor_kind) == kind, actor_id == int(number) if number else actor_id.is_(None)]
    if filters.search.strip():
        accounts = _accounts(filters.search)
        if not accounts:
            return None, False
        too_many = len(accounts) > FEW
        found.append(see(entry.account_id).in_(accounts[:FEW]))
    return found, too_many


def list_latest(count: int) -> list[ShopLedgerLine]:
    """Return the newest entries of the shop."""
    query = ListQuery(NEWEST_FIRST, ranges=(Matches(),))
    return read_ledger_lines([key[-1] for key in find_keys(query, None, 0, count)[1]])


def _accounts(typed: str) -> list[int]:
    """Return the accounts of customers who match a search, up to one more than are shown."""
    search = read_search(typed)
    people = [] if search is None else find_customer_ids(search.whole, FEW + 1)
    return list(db.session.scalars(select(LoyaltyAccount.id).where(LoyaltyAccount.customer_id.in_(people))))


def _key_of(entry_id: int | None) -> Key | None:
    moment = select(LoyaltyEntry.created_at).where(LoyaltyEntry.id == entry_id)
    at = None if entry_id is None else db.session.scalars(moment).first()
    return None if at is None else (0, at, entry_id)


def no_totals() -> dict[str, Total]:
    """Return totals of zero."""
    return dict.fromkeys(("all", *KINDS), Total())
