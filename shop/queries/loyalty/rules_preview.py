"""The effect of loyalty rules before they are saved, and the log of changes."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, TextClause, func, literal_column, select

from shop.db.session import db
from shop.domain.loyalty.points import (
    AwardTrigger,
    LoyaltyRules,
    Redeemable,
    discount_for_points,
    points_earned,
    redeemable,
)
from shop.domain.loyalty.rules_backtest import EarningRate, SubtotalGroup, earning_rate, share_in_tenths
from shop.models import AuditEntry, LoyaltyAccount, Order
from shop.services import clock
from shop.services.loyalty.award_rule import KEEPS_POINTS, was_triggered

DAYS = 90
SAMPLE_ORDER_CENTS = 240000
SAMPLE_CART_CENTS = 15800
SAMPLE_BALANCE = 1480


@dataclass(frozen=True, slots=True)
class RulesFigures:
    """The effect of rules: points of the sample order, the maximum on the sample cart, and the backtest of 90 days.

    ``earned_cents`` and ``cost_cents`` are the discounts that these points are worth; ``share`` is the cost in tenths
    of a per cent of the goods sold.
    """

    earned: int
    earned_cents: int
    cart: Redeemable
    orders: int = 0
    points: int = 0
    cost_cents: int = 0
    share: int = 0


@dataclass(frozen=True, slots=True)
class RulesComparison:
    """Two sets of rules over the same orders; ``outstanding`` points are set if a point's worth differs."""

    since: datetime
    today: RulesFigures
    proposed: RulesFigures
    outstanding: int | None = None
    outstanding_cents_today: int = 0
    outstanding_cents_proposed: int = 0


def compare_rules(today: LoyaltyRules, proposed: LoyaltyRules) -> RulesComparison:
    """Return the effect of two sets of rules on the samples and on the shop's orders of the last 90 days, exactly.

    Counts orders of customers that were paid or completed, by each programme's trigger, without those that were
    cancelled, fully refunded or failed to be paid; partial refunds are not deducted.
    """
    since = clock.now() - timedelta(days=DAYS)
    goods, given = _backtest(since, [today, proposed])
    effect = RulesComparison(since, _outcome(today, goods, *given[0]), _outcome(proposed, goods, *given[1]))
    if today.points_per_currency_discount == proposed.points_per_currency_discount:
        return effect
    points = _points_outstanding()
    return replace(
        effect,
        outstanding=points,
        outstanding_cents_today=discount_for_points(points, today),
        outstanding_cents_proposed=discount_for_points(points, proposed),
    )


def _outcome(rules: LoyaltyRules, goods_cents: int, orders: int, points: int) -> RulesFigures:
    earned = points_earned(SAMPLE_ORDER_CENTS, rules) if rules.enabled else 0
    cost = discount_for_points(points, rules)
    return RulesFigures(
        earned,
        discount_for_points(earned, rules),
        redeemable(SAMPLE_CART_CENTS, 0, SAMPLE_BALANCE, rules),
        orders,
        points,
        cost,
        share_in_tenths(cost, goods_cents),
    )


def _backtest(since: datetime, programmes: list[LoyaltyRules]) -> tuple[int, list[tuple[int, int]]]:
    """Return the cents of goods sold, and for each set of rules the orders that earn and their points."""
    kept = (KEEPS_POINTS, Order.order_date >= since)
    goods = db.session.scalars(select(func.sum(Order.subtotal_cents)).where(*kept, was_triggered("either"))).one()
    rates = [(rules.award_trigger, earning_rate(rules)) for rules in programmes]
    found = {(trigger, rate): _sum_points(trigger, rate, kept) for trigger, rate in dict.fromkeys(rates)}
    return int(goods or 0), [found[rate] for rate in rates]


def _sum_points(
    trigger: AwardTrigger, rate: EarningRate | None, kept: tuple[ColumnElement[bool] | TextClause, ...]
) -> tuple[int, int]:
    if rate is None:
        return 0, 0
    subtotal = Order.subtotal_cents
    period: ColumnElement[int] = literal_column(str(rate.period_cents))
    remainder, has_period = (subtotal % period).label("remainder"), (subtotal >= period).label("has_period")
    groups = db.session.execute(
        select(remainder, has_period, func.count(), func.sum(subtotal // period))
        .where(*kept, was_triggered(trigger), subtotal >= rate.minimum_cents)
        .group_by(remainder, has_period)
    )
    return rate.sum_points(SubtotalGroup(cents, bool(full), n, int(periods)) for cents, full, n, periods in groups)


def _points_outstanding() -> int:
    """Return the points of all accounts, less those of deleted customers. Two indexes answer it."""
    points = func.coalesce(func.sum(LoyaltyAccount.points_balance), 0)
    everybody = db.session.scalars(select(points)).one()
    nobody = db.session.scalars(select(points).where(LoyaltyAccount.customer_id.is_(None))).one()
    return int(everybody) - int(nobody)


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """A changed setting as texts; ``by`` is the actor's name, ``by_kind`` the kind of actor."""

    id: int
    key: str
    old: str
    new: str
    by: str
    by_kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of changes, newest first; ``older`` is where the next page begins, None on the last."""

    entries: list[RecordedChange]
    older: int | None


def list_changes(keys: Collection[str], *, limit: int, before: int | None = None) -> Changes:
    """Return changes of some settings, newest first; with ``before`` (an entry's id) those older than it."""
    entry = AuditEntry
    conditions = [entry.action == "setting.changed", entry.subject.in_(sorted(keys))]
    if before is not None:
        conditions.append(entry.id < before)
    newest = (entry.created_at.desc(), entry.id.desc())  # by id alone SQLite would scan the whole log
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
