"""Edit an unpaid order: its lines, delivery, discount, coupon and points, with their effects."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, select, text, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.events import EventType
from shop.domain.loyalty.points import (
    LoyaltyRules,
    RedemptionRefused,
    discount_of_redemption,
    redeemable,
)
from shop.domain.money import format_money
from shop.domain.pricing.taxes import Taxes
from shop.domain.statuses import EntryEvent, OrderStatus, PaymentStatus
from shop.models import OrderAddress, OrderItem, PaymentAttempt, RedemptionToken
from shop.models.payments.payment import UNDER_WAY
from shop.services import clock
from shop.services.actors import Actor
from shop.services.catalogue.coupons import return_coupon, use_coupon
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.catalogue.shipping import load_terms
from shop.services.catalogue.stock import retake_stock, return_stock
from shop.services.errors import Conflict, InvalidInput
from shop.services.loyalty.earning import return_redemption
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.redemption import redeem_again
from shop.services.loyalty.redemption_tokens import token_is_good, use_token
from shop.services.orders.events import record_order
from shop.services.orders.lifecycle import change_payment_status
from shop.services.orders.manual.creation import items_of
from shop.services.orders.manual.order import ManualOrder, quote_manual_order
from shop.services.orders.manual.sums import OrderSums
from shop.services.orders.pricing.lines import with_taxes, write_addresses, write_items
from shop.services.orders.pricing.quote import Quote
from shop.services.orders.pricing.taxes import TaxedDelivery, replace_taxes
from shop.services.orders.repository import ItemRecord, OrderRecord, load_children, lock_order, save_order


@dataclass(frozen=True, slots=True)
class OrderEdit:
    """The changes of an edit, with the quote of its lines and coupon."""

    before: OrderSums
    after: OrderSums
    quote: Quote


class _Preview(Exception):
    """Raised to roll back the transaction of a preview."""

    def __init__(self, edit: OrderEdit) -> None:
        super().__init__()
        self.edit = edit


def is_editable(order: OrderRecord) -> bool:
    """Return whether an order with its lines can be edited: it is open, not paid, and has lines."""
    open_statuses = {OrderStatus.PENDING, OrderStatus.PROCESSING}
    is_unpaid = order.payment_status == PaymentStatus.PENDING and order.status in open_statuses
    return is_unpaid and bool(order.items) and not order.points_earned


def preview_edit(order_id: int, entered: ManualOrder, actor: Actor) -> OrderEdit:
    """Return the effect of an edit: it is made and rolled back, so that it equals what saving does.

    Raises as :func:`edit_order`.
    """
    try:
        with transaction():
            raise _Preview(_edit(load_children(lock_order(order_id)), entered, actor))
    except _Preview as preview:
        return preview.edit


def edit_order(order_id: int, entered: ManualOrder, actor: Actor, *, version: str) -> OrderEdit:
    """Edit an order as of ``version`` (:func:`version_of`), with stock, coupon, points and totals.

    An order that then costs nothing is paid. Raises NotFound; Conflict for an order that is paid, closed, being paid or
    changed since; Conflict ``out_of_stock``; InvalidInput naming the invalid field.
    """
    with transaction():
        order = load_children(lock_order(order_id))
        if version != version_of(order):
            raise Conflict(
                "This order was changed in the meantime. Check it, then enter your changes again.", code="order_changed"
            )
        edit = _edit(order, entered, actor)
        if order.total_cents == 0:
            change_payment_status(order, PaymentStatus.PAID, actor)
        return edit


def version_of(order: OrderRecord) -> str:
    """Return a value that changes with the order."""
    return order.updated_at.isoformat()


def _edit(order: OrderRecord, entered: ManualOrder, actor: Actor) -> OrderEdit:
    _refuse_closed(order)
    before = OrderSums.of(order)
    return_coupon(order)
    quote = quote_manual_order(_without_points(entered), order.customer, order.order_date)
    if quote.coupon_wrong:
        raise InvalidInput.of("coupon_code", quote.coupon_wrong)
    points, points_cents = _points(order, entered, quote)
    _move_stock(order, entered, quote, actor)
    _write_delivery(order, entered, quote)
    taxes = quote.taxes_with(points_cents, _delivery_to_tax(order, entered, quote))
    _write_lines(order, entered, quote, taxes)
    if order.tax_lines or taxes.lines:
        replace_taxes(order.id, taxes)
    _write_coupon(order, quote)
    _set_sums(order, quote, points_cents, taxes)
    _move_points(order, entered, points, before, actor)
    order.updated_at = clock.now()
    after = OrderSums.of(order)
    save_order(order)
    total = format_money(before.total_cents, order.currency)
    updated = record_order(EventType.ORDER_UPDATED, order, actor, total=total)
    updated.audit("order.edited", old=total, new=format_money(after.total_cents, order.currency))
    return OrderEdit(before, after, quote)


def _refuse_closed(order: OrderRecord) -> None:
    if order.payment_status in {PaymentStatus.PAID, PaymentStatus.REFUNDED}:
        raise Conflict(
            "This order is paid, so it cannot be edited. Refund it, or create a new order.", code="order_paid"
        )
    if not is_editable(order):
        raise Conflict("This order cannot be edited any more.", code="order_not_editable")
    asked = select(PaymentAttempt.id).where(PaymentAttempt.order_id == order.id, text(UNDER_WAY)).limit(1)
    if db.session.scalars(asked).first() is not None:
        raise Conflict(
            "The customer is being asked to pay this order. Wait until the prompt has ended.", code="payment_under_way"
        )


def _without_points(entered: ManualOrder) -> ManualOrder:
    """Return the order for the quote: points follow the order's stored rules, and a kept delivery its price."""
    delivers = entered.delivers and not entered.keeps_delivery
    return replace(entered, points=0, redemption_token="", delivers=delivers)


