"""Points earned by an order, and their reversal when the order is undone (``docs/contract/points.md``).

Callers hold the order's lock, so checking for an idempotency key and writing it cannot race.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from shop.domain.loyalty.points import LoyaltyRules, points_reversed
from shop.domain.money import format_money, plain_decimal
from shop.domain.statuses import EntryEvent, EntryKind, PaymentStatus
from shop.models.orders.order import OrderColumns
from shop.services import clock
from shop.services.actors import Actor
from shop.services.loyalty.award_rule import awards_on, decide_award
from shop.services.loyalty.ledger import (
    Movement,
    count_redemptions,
    give_points_once,
    has_entry,
    lock_balance,
    lock_shortfall,
    move_points,
)
from shop.services.shops.settings import get_settings

NOTIFIED_WITHIN: Final = timedelta(days=2)
"""How old an order may be for a message about its points."""
EVENT_TEXT = {
    EntryEvent.CANCELLED: "cancelled",
    EntryEvent.PAYMENT_FAILED: "payment failed",
    EntryEvent.REFUNDED: "refunded",
    EntryEvent.PARTLY_REFUNDED: "refunded in part",
    EntryEvent.EDITED: "edited",
    EntryEvent.UNDONE: "marked by mistake",
}
"""The event's name in the entry's note."""


def award_order(order: OrderColumns, event: str, actor: Actor) -> int:
    """Award an order's points if ``event`` (``payment_paid`` or ``order_completed``) is its trigger; return them.

    Trigger and rates are those stored with the order; whether loyalty is on is the current setting. An order earns at
    most once; if it earns nothing, the order stores the reason. Points of earlier refunds are reversed at once.
    """
    rules = LoyaltyRules.from_json(order.loyalty_rules)
    if not awards_on(rules, event):
        return 0
    decision = decide_award(order, enabled=get_settings().rules.enabled)
    key = f"earn:order:{order.id}{_again(order)}"
    if decision.points == 0 or order.customer_id is None:
        if not has_entry(key):
            order.no_award_reason = decision.reason
        return 0
    if not give_points_once(order.customer_id, _earning(order, rules, decision.points, event, key, actor)):
        return 0
    order.points_earned, order.no_award_reason = decision.points, None
    if order.refunded_cents or order.payment_status == PaymentStatus.REFUNDED:
        in_full = order.payment_status == PaymentStatus.REFUNDED
        reverse_points(order, EntryEvent.REFUNDED if in_full else EntryEvent.PARTLY_REFUNDED, actor, in_full=in_full)
    return decision.points


def _earning(order: OrderColumns, rules: LoyaltyRules, points: int, event: str, key: str, actor: Actor) -> Movement:
    return Movement(
        kind=EntryKind.EARNED,
        points=points,
        idempotency_key=key,
        order_id=order.id,
        note=f"Earned on order {order.order_number}",
        actor=actor,
        meta={
            "rule": "subtotal × points_per_currency_unit",
            "subtotal": format_money(order.subtotal_cents, order.currency),
            "points_per_currency_unit": plain_decimal(rules.points_per_currency_unit),
            "rounding": rules.rounding,
            "trigger": event,
        },
        notify=order.order_date > clock.now() - NOTIFIED_WITHIN,
    )


@dataclass(frozen=True, slots=True)
class ReversedPoints:
    """Earned points reversed and redeemed points restored.

    ``short`` of the reversed ones were missing from the balance; 0 until they have been moved.
    """

    taken_back: int = 0
    given_back: int = 0
    short: int = 0


def points_to_reverse(order: OrderColumns, goods_cents: int, *, in_full: bool) -> ReversedPoints:
    """Return the points to move when refunds amount to ``goods_cents`` of an order, or it is undone in full.

    In full, that is all that has not been moved yet. In part, it is the share of all refunds so far, less what was
    moved before; redeemed points are restored with the last refund unless the order's rules restore them in proportion.
    """
    if order.customer_id is None:
        return ReversedPoints()
    rules = LoyaltyRules.from_json(order.loyalty_rules)
    subtotal = order.subtotal_cents
    returns = in_full or rules.refund_returns_points == "in_proportion"
    back = points_reversed(order.points_redeemed, goods_cents, subtotal, rules, in_full=in_full) if returns else 0
    due = points_reversed(order.points_earned, goods_cents, subtotal, rules, in_full=in_full)
    return ReversedPoints(max(0, due - order.points_taken_back), max(0, back - order.points_returned))


def reverse_points(order: OrderColumns, event: EntryEvent, actor: Actor, *, in_full: bool = True) -> ReversedPoints:
    """Reverse what an order earned and restore what it redeemed (``docs/contract/points.md``, When an order is undone).

    The number is :func:`points_to_reverse` of the current ``order.refunded_goods_cents``.
    """
    if order.customer_id is None:
        return ReversedPoints()
    moved = points_to_reverse(order, order.refunded_goods_cents, in_full=in_full)
    _give_back(order, order.customer_id, moved.given_back, event, actor)
    return replace(moved, short=_take_back(order, order.customer_id, moved.taken_back, event, actor))


def undo_award(order: OrderColumns, actor: Actor) -> bool:
    """Reverse an award of an order marked paid or done by mistake; it may earn again.

    Return False, changing nothing, if the balance is less than that.
    """
    points = order.points_earned - order.points_taken_back
    if order.customer_id is None or order.points_earned == 0:
        order.no_award_reason = None
        return True
    if lock_balance(order.customer_id) < points:
        return False
    _take_back(order, order.customer_id, points, EntryEvent.UNDONE, actor)
    order.points_earned = order.points_taken_back = 0
    order.awards_undone += 1
    return True


def return_redemption(order: OrderColumns, event: EntryEvent, actor: Actor) -> None:
    """Restore all points that an order redeems; it then redeems none."""
    if order.customer_id is not None:
        _give_back(order, order.customer_id, order.points_redeemed - order.points_returned, event, actor)
    order.points_redeemed = order.points_returned = 0


def _give_back(order: OrderColumns, customer_id: int, points: int, event: EntryEvent, actor: Actor) -> None:
    """Restore points. The key has the redemption and the first point moved, so none is restored twice."""
    if points == 0:
        return
    before, times = order.points_returned, count_redemptions(order.id)
    place = f"order:{order.id}:from:{before}" + (f":{times}" if times > 1 else "")
    move_points(
        customer_id,
        Movement(
            kind=EntryKind.RESTORED,
            points=points,
            idempotency_key=f"redeem_reversed:{place}",
            order_id=order.id,
            note=f"Returned: order {order.order_number} {EVENT_TEXT[event]}",
            event=event,
            actor=actor,
            meta={
                "rule": "points redeemed on the order",
                "points_redeemed": order.points_redeemed,
                "given_back_before": before,
                **_share(order),
            },
        ),
    )
    order.points_returned += points
    _settle_shortfall(order, customer_id, points, place, actor)


def _settle_shortfall(order: OrderColumns, customer_id: int, points: int, place: str, actor: Actor) -> None:
    """Settle an earlier shortfall with points just restored.

    So the order in which two orders are undone does not change the balance (``docs/contract/points-life.md``).
    """
    owed = lock_shortfall(customer_id)
    settled = min(points, owed)
    if settled == 0:
        return
    move_points(
        customer_id,
        Movement(
            kind=EntryKind.REVERSED,
            points=-settled,
            shortfall=-settled,
            idempotency_key=f"shortfall_settled:{place}",
            order_id=order.id,
            note="Taken back: points that were missing when an earlier order was undone",
            event=EntryEvent.SHORTFALL_SETTLED,
            actor=actor,
            meta={"rule": "points that were missing before", "missing_before": owed},
        ),
    )


def _take_back(order: OrderColumns, customer_id: int, points: int, event: EntryEvent, actor: Actor) -> int:
    """Reverse points up to the balance, and return how many are missing: the entry's shortfall."""
    if points == 0:
        return 0
    taken = min(points, lock_balance(customer_id))
    move_points(
        customer_id,
        Movement(
            kind=EntryKind.REVERSED,
            points=-taken,
            shortfall=points - taken,
            idempotency_key=f"earn_reversed:order:{order.id}:from:{order.points_taken_back}{_again(order)}",
            order_id=order.id,
            note=f"Taken back: order {order.order_number} {EVENT_TEXT[event]}",
            event=event,
            actor=actor,
            meta={
                "rule": "points the order earned",
                "points_earned": order.points_earned,
                "taken_back_before": order.points_taken_back,
                "due": points,
                **({"shortfall": points - taken} if taken < points else {}),
                **_share(order),
            },
        ),
    )
    order.points_taken_back += points
    return points - taken


def _again(order: OrderColumns) -> str:
    """Return a suffix that makes an award's keys differ from those of an earlier, undone one."""
    return f":{order.awards_undone}" if order.awards_undone else ""


def _share(order: OrderColumns) -> dict[str, str]:
    """Return numerator and denominator of a partial reversal: the refunds so far and the subtotal."""
    if order.refunded_goods_cents == 0:
        return {}
    return {
        "refunded": format_money(order.refunded_goods_cents, order.currency),
        "subtotal": format_money(order.subtotal_cents, order.currency),
        "rounding": LoyaltyRules.from_json(order.loyalty_rules).rounding,
    }
