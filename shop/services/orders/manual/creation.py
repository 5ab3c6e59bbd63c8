"""Create an order entered by staff: stock, coupon, points, payment and messages in one transaction."""

from collections.abc import Sequence
from typing import Any

from shop.db.transaction import transaction
from shop.domain.events import EventType
from shop.domain.formats import format_price
from shop.domain.statuses import MovementKind, OrderStatus, PaymentStatus
from shop.services import clock
from shop.services.actors import Actor
from shop.services.catalogue.coupons import use_coupon
from shop.services.catalogue.payment_methods import PaymentOption, choose_method_by_hand, choose_payment_method
from shop.services.catalogue.products.for_sale import PricedLine
from shop.services.catalogue.stock import take_stock, write_movements
from shop.services.customers.records import Person, create_customer
from shop.services.errors import InvalidInput
from shop.services.loyalty.redemption import RedemptionRequest, redeem_points
from shop.services.orders import customer_totals
from shop.services.orders.events import record_order
from shop.services.orders.lifecycle import change_payment_status
from shop.services.orders.manual.drafts import claim_key, mark_created
from shop.services.orders.manual.order import NO_PRODUCT, ManualOrder, find_person, quote_manual_order
from shop.services.orders.numbers import draw_order_number
from shop.services.orders.payment_references import hold_reference
from shop.services.orders.pricing.lines import with_taxes, write_addresses, write_items, write_note
from shop.services.orders.pricing.quote import Quote
from shop.services.orders.pricing.taxes import write_taxes
from shop.services.orders.repository import ItemRecord, OrderRecord, add_order, get_order


def create_manual_order(order: ManualOrder, actor: Actor, *, request_key: str) -> OrderRecord:
    """Create the order and return it; the same ``request_key`` again returns the existing order.

    Raises InvalidInput naming the invalid field, Conflict ``out_of_stock``, and Conflict if the e-mail or phone of a
    new customer is another customer's.
    """
    with transaction():
        created = claim_key(request_key, actor)
        if created is not None:
            return get_order(created)
        hold_reference(order.payment_reference)
        choose = choose_method_by_hand if order.is_paid else choose_payment_method
        payment = choose(order.payment_method)
        customer = _customer(order, actor)
        quote = quote_manual_order(order, customer)
        refuse_wrong(quote, order)
        taken = take_stock([line for line in quote.lines if line.product.id != NO_PRODUCT])
        if quote.coupon:
            use_coupon(quote.coupon.coupon, customer)
        record = _record(order, quote, customer, payment)
        add_order(record, lambda: draw_order_number(record.order_date, quote.settings.values["shop_timezone"]))
        _write_children(record, order, quote, actor)
        write_movements(taken, MovementKind.SALE, actor, order_id=record.id)
        if quote.points and customer:
            redeem_points(
                record, customer, RedemptionRequest(order.redemption_token, quote.points), quote.settings.rules
            )
        customer_totals.apply(record)
        placed = record_order(EventType.ORDER_PLACED, record, actor)
        placed.audit("order.created", new=record.order_number)
        placed.notify(order.notify)
        if order.is_paid or record.total_cents == 0:
            reference = order.payment_reference.strip() or None
            change_payment_status(record, PaymentStatus.PAID, actor, reference=reference, notify=False)
        mark_created(request_key, record.id)
        return get_order(record.id)


def _customer(order: ManualOrder, actor: Actor) -> Person | None:
    given: dict[str, Any] = {name: value.strip() or None for name, value in order.new_customer.items()}
    if order.customer_id is not None or not any(given.values()):
        return find_person(order.customer_id)
    return find_person(create_customer(actor=actor, **given).id)


def refuse_wrong(quote: Quote, order: ManualOrder) -> None:
    """Raise InvalidInput for the coupon or points errors of a quote."""
    if quote.coupon_wrong:
        raise InvalidInput.of("coupon_code", quote.coupon_wrong)
    if order.points and not quote.unlocked:
        raise InvalidInput.of("code", "is needed to use points: ask the customer for it")
    if quote.points_wrong or quote.points < order.points:
        wrong = quote.points_wrong or "are more than can be used on this order"
        raise InvalidInput.of("points", wrong)


def _record(order: ManualOrder, quote: Quote, customer: Person | None, payment: PaymentOption | None) -> OrderRecord:
    now, coupon = clock.now(), quote.coupon.coupon if quote.coupon else None
    return OrderRecord(
        customer=customer,
        customer_id=customer.id if customer else None,
        status=OrderStatus.PENDING,
        payment_status=PaymentStatus.PENDING,
        payment_method=payment.name if payment else None,
        payment_method_code=payment.code if payment else None,
        subtotal_cents=quote.subtotal_cents,
        shipping_cents=quote.shipping_cents,
        tax_cents=quote.taxes.added_cents,
        discount_cents=quote.discount_cents + quote.coupon_cents + quote.points_cents,
        coupon_discount_cents=quote.coupon_cents,
        shipping_discount_cents=quote.shipping_discount_cents,
        points_discount_cents=quote.points_cents,
        total_cents=quote.total_cents,
        currency=quote.settings.currency,
        coupon_id=coupon.id if coupon else None,
        coupon_code=coupon.code if coupon else None,
        shipping_method=quote.delivery.method.name if quote.delivery else None,
        points_redeemed=quote.points,
        loyalty_rules=quote.settings.rules.to_json(),
        source="admin",
        order_date=now,
        created_at=now,
        updated_at=now,
    )


def _write_children(record: OrderRecord, order: ManualOrder, quote: Quote, actor: Actor) -> None:
    taxes = quote.taxes
    write_items(with_taxes(items_of(record.id, quote.lines), taxes))
    write_taxes(record.id, taxes)
    if order.address and order.delivers:
        write_addresses(record.id, [order.address])
    if order.note.strip():
        write_note(record.id, "Customer", order.note.strip(), record.created_at)
    if order.discount_cents and order.discount_reason.strip():
        amount = format_price(order.discount_cents, record.currency)
        write_note(record.id, actor.label, f"{amount}: {order.discount_reason.strip()}", record.created_at)


def items_of(order_id: int, lines: Sequence[PricedLine]) -> list[ItemRecord]:
    """Return lines in stored form; those from the catalogue took stock."""
    return [
        ItemRecord(
            id=0,
            order_id=order_id,
            product_id=line.product.id or None,
            variant_id=line.variant.id if line.variant else None,
            name=line.name[:200],
            sku=line.sku,
            quantity=line.quantity,
            price_cents=line.price_cents,
            took_stock=line.product.id != NO_PRODUCT,
            refunded_quantity=0,
        )
        for line in lines
    ]
