"""Why an order earned nothing, in one sentence."""

from shop.domain.formats import format_points, format_price
from shop.domain.money import plain_decimal
from shop.domain.points import LoyaltyRules
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models.order import OrderColumns
from shop.services.loyalty.award_rule import decide_award, past_triggers
from shop.services.shops.settings import get_settings

DONE = {"payment_paid": "paid", "order_completed": "completed", "either": "paid or completed"}
NOT_YET = {
    "payment_paid": "It has not been paid yet",
    "order_completed": "It has not been completed yet",
    "either": "It has been neither paid nor completed yet",
}
PAST = {"payment_paid": "paid", "order_completed": "completed"}
SETTLED = {"rate_zero", "below_minimum", "rounded_to_zero"}
"""Reasons that lie in the order's own amounts and rules: they held from the first day and always will."""


def why_no_points(order: OrderColumns) -> str | None:
    """Why an order has earned nothing so far, by what was kept when its points were due; None when it earned some."""
    if order.points_earned:
        return None
    rules = LoyaltyRules.from_json(order.loyalty_rules)
    enabled = get_settings().rules.enabled
    reason = order.no_award_reason
    if reason is None:
        now = decide_award(order, enabled=enabled)
        if now.reason in SETTLED:
            reason = now.reason
        elif past_triggers(order):
            reason = "not_kept"
        else:
            return _not_yet(order, rules, enabled=enabled)
    return _sentence(order, rules, reason) + _chance(order, rules, enabled=enabled)


def _chance(order: OrderColumns, rules: LoyaltyRules, *, enabled: bool) -> str:
    """That an order which missed its points can still earn them: where either event gives them and one is to come."""
    events = past_triggers(order)
    points = decide_award(order, enabled=enabled).points
    if rules.award_trigger != "either" or len(events) != 1 or not points:
        return ""
    return f" It earns {format_points(points)} when it is {'completed' if events == ['payment_paid'] else 'paid'}."


def _sentence(order: OrderColumns, rules: LoyaltyRules, reason: str) -> str:
    events = past_triggers(order)
    done = PAST[events[0]] if len(events) == 1 else DONE[rules.award_trigger]
    unit = _money(order, 100)
    sentences = {
        "no_customer": f"Its customer was deleted before it was {done}, and points belong to a person.",
        "cancelled": f"It was already cancelled when it was {done}, and a cancelled order earns nothing.",
        "rate_zero": f"By the rule it was placed under, {unit} earns 0 points.",
        "below_minimum": f"Its goods came to {_money(order, order.subtotal_cents)}, and by the rule it was placed "
        f"under an order earns from {_money(order, rules.min_order_subtotal_to_earn_cents)} on.",
        "rounded_to_zero": f"Its goods came to {_money(order, order.subtotal_cents)}, which at "
        f"{plain_decimal(rules.points_per_currency_unit)} points for {unit} is less than one point; "
        "points are rounded down.",
        "loyalty_off": f"Loyalty was switched off when it was {done}; switching it on later changes nothing by itself.",
        "not_kept": f"Either loyalty was switched off or the order was cancelled when it was {done}; "
        "at that time the reason was not kept yet.",
    }
    return sentences[reason]


def _not_yet(order: OrderColumns, rules: LoyaltyRules, *, enabled: bool) -> str:
    done = DONE[rules.award_trigger]
    if order.customer_id is None:
        return f"Its customer was deleted before it was {done}, and points belong to a person."
    if order.status == OrderStatus.CANCELLED:
        return f"It was cancelled before it was {done}, and a cancelled order earns nothing."
    if order.payment_status == PaymentStatus.REFUNDED and rules.award_trigger == "payment_paid":
        return "It was marked as refunded without ever having been paid here."
    start = NOT_YET[rules.award_trigger]
    if order.payment_status == PaymentStatus.FAILED and rules.award_trigger == "payment_paid":
        start = "Its payment failed"
    points = decide_award(order, enabled=True).points
    if not enabled:
        return f"{start}, and loyalty points are off. With points on it would earn {format_points(points)}."
    return f"{start}. It earns {format_points(points)} when it is {done}."


def _money(order: OrderColumns, cents: int) -> str:
    return format_price(cents, order.currency)
