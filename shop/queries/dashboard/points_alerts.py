"""Alerts about points: accounts with errors, shortfalls, and days with unusually many entries."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, func, select

from shop.db.session import db
from shop.domain.dates.days import day_of, end_of, start_of
from shop.domain.statuses import EntryKind
from shop.models import Customer, LoyaltyAccount, LoyaltyEntry, Order
from shop.queries.dashboard.alert_rows import COUNTED, LOOKED_BACK_DAYS, SHOWN, Found, sum_points
from shop.queries.time_ranges import time_ranges
from shop.services import clock
from shop.services.loyalty.nightly_check import LastCheck
from shop.services.shops.settings import ShopSettings

BUSY_DAYS: Final = 14
"""How far back days with many redemptions or adjustments are searched."""


class Shortfall(NamedTuple):
    """Points of an order that could not be reversed because they had been spent."""

    customer_id: int
    name: str
    seq: int
    order_number: str
    points: int
    date: datetime


class BusyDay(NamedTuple):
    """A day on which one customer redeemed, or one staff member adjusted, unusually often."""

    day: date
    id: int
    name: str
    times: int


class OffAccount(NamedTuple):
    """An account with an error: its first wrong entry (None if the account row itself is wrong), and the rule.

    ``customer_id`` is None if the customer was deleted.
    """

    customer_id: int | None
    name: str
    seq: int | None
    rule: str


def find_off_accounts(check: LastCheck) -> Found[OffAccount]:
    """Return the accounts in which the last nightly check found errors."""
    shown = check.first[:SHOWN]
    ids = [row["customer_id"] for row in shown if row["customer_id"] is not None]
    people = {row.id: row for row in db.session.scalars(select(Customer).where(Customer.id.in_(ids)))} if ids else {}
    rows = []
    for row in shown:
        customer = people.get(row["customer_id"])
        id, name = (customer.id, customer.full_name) if customer is not None else (None, "")
        rows.append(OffAccount(id, name, row["seq"], row["rule"]))
    return Found(rows, check.faults)


class HeldCustomer(NamedTuple):
    """A customer whose redemption is on hold ``until`` then."""

    id: int
    name: str
    until: datetime


def find_held_customers() -> Found[HeldCustomer]:
    """Return the customers whose redemption is on hold after a change of contact details."""
    held = select(Customer).where(Customer.redemption_held_until > clock.now())
    found = db.session.scalars(held.order_by(Customer.redemption_held_until.desc()).limit(COUNTED)).all()
    rows = [HeldCustomer(one.id, one.full_name, until) for one in found if (until := one.redemption_held_until)]
    return Found(rows[:SHOWN], len(rows))


def find_shortfalls() -> Found[Shortfall]:
    """Return recent shortfalls of customers whose account still has one."""
    entry = LoyaltyEntry
    since = clock.now() - timedelta(days=LOOKED_BACK_DAYS)
    found = db.session.execute(
        select(entry.account_id, entry.seq, entry.shortfall.label("points"), entry.created_at, Order.order_number)
        .join(LoyaltyAccount, LoyaltyAccount.id == entry.account_id)
        .outerjoin(Order, Order.id == entry.order_id)
        .where(
            entry.kind == EntryKind.REVERSED,
            entry.created_at >= since,
            entry.shortfall > 0,
            LoyaltyAccount.shortfall > 0,
        )
        .order_by(entry.created_at.desc())
        .limit(COUNTED)
    ).all()
    people = _people({row.account_id for row in found})
    rows = []
    for row in found:
        if row.account_id in people:
            customer_id, name = people[row.account_id]
            rows.append(Shortfall(customer_id, name, row.seq, row.order_number or "", row.points, row.created_at))
    return sum_points(rows)


def _people(accounts: Collection[int]) -> dict[int, tuple[int, str]]:
    """Return id and name of the customers of accounts, without deleted ones."""
    if not accounts:
        return {}
    rows = db.session.execute(
        select(LoyaltyAccount.id, Customer)
        .join(Customer, Customer.id == LoyaltyAccount.customer_id)
        .where(LoyaltyAccount.id.in_(accounts))
    )
    return {account_id: (customer.id, customer.full_name) for account_id, customer in rows}


def find_busy_customers(settings: ShopSettings) -> Found[BusyDay]:
    """Return the days on which a customer redeemed more often than the shop's setting."""
    most = int(settings.values["attention_redemptions_per_day"])
    busy = _busy(EntryKind.REDEEMED, LoyaltyEntry.account_id.expression, most, settings)
    people = _people([row.id for row in busy])
    known = [row._replace(id=people[row.id][0], name=people[row.id][1]) for row in busy if row.id in people]
    return Found(known[:SHOWN], len(known))


def find_busy_staff(settings: ShopSettings) -> Found[BusyDay]:
    """Return the days on which a staff member adjusted more often than the shop's setting."""
    most = int(settings.values["attention_adjustments_per_day"])
    busy = _busy(
        EntryKind.ADJUSTED, LoyaltyEntry.actor_id.expression, most, settings, LoyaltyEntry.actor_kind == "staff"
    )
    return Found(busy[:SHOWN], len(busy))


def _busy(
    kind: EntryKind, who: ColumnElement[Any], most: int, settings: ShopSettings, *more: ColumnElement[bool]
) -> list[BusyDay]:
    """Return recent days on which someone did something more than ``most`` times, newest first."""
    zone = settings.values["shop_timezone"]
    today = day_of(clock.now(), zone)
    days = [today - timedelta(days=number) for number in range(BUSY_DAYS)]
    part = time_ranges([(start_of(day, zone), end_of(day, zone)) for day in days])
    entry = LoyaltyEntry
    rows = db.session.execute(
        select(part.c.number, who, func.max(entry.actor_label), func.count())
        .join(entry, (entry.created_at >= part.c.since) & (entry.created_at < part.c.until))
        .where(entry.kind == kind, *more)
        .group_by(part.c.number, who)
        .having(func.count() > most)
        .order_by(part.c.number, func.count().desc())
        .limit(COUNTED)
    )
    return [BusyDay(days[number], someone, label, count) for number, someone, label, count in rows if someone]
