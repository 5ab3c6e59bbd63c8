"""The ledger of the whole shop as staff read it: which filters and search it has, and its totals."""

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
"""Customers whose entries a search shows; if it finds more, the page says so."""
NEWEST_FIRST: Final = SortOrder((LoyaltyEntry.created_at.expression, LoyaltyEntry.id.expression))
ACTOR = re.compile(r"(staff|api_key):([0-9]{1,18})|customer|system", re.ASCII)


@dataclass(frozen=True, slots=True)
class ShopLedgerFilter:
    """Which entries: of a kind, from a day to a day (both included, in the shop's zone), of customers, by somebody.

    ``actor`` is ``staff:7``, ``api_key:2``, ``customer`` or ``system``. ``before`` and ``after`` are ids of entries to
    page on from, towards older and newer ones; without either the newest come.
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
    """At most 50 entries, newest first; ``older`` and ``newer`` are the ids to page on from, None without more.

    ``too_many`` says that only the first of the customers who match the search were looked at.
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
    """How many entries there are of a kind, and their points in sum, signed."""

    entries: int = 0
    points: int = 0


@dataclass(frozen=True, slots=True)
class LedgerActor:
    """Somebody, or a program, that may have moved points; ``key`` is what a filter takes."""

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
    """Return the list that filters describe, and whether a search finds more customers than are looked at.

    None if no customer is found. The entries of an actor are in order only kind by kind: that is how the index has
    them.
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
    """Return entries and points of each kind and of ``all`` among those that match the filters but for the kind."""
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
    """Return the facts behind an entry. Raise `NotFound` if there is none."""
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
    """Return the accounts of customers who match a search, up to one more than are looked at."""
    search = read_search(typed)
    people = [] if search is None else find_customer_ids(search.whole, FEW + 1)
    return list(db.session.scalars(select(LoyaltyAccount.id).where(LoyaltyAccount.customer_id.in_(people))))


def _key_of(entry_id: int | None) -> Key | None:
    moment = select(LoyaltyEntry.created_at).where(LoyaltyEntry.id == entry_id)
    at = None if entry_id is None else db.session.scalars(moment).first()
    return None if at is None else (0, at, entry_id)


def no_totals() -> dict[str, Total]:
    """Return the totals of no entries."""
    return dict.fromkeys(("all", *KINDS), Total())
