"""Sums over the whole shop's ledger, each read from an index alone (``ix_loyalty_entries_sums``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import Integer, ScalarSelect, column, func, select, values

from shop.db.session import db
from shop.domain.dates.date_ranges import Part
from shop.domain.dates.days import end_of, start_of
from shop.models import LoyaltyAccount, LoyaltyEntry
from shop.models.base import UtcDateTime
from shop.queries.ledger.kinds import KINDS
from shop.services.shops.settings import get_settings

ALL_KINDS: Final = tuple(KINDS.values())
"""Naming all kinds lets the engine go from kind to kind in the index instead of through all entries."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Points that moved in some days, by the slug of their kind, signed as in the ledger."""

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
        """Adjusted by hand, and all kinds that have no sum of their own here."""
        return self.change - self.earned - self.redeemed - self.returned - self.taken

    @property
    def change(self) -> int:
        """What they add to all balances together."""
        return sum(self.by_slug.values())

    def __add__(self, other: "Moved") -> "Moved":
        return Moved({slug: self.by_slug.get(slug, 0) + other.by_slug.get(slug, 0) for slug in KINDS})


@dataclass(frozen=True, slots=True)
class Held:
    """The ledger at one moment: points of the entries ``before`` a time and ``since`` it, and what the accounts hold.

    ``orphaned`` is held by accounts whose customer was deleted; nobody can spend it.
    """

    before: int
    since: int
    accounts: int
    orphaned: int

    @property
    def entries(self) -> int:
        """The points of all entries, from the first to the last."""
        return self.before + self.since

    @property
    def gap(self) -> int:
        """By how much the accounts hold more than their entries say; 0 when all is well."""
        return self.accounts - self.entries


def shop_zone() -> str:
    """The time zone of the shop's days."""
    return get_settings().values["shop_timezone"]


def sum_parts(parts: Sequence[Part]) -> list[Moved]:
    """Points that moved in each of some parts of the calendar, in the shop's zone; in their order."""
    zone = shop_zone()
    edges = [(number, start_of(part.first, zone), end_of(part.last, zone)) for number, part in enumerate(parts)]
    shape = (column("number", Integer), column("since", UtcDateTime()), column("until", UtcDateTime()))
    part = values(*shape, name="part").data(edges).cte("part")
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
    """What entries and accounts come to at one moment, split at the start of ``day``. One statement, so one moment."""
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
