"""Spending points on a cart: what is possible, and doing it (``points.md``, Redeeming)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shop.domain.money import format_money, plain_decimal
from shop.domain.points import (
    LoyaltyRules,
    Redeemable,
    RedemptionRefused,
    discount_of_redemption,
    points_earned,
    redeemable,
)
from shop.extensions import db
from shop.models import Customer, LoyaltyRegistration, Order
from shop.services.actors import SHOPPER
from shop.services.catalogue import CartLine, price_lines
from shop.services.coupons import apply_coupon
from shop.services.customers import find_customer
from shop.services.errors import FieldError, InvalidInput
from shop.services.loyalty.codes import bad_token, token_is_good, use_token
from shop.services.loyalty.ledger import Movement, find_balance, lock_balance, move_points
from shop.services.settings import get_settings


@dataclass(frozen=True, slots=True)
class Preview:
    """What a cart would let somebody redeem, and what it would earn."""

    balance: int
    possible: Redeemable
    subtotal_cents: int
    points_to_earn: int


@dataclass(frozen=True, slots=True)
class Redemption:
    """A shopper's wish: spend so many points, allowed by a token."""

    token: str
    points: int


def preview_redemption(
    lines: Sequence[CartLine], *, email: str | None, phone: str | None, coupon_code: str | None
) -> Preview:
    """What the person with an e-mail, or else a phone number, could redeem on a cart.

    A person unknown to the shop is answered like one without points. Raises InvalidInput for lines or a coupon that
    cannot be.
    """
    subtotal = sum(line.total_cents for line in price_lines(lines))
    coupon = apply_coupon(coupon_code, subtotal).discount_cents if coupon_code and coupon_code.strip() else 0
    return preview_for(find_customer(email=email, phone=phone), subtotal, coupon, get_settings().rules)


def preview_for(customer: Customer | None, subtotal_cents: int, coupon_cents: int, rules: LoyaltyRules) -> Preview:
    """What a customer, or somebody unknown, could redeem on a subtotal after a coupon."""
    balance = find_balance(customer.id) if customer else 0
    registered = customer is not None and may_redeem(customer, rules)
    possible = redeemable(subtotal_cents, coupon_cents, balance, rules, registered=registered)
    return Preview(balance, possible, subtotal_cents, points_earned(subtotal_cents, rules) if rules.enabled else 0)


def may_redeem(customer: Customer, rules: LoyaltyRules) -> bool:
    """Whether a customer takes part: where the shop asks for it, after an approved registration."""
    if not rules.optin_required:
        return True
    statement = select(LoyaltyRegistration.id).where(
        LoyaltyRegistration.customer_id == customer.id, LoyaltyRegistration.status == "approved"
    )
    return db.session.scalars(statement).first() is not None


def work_out_discount(
    wish: Redemption, customer: Customer, subtotal_cents: int, coupon_cents: int, rules: LoyaltyRules
) -> int:
    """The discount in cents that a wish gives on a cart; the balance stays locked until the transaction ends.

    Raises InvalidInput with the rule's own code for a bad token, too many points, or a fall below a minimum.
    """
    if not token_is_good(wish.token, customer.id):
        raise bad_token()
    balance = lock_balance(customer.id)
    registered = may_redeem(customer, rules)
    try:
        return discount_of_redemption(wish.points, subtotal_cents, coupon_cents, balance, rules, registered=registered)
    except RedemptionRefused as refused:
        field = "loyalty_redemption.points"
        raise InvalidInput(refused.message, code=refused.reason, errors=[FieldError(field, refused.message)]) from None


def redeem_points(order: Order, customer: Customer, wish: Redemption, rules: LoyaltyRules) -> None:
    """Use the token up and take the points for an order, in its transaction."""
    use_token(wish.token, customer.id, order.id)
    move_points(
        customer.id,
        Movement(
            type="redeem",
            reason="order_redeemed",
            points=-wish.points,
            cause=f"redeem:order:{order.id}",
            order_id=order.id,
            note=f"Redeemed on order {order.order_number}",
            actor=SHOPPER,
            meta={
                "rule": "points ÷ points_per_currency_discount",
                "subtotal": format_money(order.subtotal_cents),
                "coupon_discount": format_money(order.coupon_discount_cents),
                "points_per_currency_discount": plain_decimal(rules.points_per_currency_discount),
                "max_redeem_percent": plain_decimal(rules.max_redeem_percent),
                "discount": format_money(order.points_discount_cents),
                "rounding": "down to the minor unit",
            },
        ),
    )
