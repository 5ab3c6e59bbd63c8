"""Totals of the shop's ledger, each read from an index alone (``ix_loyalty_entries_sums``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import ScalarSelect, func, select

from shop.db.session import db
from shop.domain.dates.date_ranges import Part
from shop.domain.dates.days import end_of, start_of
from shop.models import LoyaltyAccount, LoyaltyEntry
from shop.queries.ledger.kinds import KINDS
from shop.queries.time_ranges import time_ranges
from shop.services.shops.settings import get_settings

ALL_KINDS: Final = tuple(KINDS.values())
"""All kinds: naming them lets the engine skip from kind to kind in the index instead of scanning it."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Points moved in a period, by the slug of their kind, signed as in the ledger."""

    by_slug: Mapping[str, int] = field(default_factory=dict)

    @property
    def earned(self) -> int:
        """Earned by orders."""
        return self.by_slug.get("earned", 0)

    @property
    def redeemed(self) -> int:
        """Redeemed, below 0."""
        return self.by_slug.get("redeemed", 0)

    @property
    def returned(self) -> int:
        """Restored to customers."""
        return self.by_slug.get("returned", 0)

    @property
    def taken(self) -> int:
        """Reversed, below 0."""
        return self.by_slug.get("taken", 0)

    @property
    def adjusted(self) -> int:
        """Adjustments, and all kinds that have no total of their own here."""
        return self.change - self.earned - self.redeemed - self.returned - self.taken

    @property
    def change(self) -> int:
        """The change of all balances together."""
        return sum(self.by_slug.values())

    def __add__(self, other: "Moved") -> "Moved":
        return Moved({slug: self.by_slug.get(slug, 0) + other.by_slug.get(slug, 0) for slug in KINDS})


@dataclass(frozen=True, slots=True)
class Held:
    """The points of the ledger at one moment: of entries ``before`` a time and ``since`` then, and of the accounts.

    ``orphaned`` are points of accounts whose customer was deleted; no one can spend them.
    """

    before: int
    since: int
    accounts: int
    orphaned: int

    @property
    def entries(self) -> int:
        """The sum of all entries."""
        return self.before + self.since

    @property
    def gap(self) -> int:
        """How many more points the accounts hold than the entries say; 0 if they agree."""
        return self.accounts - self.entries


def shop_zone() -> str:
    """Return the shop's time zone."""
    return get_settings().values["shop_timezone"]


def sum_parts(parts: Sequence[Part]) -> list[Moved]:
    """Return the points moved in each part, in the shop's time zone, in order."""
    zone = shop_zone()
    part = time_ranges([(start_of(part.first, zone), end_of(part.last, zone)) for part in parts])
    sums = [_sum_between(kind, part).label(slug) for slug, kind in KINDS.items()]
    rows = db.session.execute(select(part.c.number, *sums).order_by(part.c.number))
    return [Moved({slug: int(points) for slug, points in zip(KINDS, row[1:], strict=True)}) for row in rows]


def _sum_between(kind: str, part: Any) -> ScalarSelect[Any]:
    entry = LoyaltyEntry
    return (
        select(func.coalesce(func.sum(entry.points), 0))
        .where(entry.kind == kind, entry.created_at >= part.c.since, entry.created_at < part.c.until)
        .correlate(part)
        .scalar_subquery()
    )


def weigh(day: date) -> Held:
    """Return the totals of entries and accounts, split at the start of ``day``. One statement reads both."""
    entry, account = LoyaltyEntry, LoyaltyAccount
    start = start_of(day, shop_zone())
    points = select(func.coalesce(func.sum(entry.points), 0)).where(entry.kind.in_(ALL_KINDS))
    balances = select(func.coalesce(func.sum(account.points_balance), 0))
    row = db.session.execute(
        select(
            points.where(entry.created_at < start).scalar_subquery(),
            points.where(entry.created_at >= start).scalar_subquery(),
            balances.scalar_subquery(),
            balances.where(account.customer_id.is_(None)).scalar_subquery(),
        )
    ).one()
    return Held(*(int(number) for number in row))