def _points(order: OrderRecord, entered: ManualOrder, quote: Quote) -> tuple[int, int]:
    """Return the points that the order redeems, and their discount.

    As many as before need no code; fewer are redeemed if the order no longer allows that many.
    """
    had, wanted = order.points_redeemed - order.points_returned, entered.points
    if order.customer_id is None or wanted == 0:
        return 0, 0
    rules = LoyaltyRules.from_json(order.loyalty_rules)
    off = quote.discount_cents + quote.excluded_from_points_cents
    balance = find_balance(order.customer_id) + had
    if wanted <= had:
        wanted = min(wanted, redeemable(quote.subtotal_cents, off, balance, rules).max_points)
    elif not token_is_good(entered.redemption_token, order.customer_id):
        raise InvalidInput.of("code", "is needed to use more points: ask the customer for it")
    try:
        if wanted == 0:
            return 0, 0
        return wanted, discount_of_redemption(wanted, quote.subtotal_cents, off, balance, rules)
    except RedemptionRefused as refused:
        raise InvalidInput.of("points", refused.message, code=refused.reason) from None


def _move_stock(order: OrderRecord, entered: ManualOrder, quote: Quote, actor: Actor) -> None:
    """Return and take the differences of stock; lines that took no stock before take none now."""
    had, wants, names = Counter[CartLine](), Counter[CartLine](), dict[CartLine, str]()
    for item in order.items:
        if item.took_stock and item.product_id is not None:
            had[CartLine(item.product_id, 0, item.variant_id)] += item.quantity
    for line, priced in zip(entered.lines, quote.lines, strict=True):
        article = line if line.item is None else line.item
        if article.product_id is not None and (line.item is None or line.item.took_stock):
            key = CartLine(article.product_id, 0, article.variant_id)
            wants[key] += line.quantity
            names[key] = priced.name
    less = [replace(key, quantity=count) for key, count in (had - wants).items()]
    more = [(replace(key, quantity=count), names[key]) for key, count in (wants - had).items()]
    return_stock(order, less, actor)
    retake_stock(order, more, actor)


