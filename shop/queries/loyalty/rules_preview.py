"""What loyalty rules would do before anybody sets them, and who changed which of them when."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select

from shop.db.session import db
from shop.domain.points import AwardTrigger, LoyaltyRules, Redeemable, discount_for_points, points_earned, redeemable
from shop.domain.rules_backtest import EarningRate, earning_rate, share_in_tenths
from shop.models import AuditEntry, LoyaltyAccount, Order
from shop.services import clock

DAYS = 90
SAMPLE_ORDER_CENTS = 240000
SAMPLE_CART_CENTS = 15800
SAMPLE_BALANCE = 1480


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a programme does: points for the sample order, what the sample cart can take, and 90 days worked out again.

    ``earned_cents`` and ``cost_cents`` are what these points take off when all are used; ``share`` is the cost in
    tenths of a per cent of the goods sold.
    """

    earned: int
    earned_cents: int
    cart: Redeemable
    orders: int = 0
    points: int = 0
    cost_cents: int = 0
    share: int = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """Two programmes side by side over the same orders; ``outstanding`` points are given when their worth differs."""

    since: datetime
    today: Outcome
    proposed: Outcome
    outstanding: int | None = None
    outstanding_cents_today: int = 0
    outstanding_cents_proposed: int = 0


def compare_rules(today: LoyaltyRules, proposed: LoyaltyRules) -> Effect:
    """What two programmes do to the samples and to the shop's orders of the last 90 days, exactly.

    Counted are customers' orders that were paid or completed, as each programme's trigger says, but for those that were
    cancelled, refunded in full, or whose payment failed; what was refunded in part is not taken off.
    """
    since = clock.now() - timedelta(days=DAYS)
    goods, given = _look_back(since, [today, proposed])
    effect = Effect(since, _outcome(today, goods, *given[0]), _outcome(proposed, goods, *given[1]))
    if today.points_per_currency_discount == proposed.points_per_currency_discount:
        return effect
    points = _points_outstanding()
    return replace(
        effect,
        outstanding=points,
        outstanding_cents_today=discount_for_points(points, today),
        outstanding_cents_proposed=discount_for_points(points, proposed),
    )


def _outcome(rules: LoyaltyRules, goods_cents: int, orders: int, points: int) -> Outcome:
    earned = points_earned(SAMPLE_ORDER_CENTS, rules) if rules.enabled else 0
    cost = discount_for_points(points, rules)
    return Outcome(
        earned,
        discount_for_points(earned, rules),
        redeemable(SAMPLE_CART_CENTS, 0, SAMPLE_BALANCE, rules),
        orders,
        points,
        cost,
        share_in_tenths(cost, goods_cents),
    )


def _look_back(since: datetime, programmes: list[LoyaltyRules]) -> tuple[int, list[tuple[int, int]]]:
    """Cents of goods sold, and for each programme the orders that earn and the points: one pass over one index.

    The words in the conditions are written out, not bound: so SQLite sees that its partial index holds these orders.
    """
    ways = [(rules.award_trigger, earning_rate(rules)) for rules in programmes]
    asked = [(trigger, rate) for trigger, rate in dict.fromkeys(ways) if rate]
    columns = [column for trigger, rate in asked for column in _sums(trigger, rate)]
    row = db.session.execute(
        select(func.sum(case((_due("either"), Order.subtotal_cents))), *columns).where(
            Order.order_date >= since,
            Order.customer_id.is_not(None),
            Order.status != literal_column("'cancelled'"),
            Order.payment_status != literal_column("'refunded'"),
            Order.payment_status != literal_column("'failed'"),
        )
    ).one()
    goods, *sums = [int(part or 0) for part in row]
    found: dict[tuple[AwardTrigger, EarningRate | None], tuple[int, int]] = {}
    for index, (trigger, rate) in enumerate(asked):
        orders, whole, rest = sums[3 * index : 3 * index + 3]
        found[trigger, rate] = (orders, whole * rate.numerator + rest)
    return goods, [found.get(way, (0, 0)) for way in ways]


def _sums(trigger: AwardTrigger, rate: EarningRate) -> list[ColumnElement[Any]]:
    """Orders that earn, and the two parts of their points (``shop/domain/rules_backtest.py``)."""
    subtotal, top, bottom = Order.subtotal_cents, rate.numerator, rate.denominator
    earns = and_(_due(trigger), subtotal >= rate.smallest_cents)
    rest = case((earns, (subtotal % bottom) * top // bottom)) if top > 1 else literal_column("0")
    return [func.count(case((earns, 1))), func.sum(case((earns, subtotal // bottom))), func.sum(rest)]


def _due(trigger: AwardTrigger) -> ColumnElement[bool]:
    """Whether what makes an order earn has happened to it."""
    paid, completed = Order.paid_at.is_not(None), Order.completed_at.is_not(None)
    return {"payment_paid": paid, "order_completed": completed, "either": or_(paid, completed)}[trigger]


def _points_outstanding() -> int:
    """Points that customers hold: those of all accounts, less those of deleted customers. Two indexes answer it."""
    points = func.coalesce(func.sum(LoyaltyAccount.points_balance), 0)
    everybody = db.session.scalars(select(points)).one()
    nobody = db.session.scalars(select(points).where(LoyaltyAccount.customer_id.is_(None))).one()
    return int(everybody) - int(nobody)


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """A setting that somebody changed, as texts; ``by`` is what people call whoever did, ``by_kind`` what that is."""

    id: int
    key: str
    old: str
    new: str
    by: str
    by_kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of recorded changes, newest first; ``older`` is where the next page begins, None on the last."""

    entries: list[RecordedChange]
    older: int | None


def list_changes(keys: Collection[str], *, limit: int, before: int | None = None) -> Changes:
    """Changes of some settings of the session's shop, newest first; ``before`` an entry's id, those older than it."""
    entry = AuditEntry
    conditions = [entry.action == "setting.changed", entry.subject.in_(sorted(keys))]
    if before is not None:
        conditions.append(entry.id < before)
    newest = (entry.created_at.desc(), entry.id.desc())  # by id alone SQLite would wade through the whole log
    rows = db.session.scalars(select(entry).where(*conditions).order_by(*newest).limit(limit + 1))
    found = [
        RecordedChange(
            row.id,
            row.subject,
            row.old_value or "",
            row.new_value or "",
            row.actor_label,
            row.actor_kind,
            row.created_at,
        )
        for row in rows
    ]
    return Changes(found[:limit], found[limit - 1].id if len(found) > limit else None)
