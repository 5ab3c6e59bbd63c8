"""What somebody should look at: each matter with the rows it is about, and gone once it is dealt with or old."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Integer, TextClause, column, func, select, text, values
from sqlalchemy.orm import joinedload

from shop.db.session import db
from shop.domain.days import day_of, end_of, start_of
from shop.domain.statuses import EntryKind
from shop.models import Customer, LoyaltyAccount, LoyaltyEntry, Order, OutboxMessage, PaymentFlag, PrivacyRequest
from shop.models.base import UtcDateTime
from shop.models.order import HOLDS_POINTS
from shop.models.outbox import FAILS
from shop.queries.customers.shared_phones import SharedPhone, list_shared_phones
from shop.queries.dashboard.large_orders import LargeOrder, find_large_orders
from shop.services import clock
from shop.services.loyalty.award_rule import MAY_MISS_POINTS, decide_award, misses_points
from shop.services.loyalty.nightly_check import LastCheck, find_last_check
from shop.services.payments.review_flags import list_open_flags
from shop.services.privacy.requests import list_due
from shop.services.shops.settings import ShopSettings, get_settings

SHOWN: Final = 5
COUNTED: Final = 200
"""Of each matter at most so many are counted; then there are "200 and more"."""
UNPAID_AFTER: Final = timedelta(days=2)
LOOKED_BACK_DAYS: Final = 30
"""How far back orders without their points and shortfalls are looked for."""
BUSY_DAYS: Final = 14
"""How far back days with many redemptions or adjustments are looked for."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Found(Generic[Row]):
    """The first rows of a matter, how many there are, and the points they are about. Empty is false."""

    rows: Sequence[Row] = ()
    count: int = 0
    points: int = 0

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def is_many(self) -> bool:
        """Whether there may be more than were counted."""
        return self.count >= COUNTED


class FailedMail(NamedTuple):
    """A mail that could not be sent so far, and will be tried again at ``next_try``."""

    id: int
    kind: str
    recipient: str
    customer_id: int | None
    attempts: int
    error: str
    next_try: datetime


class OrderAtStake(NamedTuple):
    """An order and the points it should have earned, or holds."""

    id: int
    order_number: str
    name: str
    points: int
    date: datetime
    reason: str | None


class Shortfall(NamedTuple):
    """Points that an order had earned and that were gone when they had to be taken back."""

    customer_id: int
    name: str
    seq: int
    order_number: str
    points: int
    date: datetime


class BusyDay(NamedTuple):
    """A day on which one customer redeemed, or one person adjusted, more often than is usual."""

    day: date
    id: int
    name: str
    times: int


class OffAccount(NamedTuple):
    """An account that does not add up: its first wrong entry (None when the account itself is wrong), and why.

    ``customer_id`` is None when she was deleted.
    """

    customer_id: int | None
    name: str
    seq: int | None
    rule: str


@dataclass(frozen=True, slots=True)
class Attention:
    """All matters; see the types of their rows.

    ``ledger`` are accounts that the last nightly check found to be off; ``unchecked_since`` is when that was, if it was
    too long ago. ``money`` are payments that did not fit, with their orders.
    """

    ledger: Found[OffAccount]
    unchecked_since: datetime | None
    money: Found[PaymentFlag]
    mails: Found[FailedMail]
    missed: Found[OrderAtStake]
    shortfalls: Found[Shortfall]
    unpaid: Found[OrderAtStake]
    large: Found[LargeOrder]
    redemptions: Found[BusyDay]
    adjustments: Found[BusyDay]
    phones: Found[SharedPhone]
    privacy: Found[PrivacyRequest]

    @property
    def count(self) -> int:
        """How many matters there are."""
        matters = (
            self.ledger,
            self.unchecked_since,
            self.money,
            self.mails,
            self.missed,
            self.shortfalls,
            self.unpaid,
            self.large,
            self.redemptions,
            self.adjustments,
            self.phones,
            self.privacy,
        )
        return sum(1 for matter in matters if matter)


