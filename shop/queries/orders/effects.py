"""The effect of an order's actions on the customer's points, calculated by the functions that the actions use."""

from dataclasses import dataclass, replace

from shop.domain.loyalty.points import LoyaltyRules, points_reversed
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models.orders.order import OrderColumns
from shop.services.loyalty.award_rule import awards_on, decide_award
from shop.services.loyalty.earning import points_to_reverse
from shop.services.loyalty.ledger import find_balance, find_shortfall
from shop.services.loyalty.redemption import points_to_retake
from shop.services.orders.refunds import RefundPart, calculate_refund
from shop.services.shops.settings import get_settings

OTHER_EVENT, EARNED_BEFORE = "other_event", "earned_before"


@dataclass(frozen=True, slots=True)
class Effect:
    """Points that an action moves, for a customer with ``balance`` points now.

    ``due`` is to be reversed, ``taken_back`` is the part that the balance covers. ``missing`` is the account's
    shortfall; restored points settle it first. ``why_none`` is the reason why an action that could earn does not:
    ``other_event``, ``earned_before``, or one of NO_AWARD_REASONS.
    """

    balance: int
    earned: int = 0
    given_back: int = 0
    due: int = 0
    missing: int = 0
    why_none: str | None = None
    redeemed: int = 0
    """Points redeemed again, because they were restored when the payment failed."""

    @property
    def settled(self) -> int:
        """Restored points that settle the shortfall."""
        return min(self.missing, self.given_back)

    @property
    def taken_back(self) -> int:
        """Points that can be reversed: the balance never goes below zero."""
        return min(self.due, self.balance + self.earned + self.given_back - self.settled - self.redeemed)

    @property
    def shortfall(self) -> int:
        """Points due that the balance does not cover."""
        return self.due - self.taken_back

    @property
    def change(self) -> int:
        """The change of the balance, signed."""
        return self.earned + self.given_back - self.settled - self.taken_back - self.redeemed

    @property
    def balance_after(self) -> int:
        """The balance after the action."""
        return self.balance + self.change


@dataclass(frozen=True, slots=True)
class ActionEffects:
    """The effect of each action that is possible next; ``refund`` is a refund of all remaining money."""

    balance: int
    pay: Effect
    complete: Effect
    refund: Effect
    cancel: Effect
    left_cents: int


@dataclass(frozen=True, slots=True)
class PartRefund:
    """A calculated refund of ``amount_cents``: ``points × refunded ÷ subtotal`` gives ``stands_for`` points.

    ``refunded_cents`` is the part of the goods in all refunds including this one, ``before_points`` the points reversed
    by earlier ones, ``goods_cents`` the prices of the returned pieces.
    """

    amount_cents: int
    goods_cents: int
    is_rest: bool
    points: int
    refunded_cents: int
    subtotal_cents: int
    stands_for: int
    before_points: int
    effect: Effect


def calculate_effects(order: OrderColumns) -> ActionEffects:
    """Return the effect of each action on the points now."""
    balance = find_balance(order.customer_id) if order.customer_id is not None else 0
    enabled = get_settings().rules.enabled
    undone = points_to_reverse(order, order.refunded_goods_cents, in_full=True)
    all_of_it = Effect(balance, given_back=undone.given_back, due=undone.taken_back, missing=_missing(order))
    return ActionEffects(
        balance=balance,
        pay=replace(_award(order, "payment_paid", balance, enabled=enabled), redeemed=_retaken(order)),
        complete=_award(order, "order_completed", balance, enabled=enabled),
        refund=all_of_it,
        cancel=all_of_it,
        left_cents=order.total_cents - order.refunded_cents,
    )


def _retaken(order: OrderColumns) -> int:
    resumes = order.payment_status == PaymentStatus.FAILED and order.status != OrderStatus.CANCELLED
    return points_to_retake(order) if resumes else 0


def preview_refund(order: OrderColumns, part: RefundPart) -> PartRefund:
    """Return the effect of a refund now. Raise InvalidInput for more than is left, and for nothing."""
    amount = calculate_refund(order, part)
    refunded = order.refunded_goods_cents + amount.goods_cents
    in_full = order.refunded_cents + amount.amount_cents == order.total_cents
    undone = points_to_reverse(order, refunded, in_full=in_full)
    balance = find_balance(order.customer_id) if order.customer_id is not None else 0
    return PartRefund(
        amount_cents=amount.amount_cents,
        goods_cents=amount.goods_cents,
        is_rest=in_full,
        points=order.points_earned,
        refunded_cents=refunded,
        subtotal_cents=order.subtotal_cents,
        stands_for=points_reversed(
            order.points_earned,
            refunded,
            order.subtotal_cents,
            LoyaltyRules.from_json(order.loyalty_rules),
            in_full=in_full,
        ),
        before_points=order.points_taken_back,
        effect=Effect(balance, given_back=undone.given_back, due=undone.taken_back, missing=_missing(order)),
    )


def _missing(order: OrderColumns) -> int:
    return find_shortfall(order.customer_id) if order.customer_id is not None else 0


def _award(order: OrderColumns, event: str, balance: int, *, enabled: bool) -> Effect:
    rules = LoyaltyRules.from_json(order.loyalty_rules)
    if order.points_earned:
        return Effect(balance, why_none=EARNED_BEFORE)
    if not awards_on(rules, event):
        return Effect(balance, why_none=OTHER_EVENT)
    due = decide_award(order, enabled=enabled)
    if due.points == 0:
        return Effect(balance, why_none=due.reason)
    in_full = order.payment_status == PaymentStatus.REFUNDED
    back = points_reversed(due.points, order.refunded_goods_cents, order.subtotal_cents, rules, in_full=in_full)
    return Effect(balance, earned=due.points, due=back)
