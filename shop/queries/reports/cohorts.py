"""Members by the month of their first points, and points that are unlikely to be redeemed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from sqlalchemy import and_, case, func, select

from shop.db.session import db
from shop.domain.dates.date_ranges import Part
from shop.domain.dates.days import end_of, start_of
from shop.models import Customer, LoyaltyAccount
from shop.queries.ledger.totals import shop_zone
from shop.queries.listing.list_query import unindexed
from shop.queries.time_ranges import time_ranges
from shop.services import clock

IDLE: Final = timedelta(days=365)


class CohortRow(NamedTuple):
    """Members who joined in a period: how many came back, what they spent, their points."""

    part: Part
    members: int
    came_back: int
    spent_cents: int
    points: int


class IdlePoints(NamedTuple):
    """Points of customers without an order for a year."""

    customers: int
    points: int


def member_cohorts(parts: Sequence[Part]) -> list[CohortRow]:
    """Return the members who joined in each part; those who came back have at least two orders."""
    zone = shop_zone()
    part = time_ranges([(start_of(part.first, zone), end_of(part.last, zone)) for part in parts])
    account = LoyaltyAccount
    joined = and_(account.created_at >= part.c.since, account.created_at < part.c.until)
    sums = (
        func.count(Customer.id),
        func.coalesce(func.sum(case((Customer.total_orders >= 2, 1), else_=0)), 0),
        func.coalesce(func.sum(Customer.total_spent_cents), 0),
        func.coalesce(func.sum(Customer.points_balance), 0),
    )
    found = (
        select(part.c.number, *sums)
        .join(account, joined)
        .join(Customer, Customer.id == account.customer_id)
        .group_by(part.c.number)
    )
    rows = {row[0]: [int(figure) for figure in row[1:]] for row in db.session.execute(found)}
    return [CohortRow(one, *rows.get(at, (0, 0, 0, 0))) for at, one in enumerate(parts)]


def idle_points() -> IdlePoints:
    """Return the points of customers whose last order is more than a year ago, or who have none."""
    before = clock.now() - IDLE
    ordered, points = Customer.last_order_at, Customer.points_balance
    sums = select(func.count(), func.coalesce(func.sum(points), 0)).where(unindexed(points) > 0)
    cases = (sums.where(ordered < before), sums.where(ordered.is_(None), Customer.created_at < before))
    found = [db.session.execute(one).one() for one in cases]  # an index serves each, but not both in one condition
    return IdlePoints(*(int(sum(figures)) for figures in zip(*found, strict=True)))