def get_attention() -> Attention:
    """What needs attention in the session's shop now."""
    settings = get_settings()
    check = find_last_check()
    large = find_large_orders(max(2, int(settings.values["guest_max_quantity"]) // 2), COUNTED)
    return Attention(
        ledger=_off_accounts(check) if check is not None else Found(),
        unchecked_since=check.finished_at if check is not None and check.overdue else None,
        money=_flagged_money(),
        mails=_failed_mails(),
        missed=_missed(settings),
        shortfalls=_shortfalls(),
        unpaid=_unpaid(),
        large=Found(large[:SHOWN], len(large)),
        redemptions=_busy_customers(settings),
        adjustments=_busy_staff(settings),
        phones=_shared_phones(),
        privacy=_due_requests(),
    )


def _due_requests() -> Found[PrivacyRequest]:
    due = list_due(COUNTED)
    return Found(due[:SHOWN], len(due))


def _off_accounts(check: LastCheck) -> Found[OffAccount]:
    shown = check.first[:SHOWN]
    ids = [row["customer_id"] for row in shown if row["customer_id"] is not None]
    people = {row.id: row for row in db.session.scalars(select(Customer).where(Customer.id.in_(ids)))} if ids else {}
    rows = []
    for row in shown:
        customer = people.get(row["customer_id"])
        id, name = (customer.id, _name(customer)) if customer is not None else (None, "")
        rows.append(OffAccount(id, name, row["seq"], row["rule"]))
    return Found(rows, check.faults)


def _flagged_money() -> Found[PaymentFlag]:
    """Money that did not fit, and that nobody has said was dealt with."""
    flags = list_open_flags(COUNTED)
    return Found(flags[:SHOWN], len(flags))


def _shared_phones() -> Found[SharedPhone]:
    shared = list_shared_phones(COUNTED)
    return Found(shared[:SHOWN], len(shared))


def _failed_mails() -> Found[FailedMail]:
    row = OutboxMessage
    mails = db.session.scalars(select(row).where(text(FAILS)).order_by(row.id.desc()).limit(COUNTED)).all()
    shown = mails[:SHOWN]
    known = select(Customer.email, Customer.id).where(Customer.email.in_([mail.recipient for mail in shown]))
    people: dict[str, int] = {row.email: row.id for row in db.session.execute(known)}
    rows = [
        FailedMail(
            mail.id,
            mail.kind,
            mail.recipient or "",
            people.get(mail.recipient or ""),
            mail.attempts,
            mail.last_error or "",
            mail.due_at,
        )
        for mail in shown
    ]
    return Found(rows, len(mails))


def _missed(settings: ShopSettings) -> Found[OrderAtStake]:
    """Orders of the last days whose points were due by their rules and were never given; none while loyalty is off."""
    if not settings.rules.enabled:
        return Found()
    since = clock.now() - timedelta(days=LOOKED_BACK_DAYS)
    rows = []
    for order in _orders(MAY_MISS_POINTS, Order.order_date >= since):
        if misses_points(order):
            rows.append(_at_stake(order, decide_award(order, enabled=True).points))
    return _found(rows)


def _unpaid() -> Found[OrderAtStake]:
    """Orders that wait for their money for long and hold points that their customers could spend otherwise."""
    orders = _orders(text(HOLDS_POINTS), Order.order_date < clock.now() - UNPAID_AFTER)
    return _found([_at_stake(order, order.points_redeemed - order.points_returned) for order in orders])


def _orders(condition: TextClause, when: ColumnElement[bool]) -> list[Order]:
    """The newest orders for which a condition of an index holds, with their customers."""
    newest = select(Order.id).where(condition, when).order_by(Order.order_date.desc()).limit(COUNTED)
    ids = list(db.session.scalars(newest))
    orders = db.session.scalars(select(Order).where(Order.id.in_(ids)).options(joinedload(Order.customer)))
    return sorted(orders, key=lambda order: (order.order_date, order.id), reverse=True) if ids else []


def _at_stake(order: Order, points: int) -> OrderAtStake:
    name = _name(order.customer) if order.customer is not None else ""
    return OrderAtStake(order.id, order.order_number, name, points, order.order_date, order.no_award_reason)


def _found(rows: Sequence[Any]) -> Found[Any]:
    return Found(rows[:SHOWN], len(rows), sum(row.points for row in rows))


def _shortfalls() -> Found[Shortfall]:
    """What could not be taken back in the last days, of customers for whom points are still missing."""
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
    return _found(rows)


def _people(accounts: Collection[int]) -> dict[int, tuple[int, str]]:
    """The customers of accounts, id and name; those who were deleted are left out."""
    if not accounts:
        return {}
    rows = db.session.execute(
        select(LoyaltyAccount.id, Customer)
        .join(Customer, Customer.id == LoyaltyAccount.customer_id)
        .where(LoyaltyAccount.id.in_(accounts))
    )
    return {account_id: (customer.id, _name(customer)) for account_id, customer in rows}


def _busy_customers(settings: ShopSettings) -> Found[BusyDay]:
    most = int(settings.values["attention_redemptions_per_day"])
    busy = _busy(EntryKind.REDEEMED, LoyaltyEntry.account_id.expression, most, settings)
    people = _people([row.id for row in busy])
    known = [row._replace(id=people[row.id][0], name=people[row.id][1]) for row in busy if row.id in people]
    return Found(known[:SHOWN], len(known))


def _busy_staff(settings: ShopSettings) -> Found[BusyDay]:
    most = int(settings.values["attention_adjustments_per_day"])
    busy = _busy(
        EntryKind.ADJUSTED, LoyaltyEntry.actor_id.expression, most, settings, LoyaltyEntry.actor_kind == "staff"
    )
    return Found(busy[:SHOWN], len(busy))


def _busy(
    kind: EntryKind, who: ColumnElement[Any], most: int, settings: ShopSettings, *more: ColumnElement[bool]
) -> list[BusyDay]:
    """Days of late on which somebody did something more than ``most`` times, newest first."""
    zone = settings.values["shop_timezone"]
    today = day_of(clock.now(), zone)
    days = [today - timedelta(days=number) for number in range(BUSY_DAYS)]
    shape = (column("number", Integer), column("since", UtcDateTime()), column("until", UtcDateTime()))
    edges = [(number, start_of(day, zone), end_of(day, zone)) for number, day in enumerate(days)]
    part = values(*shape, name="part").data(edges).cte("part")
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


def _name(customer: Customer) -> str:
    """Her name; her e-mail when she gave none."""
    return customer.full_name
