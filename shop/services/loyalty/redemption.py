"""Redeem points on a cart: what is possible, and doing it (``docs/contract/points.md``, Redeeming)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from shop.db.session import db
from shop.domain.loyalty.points import (
    REFUSALS,
    LoyaltyRules,
    Reason,
    Redeemable,
    RedemptionRefused,
    discount_of_redemption,
    points_earned,
    points_reversed,
    redeemable,
)
from shop.domain.money import format_money, plain_decimal
from shop.domain.statuses import EntryKind
from shop.models import LoyaltyRegistration
from shop.models.orders.order import OrderColumns
from shop.services.actors import SHOPPER, Actor
from shop.services.catalogue.coupons import apply_coupon
from shop.services.catalogue.products.for_sale import CartLine, price_lines
from shop.services.customers.identity import is_held
from shop.services.customers.records import Person, find_customer
from shop.services.errors import Conflict, FieldError, InvalidInput
from shop.services.loyalty.ledger import InsufficientPoints, Movement, count_redemptions, find_balance, move_points
from shop.services.loyalty.redemption_tokens import bad_token, token_is_good, use_token
from shop.services.shops.settings import get_settings


@dataclass(frozen=True, slots=True)
class Preview:
    """The points that can be redeemed on a cart, and those it would earn."""

    balance: int
    possible: Redeemable
    subtotal_cents: int
    points_to_earn: int


@dataclass(frozen=True, slots=True)
class RedemptionRequest:
    """The points that a customer wants to redeem, and the token that permits it."""

    token: str
    points: int


def preview_redemption(
    lines: Sequence[CartLine], *, email: str | None, phone: str | None, coupon_code: str | None
) -> Preview:
    """Return what the customer with an e-mail, or else a phone number, could redeem on a cart.

    An unknown person gets the same result as a customer without points. Raises InvalidInput for invalid lines or an
    invalid coupon.
    """
    priced = price_lines(lines)
    subtotal = sum(line.total_cents for line in priced)
    coupon = apply_coupon(coupon_code, priced) if coupon_code and coupon_code.strip() else None
    off = coupon.excluded_from_points(subtotal) if coupon else 0
    return preview_for(find_customer(email=email, phone=phone), subtotal, off, get_settings().rules)


def preview_for(customer: Person | None, subtotal_cents: int, coupon_cents: int, rules: LoyaltyRules) -> Preview:
    """Return what a customer, or None, could redeem on a subtotal after a coupon."""
    balance = find_balance(customer.id) if customer else 0
    registered = customer is not None and may_redeem(customer, rules)
    possible = redeemable(subtotal_cents, coupon_cents, balance, rules, registered=registered)
    if possible.eligible and customer is not None and is_held(customer.redemption_held_until):
        possible = Redeemable(0, 0, "redemption_held")
    return Preview(balance, possible, subtotal_cents, points_earned(subtotal_cents, rules) if rules.enabled else 0)


def may_redeem(customer: Person, rules: LoyaltyRules) -> bool:
    """Return whether a customer takes part: with an approved registration if the shop requires one."""
    if not rules.optin_required:
        return True
    statement = select(LoyaltyRegistration.id).where(
        LoyaltyRegistration.customer_id == customer.id, LoyaltyRegistration.status == "approved"
    )
    return db.session.scalars(statement).first() is not None


def calculate_discount(
    request: RedemptionRequest, customer: Person, subtotal_cents: int, coupon_cents: int, rules: LoyaltyRules
) -> int:
    """Return the discount in cents of a request, whose points :func:`redeem_points` takes.

    Raises InvalidInput with the rule's code for too many or too few points, and for a bad token before that. The
    discount depends on the points alone, so token and balance are read only if a rule refuses; taking the points checks
    both.
    """
    if is_held(customer.redemption_held_until):
        raise _held(request.token, customer.id)
    registered = may_redeem(customer, rules)

    def discount(balance: int) -> int:
        return discount_of_redemption(
            request.points, subtotal_cents, coupon_cents, balance, rules, registered=registered
        )

    try:
        return discount(request.points)
    except RedemptionRefused:
        if not token_is_good(request.token, customer.id):
            raise bad_token() from None
    try:
        return discount(find_balance(customer.id))
    except RedemptionRefused as refused:
        raise _refusal(refused.message, refused.reason) from None


def _held(token: str, customer_id: int) -> InvalidInput:
    """Return the error for a hold; a caller without a valid token does not learn of it."""
    if not token_is_good(token, customer_id):
        return bad_token()
    reason: Reason = "redemption_held"
    return _refusal(REFUSALS[reason], reason)


def _refusal(message: str, code: str) -> InvalidInput:
    return InvalidInput(message, code=code, errors=[FieldError("loyalty_redemption.points", message)])


def redeem_points(order: OrderColumns, customer: Person, request: RedemptionRequest, rules: LoyaltyRules) -> None:
    """Use the token and take the points for an order, in its transaction.

    Raises InvalidInput as :func:`calculate_discount` if the token or the points were used since then.
    """
    use_token(request.token, customer.id, order.id)
    try:
        move_points(customer.id, _movement(order, request.points, rules))
    except InsufficientPoints as refused:
        raise _refusal(refused.message, refused.code) from None


def retake_points(order: OrderColumns, actor: Actor) -> None:
    """Redeem again the points that were restored when an order's payment failed, in the caller's transaction.

    Points restored by partial refunds stay with the customer. Raises Conflict ``insufficient_points`` if points were
    spent since.
    """
    points = points_to_retake(order)
    if order.customer_id is None or points == 0:
        return
    key = f"redeem:order:{order.id}:{count_redemptions(order.id) + 1}"
    movement = _movement(order, points, LoyaltyRules.from_json(order.loyalty_rules))
    try:
        move_points(order.customer_id, replace(movement, idempotency_key=key, actor=actor))
    except InsufficientPoints:
        raise Conflict(
            "The customer no longer has the %(points)s points of this order.",
            code="insufficient_points",
            points=points,
        ) from None
    order.points_returned -= points


def redeem_again(order: OrderColumns, points: int, actor: Actor) -> None:
    """Redeem points for an edited order that redeems none, by its stored rules.

    In the caller's transaction; the order has its new amounts. Raises InvalidInput if the balance is too low.
    """
    if order.customer_id is None or points == 0:
        return
    order.points_redeemed = points
    key = f"redeem:order:{order.id}:{count_redemptions(order.id) + 1}"
    movement = _movement(order, points, LoyaltyRules.from_json(order.loyalty_rules))
    try:
        move_points(order.customer_id, replace(movement, idempotency_key=key, actor=actor))
    except InsufficientPoints as refused:
        raise _refusal(refused.message, refused.code) from None


def points_to_retake(order: OrderColumns) -> int:
    """Return the points that :func:`retake_points` takes."""
    rules, refunded = LoyaltyRules.from_json(order.loyalty_rules), 0
    if rules.refund_returns_points == "in_proportion":
        refunded = points_reversed(
            order.points_redeemed, order.refunded_goods_cents, order.subtotal_cents, rules, in_full=False
        )
    return max(0, order.points_returned - refunded)


def _movement(order: OrderColumns, points: int, rules: LoyaltyRules) -> Movement:
    return Movement(
        kind=EntryKind.REDEEMED,
        points=-points,
        idempotency_key=f"redeem:order:{order.id}",
        order_id=order.id,
        note=f"Redeemed on order {order.order_number}",
        actor=SHOPPER,
        meta={
            "rule": "points ÷ points_per_currency_discount",
            "subtotal": format_money(order.subtotal_cents, order.currency),
            "coupon_discount": format_money(order.coupon_discount_cents, order.currency),
            "points_per_currency_discount": plain_decimal(rules.points_per_currency_discount),
            "max_redeem_percent": plain_decimal(rules.max_redeem_percent),
            "discount": format_money(order.points_discount_cents, order.currency),
            "rounding": rules.rounding,
        },
    )
