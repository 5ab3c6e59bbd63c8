"""The ledger of the whole shop as staff read it: filtered, summed, and turned page by page at the same cost."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import joinedload

from shop.db.session import db
from shop.domain.dates.days import end_of, start_of
from shop.models import ApiKey, LoyaltyAccount, LoyaltyEntry, Membership
from shop.queries.customers.search import find_customer_ids, read_search
from shop.queries.ledger.explanation import EntryExplanation, explain_entry
from shop.queries.ledger.kinds import KINDS, slug_of
from shop.queries.ledger.lines import ShopLedgerLine, read_ledger_lines
from shop.queries.ledger.totals import ALL_KINDS, shop_zone
from shop.services.errors import NotFound

ROWS: Final = 50
FEW: Final = 100
"""Customers that a search may find; of more, entries of the first are shown, and it is said."""
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


def browse_ledger(wanted: ShopLedgerFilter) -> ShopLedgerPage:
    """A page of the shop's entries."""
    conditions, too_many = conditions_of(wanted)
    if conditions is None:
        return ShopLedgerPage.none()
    ids, more = _turn(wanted, conditions, ROWS)
    older = newer = None
    if ids:
        older = ids[-1] if more or wanted.after is not None else None
        newer = ids[0] if wanted.before is not None or (wanted.after is not None and more) else None
    return ShopLedgerPage(read_ledger_lines(ids), older, newer, too_many)


def total_ledger(wanted: ShopLedgerFilter) -> dict[str, Total]:
    """Entries and points of each kind, and of ``all``, among those that match, whatever kind is asked for."""
    conditions, _too_many = conditions_of(replace(wanted, kind=None))
    if conditions is None:
        return no_totals()
    entry = LoyaltyEntry
    statement = select(entry.kind, func.count(), func.sum(entry.points)).where(entry.kind.in_(ALL_KINDS), *conditions)
    rows = db.session.execute(statement.group_by(entry.kind))  # kind by kind, as the indexes have them
    found = {slug_of(kind): Total(number, int(points)) for kind, number, points in rows}
    whole = Total(sum(one.entries for one in found.values()), sum(one.points for one in found.values()))
    return no_totals() | found | {"all": whole}


def explain_by_id(entry_id: int) -> EntryExplanation:
    """The facts behind an entry. Raises NotFound."""
    entry = db.session.execute(
        select(LoyaltyEntry.account_id, LoyaltyEntry.seq).where(LoyaltyEntry.id == entry_id)
    ).first()
    if entry is None:
        raise NotFound("There is no such entry.", code="entry_not_found")
    return explain_entry(db.session.get(LoyaltyAccount, entry.account_id), entry.seq)


def list_people() -> list[LedgerActor]:
    """Who can be asked for: the shop's staff by name, then its programs."""
    members = db.session.scalars(select(Membership).options(joinedload(Membership.user))).all()
    staff = sorted((row.user.name or row.user.email, row.staff_user_id) for row in members)
    programs = db.session.execute(select(ApiKey.name, ApiKey.id).order_by(ApiKey.name, ApiKey.id))
    return [
        *(LedgerActor(f"staff:{number}", name) for name, number in staff),
        *(LedgerActor(f"api_key:{number}", name) for name, number in programs),
    ]


def conditions_of(wanted: ShopLedgerFilter) -> tuple[list[ColumnElement[bool]] | None, bool]:
    """What must hold of LoyaltyEntry (None when nothing can match), and whether too many customers were found."""
    entry = LoyaltyEntry
    found: list[ColumnElement[bool]] = []
    too_many = False
    if wanted.kind is not None:
        found.append(entry.kind == KINDS[wanted.kind])
    if wanted.since is not None:
        found.append(entry.created_at >= start_of(wanted.since, shop_zone()))
    if wanted.until is not None:
        found.append(entry.created_at < end_of(wanted.until, shop_zone()))
    if wanted.actor is not None:
        found.extend(_by(wanted.actor))
    if wanted.search.strip():
        accounts = _accounts(wanted.search)
        if not accounts:
            return None, False
        too_many = len(accounts) > FEW
        found.append(entry.account_id.in_(accounts[:FEW]))
    return found, too_many


def list_latest(count: int) -> list[ShopLedgerLine]:
    """The newest entries of the shop."""
    ids, _more = _turn(ShopLedgerFilter(), [], count)
    return read_ledger_lines(ids)


def _by(actor: str) -> list[ColumnElement[bool]]:
    kind, _colon, number = actor.partition(":")
    known = LoyaltyEntry.actor_id == int(number) if number else LoyaltyEntry.actor_id.is_(None)
    return [LoyaltyEntry.actor_kind == kind, known]


def _accounts(typed: str) -> list[int]:
    """Accounts of customers in whom the words typed occur, up to one more than are looked at."""
    search = read_search(typed)
    people = [] if search is None else find_customer_ids(search.whole, FEW + 1)
    return list(db.session.scalars(select(LoyaltyAccount.id).where(LoyaltyAccount.customer_id.in_(people))))


def _turn(wanted: ShopLedgerFilter, conditions: Sequence[ColumnElement[bool]], size: int) -> tuple[list[int], bool]:
    """Ids of a page, newest first, and whether there are more beyond.

    What somebody did is looked up kind by kind, which is how the index has it, and put in order here.
    """
    moment, key = LoyaltyEntry.created_at, LoyaltyEntry.id
    found = select(moment, key).where(*conditions)
    rising = wanted.after is not None
    place = wanted.after if rising else wanted.before
    if place is not None:
        at = db.session.scalars(select(moment).where(key == place)).first()
        if at is None:
            return [], False
        here, there = tuple_(moment, key), (at, place)
        found = found.where(here > there if rising else here < there)
    found = found.order_by(moment.asc(), key.asc()) if rising else found.order_by(moment.desc(), key.desc())
    if wanted.actor is not None and wanted.kind is None and not wanted.search:
        ways = [found.where(LoyaltyEntry.kind == kind) for kind in ALL_KINDS]
    else:
        ways = [found]
    rows: list[tuple[datetime, int]] = []
    for way in ways:
        rows.extend((row.created_at, row.id) for row in db.session.execute(way.limit(size + 1)))
    rows.sort(reverse=not rising)
    more, ids = len(rows) > size, [entry_id for _, entry_id in rows[:size]]
    return (ids[::-1] if rising else ids), more


def no_totals() -> dict[str, Total]:
    """Return the totals of no entries."""
    return dict.fromkeys(("all", *KINDS), Total())
