"""Whether an order earns points, and how many: one rule, in Python and in SQL (``points.md``, Earning)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, or_, text

from shop.domain.loyalty.points import AwardTrigger, LoyaltyRules, points_earned
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import Order
from shop.models.orders.order import MAY_EARN, MISSES_POINTS

LOYALTY_OFF: Final = "loyalty_off"


class AwardableOrder(Protocol):
    """The fields of an order that the rule uses."""

    customer_id: int | None
    status: str
    payment_status: str
    subtotal_cents: int
    points_earned: int
    no_award_reason: str | None
    paid_at: datetime | None
    completed_at: datetime | None
    loyalty_rules: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AwardDecision:
    """The points an order earns on its trigger, or the reason for none (one of NO_AWARD_REASONS)."""

    points: int
    reason: str | None = None


def decide_award(order: AwardableOrder, *, enabled: bool) -> AwardDecision:
    """Return what an order earns by the rules stored with it; ``enabled``: whether loyalty is on now."""
    rules = LoyaltyRules.from_json(order.loyalty_rules)
    if order.customer_id is None:
        return AwardDecision(0, "no_customer")
    if order.status == OrderStatus.CANCELLED:
        return AwardDecision(0, "cancelled")
    if rules.points_per_currency_unit == 0:
        return AwardDecision(0, "rate_zero")
    if order.subtotal_cents < rules.min_order_subtotal_to_earn_cents:
        return AwardDecision(0, "below_minimum")
    points = points_earned(order.subtotal_cents, rules)
    if points == 0:
        return AwardDecision(0, "rounded_to_zero")
    return AwardDecision(points) if enabled else AwardDecision(0, LOYALTY_OFF)


def awards_on(rules: LoyaltyRules, event: str) -> bool:
    """Return whether ``event`` (``payment_paid`` or ``order_completed``) awards an order's points."""
    return rules.award_trigger in {event, "either"}


def past_triggers(order: AwardableOrder) -> list[str]:
    """Return the past events that award the order's points."""
    moments = {"payment_paid": order.paid_at, "order_completed": order.completed_at}
    rules = LoyaltyRules.from_json(order.loyalty_rules)
    return [event for event, moment in moments.items() if moment is not None and awards_on(rules, event)]


def was_triggered(trigger: AwardTrigger) -> ColumnElement[bool]:
    """Return the SQL form of :func:`past_triggers` for orders of one trigger: whether there is any."""
    paid, completed = Order.paid_at.is_not(None), Order.completed_at.is_not(None)
    return {"payment_paid": paid, "order_completed": completed, "either": or_(paid, completed)}[trigger]


def keeps_points(order: AwardableOrder) -> bool:
    """Return whether the order keeps its points: it belongs to a customer and was not undone."""
    return (
        order.customer_id is not None
        and order.status != OrderStatus.CANCELLED
        and order.payment_status not in {PaymentStatus.REFUNDED, PaymentStatus.FAILED}
    )


KEEPS_POINTS: Final = text(MAY_EARN)
"""The SQL form of :func:`keeps_points`, with the condition of the partial index of these orders."""


def misses_points(order: AwardableOrder) -> bool:
    """Return whether a trigger happened and the order has no points and no reason for none."""
    return (
        keeps_points(order)
        and order.points_earned == 0
        and order.no_award_reason in {None, LOYALTY_OFF}
        and bool(past_triggers(order))
        and decide_award(order, enabled=True).points > 0
    )


MAY_MISS_POINTS: Final = text(MISSES_POINTS)
"""The part of :func:`misses_points` that SQL can express: true for all such orders, and for some others."""