def _delivery_to_tax(order: OrderRecord, entered: ManualOrder, quote: Quote) -> TaxedDelivery:
    """Return the delivery with its tax class; a kept one has the class of the method with its name."""
    if not entered.keeps_delivery:
        return quote.delivery_to_tax
    if quote.tax_rules is None:
        return TaxedDelivery()
    alike = (one.tax_class for one in load_terms() if one.name == order.shipping_method)
    return TaxedDelivery(next(alike, ""), order.shipping_cents)


def _write_lines(order: OrderRecord, entered: ManualOrder, quote: Quote, taxes: Taxes) -> None:
    kept = {line.item.id: place for place, line in enumerate(entered.lines) if line.item is not None}
    gone = [item.id for item in order.items if item.id not in kept]
    removed = delete(OrderItem).where(OrderItem.order_id == order.id, OrderItem.id.in_(gone))
    db.session.execute(removed)
    for item_id, place in kept.items():
        code, cents = taxes.parts[place] if taxes.parts else ("", 0)
        values: dict[str, Any] = {
            "quantity": entered.lines[place].quantity,
            "price_cents": quote.lines[place].price_cents,
        }
        values |= {"tax_class": code, "tax_cents": cents}
        changed = update(OrderItem).where(OrderItem.id == item_id).values(values)
        db.session.execute(changed)
    items = with_taxes(items_of(order.id, quote.lines), taxes)
    new: list[ItemRecord] = [item for item, line in zip(items, entered.lines, strict=True) if line.item is None]
    if new:
        write_items(new)


def _write_delivery(order: OrderRecord, entered: ManualOrder, quote: Quote) -> None:
    if entered.keeps_delivery:
        if entered.shipping_cents is not None:
            order.shipping_cents, order.shipping_discount_cents = entered.shipping_cents, 0
    else:
        order.shipping_method = quote.delivery.method.name if quote.delivery else None
        order.shipping_cents, order.shipping_discount_cents = quote.shipping_cents, quote.shipping_discount_cents
    old = next((each for each in order.addresses if each.type == "shipping"), None)
    new = entered.address if entered.delivers else None
    if new is not None and old is not None:
        new = replace(new, name=new.name or old.name, state=old.state, zip=old.zip)
    replaced = delete(OrderAddress).where(OrderAddress.order_id == order.id, OrderAddress.type == "shipping")
    db.session.execute(replaced)
    if new is not None:
        write_addresses(order.id, [new])


def _write_coupon(order: OrderRecord, quote: Quote) -> None:
    coupon = quote.coupon.coupon if quote.coupon else None
    if coupon:
        use_coupon(coupon, order.customer, order_id=order.id)
    order.coupon_id, order.coupon_code = (coupon.id, coupon.code) if coupon else (None, None)
    order.coupon_returned = False


def _set_sums(order: OrderRecord, quote: Quote, points_cents: int, taxes: Taxes) -> None:
    if quote.tax_rules or order.tax_lines:  # otherwise it stays as recorded
        order.tax_cents, order.tax_lines = taxes.added_cents, taxes.lines
    order.subtotal_cents = quote.subtotal_cents
    order.coupon_discount_cents, order.points_discount_cents = quote.coupon_cents, points_cents
    order.discount_cents = quote.discount_cents + quote.coupon_cents + points_cents
    order.total_cents = order.subtotal_cents + order.shipping_cents + order.tax_cents - order.discount_cents


def _move_points(order: OrderRecord, entered: ManualOrder, points: int, before: OrderSums, actor: Actor) -> None:
    if points == before.points_redeemed:
        return
    if points > before.points_redeemed and order.customer_id is not None:
        used_up = delete(RedemptionToken).where(RedemptionToken.order_id == order.id)
        db.session.execute(used_up)  # an order has one token, the newest
        use_token(entered.redemption_token, order.customer_id, order.id)
    return_redemption(order, EntryEvent.EDITED, actor)
    redeem_again(order, points, actor)
