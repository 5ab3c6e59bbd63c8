"""The overview: the shop's figures for a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import func, select

from shop.db.session import db
from shop.domain.charts.bar_chart import Bars, draw_bars
from shop.domain.customers.contact import full_name
from shop.domain.dates.date_ranges import Part, before, parts_of
from shop.domain.dates.days import day_of, end_of, start_of
from shop.domain.loyalty.points import discount_for_points
from shop.domain.loyalty.rules_backtest import share_in_tenths
from shop.models import Customer, LoyaltyAccount
from shop.queries.ledger.totals import Moved, sum_parts
from shop.services import clock
from shop.services.shops.settings import get_settings

TOP: Final = 10


@dataclass(frozen=True, slots=True)
class Column:
    """The points of one part of a chart, not negative."""

    part: Part
    earned: int
    redeemed: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The shop's points, now and in a period. ``moved`` is all that moved in the period.

    Rates are redeemed points in tenths of a per cent of earned points, both net of reversals; None if nothing was
    earned. ``rate_before`` and ``members_before`` are of the period of equal length before. Points are valued by
    today's rules.
    """

    span: str
    today: date
    loyalty_enabled: bool
    currency: str
    outstanding: int
    outstanding_worth_cents: int
    moved: Moved
    earned_worth_cents: int
    redeemed_worth_cents: int
    rate: int | None
    rate_before: int | None
    members: int
    members_before: int
    columns: Sequence[Column]
    chart: Bars


class Balance(NamedTuple):
    """A customer with a high balance."""

    customer_id: int
    first_name: str
    last_name: str
    email: str | None
    phone: str | None
    points: int
    orders: int

    @property
    def name(self) -> str:
        """First and last name, else e-mail, else phone."""
        return full_name(self.first_name, self.last_name, self.email, self.phone)


def get_overview(span: str = "13w") -> Overview:
    """Return the figures of one of :data:`shop.domain.dates.date_ranges.SPANS`. Raise KeyError for another."""
    settings = get_settings()
    rules, zone = settings.rules, settings.values["shop_timezone"]
    today = day_of(clock.now(), zone)
    parts = parts_of(span, today)
    whole, earlier = Part(parts[0].first, today), before(parts)
    *each, moved_before = sum_parts([*parts, earlier])
    moved = sum(each, Moved())
    columns = [Column(part, one.earned, -one.redeemed) for part, one in zip(parts, each, strict=True)]
    outstanding = _outstanding()
    return Overview(
        span=span,
        today=today,
        loyalty_enabled=rules.enabled,
        currency=settings.currency,
        outstanding=outstanding,
        outstanding_worth_cents=discount_for_points(outstanding, rules),
        moved=moved,
        earned_worth_cents=discount_for_points(moved.earned, rules),
        redeemed_worth_cents=discount_for_points(-moved.redeemed, rules),
        rate=_rate(moved),
        rate_before=_rate(moved_before),
        members=_members(whole, zone),
        members_before=_members(earlier, zone),
        columns=columns,
        chart=draw_bars([(column.earned, column.redeemed) for column in columns]),
    )


def list_top_balances() -> list[Balance]:
    """Return the customers with the most points, highest first."""
    row = Customer
    found = db.session.execute(
        select(row.id, row.first_name, row.last_name, row.email, row.phone, row.points_balance, row.total_orders)
        .where(row.points_balance > 0)
        .order_by(row.points_balance.desc(), row.id.desc())
        .limit(TOP)
    )
    return [Balance(*customer) for customer in found]


def _outstanding() -> int:
    """Return the points of customers; points of deleted customers cannot be spent."""
    account = LoyaltyAccount
    points = select(func.coalesce(func.sum(account.points_balance), 0))
    gone = points.where(account.customer_id.is_(None))
    every, orphaned = db.session.execute(select(points.scalar_subquery(), gone.scalar_subquery())).one()
    return int(every) - int(orphaned)


def _rate(moved: Moved) -> int | None:
    """Return the redemption rate, net of reversals."""
    earned, redeemed = moved.earned + moved.taken, -(moved.redeemed + moved.returned)
    return share_in_tenths(max(0, redeemed), earned) if earned > 0 else None


def _members(part: Part, zone: str) -> int:
    """Return how many customers got their first points in a period."""
    account = LoyaltyAccount
    return db.session.scalars(
        select(func.count(account.customer_id)).where(
            account.created_at >= start_of(part.first, zone), account.created_at < end_of(part.last, zone)
        )
    ).one()
