"""Why an order earned no points, as a sentence."""

from shop.domain.formats import format_price, group_digits
from shop.domain.loyalty.points import LoyaltyRules
from shop.domain.money import plain_decimal
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.domain.text.messages import N_, Translatable
from shop.models.orders.order import OrderColumns
from shop.services.loyalty.award_rule import decide_award, past_triggers
from shop.services.shops.settings import get_settings

EVENTS = {
    "payment_paid": N_("paid"),
    "order_completed": N_("done"),
    "either": N_("paid or done"),
}
NOT_YET = {
    "payment_paid": N_("It has not been paid yet"),
    "order_completed": N_("It is not marked done yet"),
    "either": N_("It is neither paid nor marked done yet"),
}
PERMANENT_REASONS = {"rate_zero", "below_minimum", "rounded_to_zero"}
"""Reasons that follow from the order's amounts and rules, which never change."""


def explain_no_points(order: OrderColumns) -> Translatable | None:
    """Return why an order has earned nothing, by the reason stored when points were due; None if it earned some."""
    if order.points_earned:
        return None
    rules = LoyaltyRules.from_json(order.loyalty_rules)
    enabled = get_settings().rules.enabled
    reason = order.no_award_reason
    if reason is None:
        now = decide_award(order, enabled=enabled)
        if now.reason in PERMANENT_REASONS:
            reason = now.reason
        elif past_triggers(order):
            reason = "not_kept"
        else:
            return _not_yet(order, rules, enabled=enabled)
    sentence, still = _sentence(order, rules, reason), _still_earns(order, rules, enabled=enabled)
    return Translatable("%(sentence)s %(chance)s", sentence=sentence, chance=still) if still else sentence


def _still_earns(order: OrderColumns, rules: LoyaltyRules, *, enabled: bool) -> Translatable | None:
    """Return that an order can still earn points when the second of two triggers happens."""
    events = past_triggers(order)
    points = decide_award(order, enabled=enabled).points
    if rules.award_trigger != "either" or len(events) != 1 or not points:
        return None
    return _earns(points, "order_completed" if events == ["payment_paid"] else "payment_paid")


def _earns(points: int, event: str) -> Translatable:
    return Translatable("It earns %(points)s when it is %(done)s.", points=_points(points), done=_event(event))


def _sentence(order: OrderColumns, rules: LoyaltyRules, reason: str) -> Translatable:
    events = past_triggers(order)
    params = {
        "done": _event(events[0] if len(events) == 1 else rules.award_trigger),
        "unit": _money(order, rules.major_unit_cents),
        "goods": _money(order, order.subtotal_cents),
        "least": _money(order, rules.min_order_subtotal_to_earn_cents),
        "rate": plain_decimal(rules.points_per_currency_unit),
    }
    return Translatable(SENTENCES[reason], **params)


def _not_yet(order: OrderColumns, rules: LoyaltyRules, *, enabled: bool) -> Translatable:
    done = _event(rules.award_trigger)
    if order.customer_id is None:
        return Translatable(SENTENCES["no_customer"], done=done)
    if order.status == OrderStatus.CANCELLED:
        return Translatable("It was cancelled before it became %(done)s. Cancelled orders earn no points.", done=done)
    by_payment = rules.award_trigger == "payment_paid"
    if order.payment_status == PaymentStatus.REFUNDED and by_payment:
        return Translatable("It was marked as refunded but was never paid here.")
    has_failed = order.payment_status == PaymentStatus.FAILED and by_payment
    start = Translatable(N_("Its payment failed") if has_failed else NOT_YET[rules.award_trigger])
    points = decide_award(order, enabled=True).points
    if enabled:
        return Translatable("%(start)s. %(earns)s", start=start, earns=_earns(points, rules.award_trigger))
    return Translatable(
        "%(start)s, and loyalty points are off. With points on it would earn %(points)s.",
        start=start,
        points=_points(points),
    )


SENTENCES = {
    "no_customer": N_("Its customer was deleted before it became %(done)s."),
    "cancelled": N_("It was already cancelled when it became %(done)s. Cancelled orders earn no points."),
    "rate_zero": N_("Under the rules at the time of the order, %(unit)s earned 0 points."),
    "below_minimum": N_(
        "Its goods cost %(goods)s. Under the rules at the time of the order, orders earned points from %(least)s."
    ),
    "rounded_to_zero": N_(
        "Its goods cost %(goods)s. At %(rate)s points for %(unit)s that is less than one point, "
        "and points are rounded down."
    ),
    "loyalty_off": N_(
        "Loyalty was off when the order became %(done)s. Turning it on later does not add points to older orders."
    ),
    "not_kept": N_(
        "Loyalty was off, or the order was cancelled, when it became %(done)s. "
        "The reason was not recorded at that time."
    ),
}


def _event(trigger: str) -> Translatable:
    return Translatable(EVENTS[trigger])


def _points(points: int) -> Translatable:
    if points == 1:
        return Translatable("1 point")
    return Translatable("%(points)s points", points=group_digits(points))


def _money(order: OrderColumns, cents: int) -> str:
    return format_price(cents, order.currency)
