"""Points that an order earns, and what happens to points when an order is undone (``docs/contract/points.md``).

Callers hold the order's row lock, so looking for a cause and writing it cannot be raced; the unique key stands behind.
"""

from dataclasses import dataclass, replace

from shop.domain.money import format_money, plain_decimal
from shop.domain.points import LoyaltyRules, points_earned, points_undone
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models.order import OrderColumns
from shop.services.actors import Actor
from shop.services.loyalty.ledger import Movement, give_points_once, lock_balance, move_points, was_caused
from shop.services.shops.settings import get_settings


@dataclass(frozen=True, slots=True)
class Due:
    """Points that an order gets when they fall due now, or else why it gets none (one of NO_AWARD_REASONS)."""

    points: int
    reason: str | None = None


def points_due(order: OrderColumns, *, enabled: bool) -> Due:
    """What an order earns by the rules it was placed under, as it stands; ``enabled``: whether loyalty is on now."""
    rules = LoyaltyRules.from_json(order.loyalty_rules)
    if order.customer_id is None:
        return Due(0, "no_customer")
    if order.status == OrderStatus.CANCELLED:
        return Due(0, "cancelled")
    if rules.points_per_currency_unit == 0:
        return Due(0, "rate_zero")
    if order.subtotal_cents < rules.min_order_subtotal_to_earn_cents:
        return Due(0, "below_minimum")
    points = points_earned(order.subtotal_cents, rules)
    if points == 0:
        return Due(0, "rounded_to_zero")
    return Due(points) if enabled else Due(0, "loyalty_off")


def award_order(order: OrderColumns, event: str, actor: Actor) -> int:
    """Give an order its points when ``event`` (``payment_paid`` or ``order_completed``) is its trigger; how many.

    Trigger and rates are those the order was placed under; whether loyalty is on is asked now. An order earns at most
    once, ever; when it earns nothing, the order keeps why. What was refunded before is taken back at once.
    """
    rules = LoyaltyRules.from_json(order.loyalty_rules)
    if rules.award_trigger not in {event, "either"}:
        return 0
    cause = f"earn:order:{order.id}"
    due = points_due(order, enabled=get_settings().rules.enabled)
    points = due.points
    if points == 0 or order.customer_id is None:
        if not was_caused(cause):
            order.no_award_reason = due.reason
        return 0
    given = give_points_once(
        order.customer_id,
        Movement(
            type="earn",
            reason="order_earned",
            points=points,
            cause=cause,
            order_id=order.id,
            note=f"Earned on order {order.order_number}",
            actor=actor,
            meta={
                "rule": "floor(subtotal × points_per_currency_unit)",
                "subtotal": format_money(order.subtotal_cents),
                "points_per_currency_unit": plain_decimal(rules.points_per_currency_unit),
                "rounding": "down to a whole point",
                "trigger": event,
            },
        ),
    )
    if not given:
        return 0
    order.points_earned, order.no_award_reason = points, None
    if order.refunded_cents or order.payment_status == PaymentStatus.REFUNDED:
        in_full = order.payment_status == PaymentStatus.REFUNDED
        undo_points(order, "refunded" if in_full else "refunded in part", actor, in_full=in_full)
    return points


@dataclass(frozen=True, slots=True)
class Undone:
    """Points that an undoing moves: taken back from the customer, and given back to her.

    ``short`` of those taken back were not there any more; it is known when they have been moved.
    """

    taken_back: int = 0
    given_back: int = 0
    short: int = 0


def points_to_undo(order: OrderColumns, goods_cents: int, *, in_full: bool) -> Undone:
    """What is to be moved when refunds stand for ``goods_cents`` of an order in all, or when it is undone ``in_full``.

    In full that is all that has not been moved yet. In part it is what the sum of all refunds stands for, less what was
    moved before; redeemed points stay until the end unless the order's rules give them back in proportion.
    """
    if order.customer_id is None:
        return Undone()
    rules = LoyaltyRules.from_json(order.loyalty_rules)
    subtotal = order.subtotal_cents
    returns = in_full or rules.refund_returns_points == "in_proportion"
    back = points_undone(order.points_redeemed, goods_cents, subtotal, in_full=in_full) if returns else 0
    due = points_undone(order.points_earned, goods_cents, subtotal, in_full=in_full)
    return Undone(max(0, due - order.points_taken_back), max(0, back - order.points_returned))


def undo_points(order: OrderColumns, what: str, actor: Actor, *, in_full: bool = True) -> Undone:
    """Reverse what an order earned and redeemed (``docs/contract/points.md``, When an order is undone).

    How much says :func:`points_to_undo`, for what ``order.refunded_goods_cents`` is by now. ``what`` happened, in words
    for the note: ``cancelled``, ``payment failed``, ``refunded``.
    """
    if order.customer_id is None:
        return Undone()
    undone = points_to_undo(order, order.refunded_goods_cents, in_full=in_full)
    _give_back(order, order.customer_id, undone.given_back, what, actor)
    return replace(undone, short=_take_back(order, order.customer_id, undone.taken_back, what, actor))


def _give_back(order: OrderColumns, customer_id: int, points: int, what: str, actor: Actor) -> None:
    """Give points back. The cause says from which point on, so the same ones can never be given back twice."""
    if points == 0:
        return
    move_points(
        customer_id,
        Movement(
            type="adjust",
            reason="redeem_reversed",
            points=points,
            cause=f"redeem_reversed:order:{order.id}:from:{order.points_returned}",
            order_id=order.id,
            note=f"Returned: order {order.order_number} {what}",
            actor=actor,
            meta={
                "rule": "points redeemed on the order",
                "points_redeemed": order.points_redeemed,
                "given_back_before": order.points_returned,
                **_share(order),
            },
        ),
    )
    order.points_returned += points


def _take_back(order: OrderColumns, customer_id: int, points: int, what: str, actor: Actor) -> int:
    """Take points back, or what is there of them; what is missing is the entry's shortfall, and returned."""
    if points == 0:
        return 0
    taken = min(points, lock_balance(customer_id))
    meta: dict[str, object] = {
        "rule": "points the order earned",
        "points_earned": order.points_earned,
        "taken_back_before": order.points_taken_back,
        "due": points,
        **_share(order),
    }
    if taken < points:
        meta["shortfall"] = points - taken
    move_points(
        customer_id,
        Movement(
            type="adjust",
            reason="earn_reversed",
            points=-taken,
            cause=f"earn_reversed:order:{order.id}:from:{order.points_taken_back}",
            order_id=order.id,
            note=f"Taken back: order {order.order_number} {what}",
            actor=actor,
            meta=meta,
        ),
    )
    order.points_taken_back += points
    return points - taken


def _share(order: OrderColumns) -> dict[str, str]:
    """What a part is worked out from: what the refunds so far stand for, of the subtotal."""
    if order.refunded_goods_cents == 0:
        return {}
    return {
        "refunded": format_money(order.refunded_goods_cents),
        "subtotal": format_money(order.subtotal_cents),
        "rounding": "down to a whole point, over all refunds together",
    }
