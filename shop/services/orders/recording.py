"""Record an order that was placed elsewhere, with its amounts (``docs/contract/api.md``, section 7)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.money import MAX_CENTS, format_money
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import Customer, Order, OrderItem, Product, Variant
from shop.services import clock
from shop.services.actors import Actor
from shop.services.customers.records import Person, find_or_create_customer
from shop.services.errors import InvalidInput
from shop.services.loyalty.earning import award_order
from shop.services.orders.customer_totals import add_to_customer
from shop.services.orders.find import get_order
from shop.services.orders.lifecycle import write_payment
from shop.services.orders.lines import PostalAddress, write_addresses
from shop.services.orders.numbers import new_order_number
from shop.services.shops.settings import get_settings


@dataclass(frozen=True, slots=True)
class RecordedLine:
    """A line as it was sold; what is not said is taken from the catalogue."""

    quantity: int
    product_id: int | None = None
    variant_id: int | None = None
    name: str | None = None
    sku: str | None = None
    price_cents: int | None = None


@dataclass(frozen=True, slots=True)
class RecordedOrder:
    """An order as told. Amounts are cents; those not told are worked out from the others."""

    lines: Sequence[RecordedLine]
    customer_id: int | None = None
    email: str | None = None
    first_name: str = ""
    last_name: str = ""
    phone: str | None = None
    subtotal_cents: int | None = None
    shipping_cents: int = 0
    tax_cents: int = 0
    discount_cents: int = 0
    total_cents: int | None = None
    currency: str | None = None
    status: str = OrderStatus.PENDING
    payment_status: str = PaymentStatus.PENDING
    payment_method: str | None = None
    payment_reference: str | None = None
    order_date: datetime | None = None
    api_label: str | None = None
    notes: str | None = None
    addresses: Sequence[PostalAddress] = field(default_factory=tuple)


def record_order(told: RecordedOrder, actor: Actor, *, source: str = "api") -> Order:
    """Keep an order as told; it earns its points at once when it is told as paid or completed.

    Stock and coupons are not touched: they were dealt with where the sale took place. Raises InvalidInput when the
    amounts do not add up or something named in it does not exist.
    """
    with transaction():
        settings = get_settings()
        lines = [_complete(number, line) for number, line in enumerate(told.lines)]
        subtotal, total = _sums(told, lines)
        customer = _customer(told)
        now = clock.now()
        order = Order(
            order_number=new_order_number(told.order_date or now, settings.values["shop_timezone"]),
            customer_id=customer.id,
            status=told.status,
            payment_status=told.payment_status,
            payment_method=told.payment_method,
            subtotal_cents=subtotal,
            shipping_cents=told.shipping_cents,
            tax_cents=told.tax_cents,
            discount_cents=told.discount_cents,
            total_cents=total,
            refunded_cents=total if told.payment_status == PaymentStatus.REFUNDED else 0,
            refunded_goods_cents=total if told.payment_status == PaymentStatus.REFUNDED else 0,
            currency=told.currency or settings.currency,
            loyalty_rules=settings.rules.to_json(),
            source=source,
            api_label=told.api_label or (actor.label if actor.kind == "api_key" else None),
            order_date=told.order_date or now,
            paid_at=now if told.payment_status == PaymentStatus.PAID else None,
            completed_at=now if told.status == OrderStatus.COMPLETED else None,
            cancelled_at=now if told.status == OrderStatus.CANCELLED else None,
            created_at=now,
            updated_at=now,
        )
        db.session.add(order)
        db.session.flush()
        for line in lines:
            line.order_id = order.id
            db.session.add(line)
        write_addresses(order.id, told.addresses)
        if told.payment_status == PaymentStatus.PAID and told.payment_reference:
            write_payment(order, "payment", order.total_cents, told.payment_reference)
        db.session.flush()
        if told.payment_status == PaymentStatus.PAID:
            award_order(order, "payment_paid", actor)
        if told.status == OrderStatus.COMPLETED:
            award_order(order, "order_completed", actor)
        add_to_customer(order)
        db.session.flush()
        return get_order(order.id)


def record_order_apart(told: RecordedOrder, actor: Actor) -> Order:
    """Like :func:`record_order`, as one of several: a refusal leaves nothing behind and stops none of the others.

    Within a caller's transaction those that were taken are kept or lost together.
    """
    with transaction() as session, session.begin_nested():
        return record_order(told, actor)


def _customer(told: RecordedOrder) -> Customer | Person:
    if told.customer_id is not None:
        customer = db.session.scalars(select(Customer).where(Customer.id == told.customer_id)).first()
        if customer is None:
            raise InvalidInput.of("customer_id", "is not a customer of this shop", code="customer_not_found")
        return customer
    if told.email is None:
        raise InvalidInput.of("customer_email", "or customer_id is required")
    return find_or_create_customer(told.email, first_name=told.first_name, last_name=told.last_name, phone=told.phone)


def _complete(number: int, line: RecordedLine) -> OrderItem:
    """The order line, with what was not told taken from the catalogue."""
    product = variant = None
    if line.product_id is not None:
        product = db.session.scalars(select(Product).where(Product.id == line.product_id)).first()
        if product is None:
            raise InvalidInput.of(f"items[{number}].product_id", "is not a product of this shop")
    if line.variant_id is not None:
        variant = db.session.scalars(select(Variant).where(Variant.id == line.variant_id)).first()
        if variant is None or (product is not None and variant.product_id != product.id):
            raise InvalidInput.of(f"items[{number}].variant_id", "is not a variant of this product")
    article = variant or product
    name = line.name or (product.name if product else None)
    price = line.price_cents if line.price_cents is not None else (article.price_cents if article else None)
    if name is None:
        raise InvalidInput.of(f"items[{number}].name", "is required without a product_id")
    if price is None:
        raise InvalidInput.of(f"items[{number}].price", "is required without a product_id")
    return OrderItem(
        product_id=product.id if product else None,
        variant_id=variant.id if variant else None,
        name=name,
        sku=line.sku or (article.sku if article else ""),
        quantity=line.quantity,
        price_cents=price,
    )


def _sums(told: RecordedOrder, lines: Sequence[OrderItem]) -> tuple[int, int]:
    """Subtotal and total in cents; InvalidInput when what was told does not add up."""
    of_lines = sum(line.price_cents * line.quantity for line in lines)
    if not lines and told.subtotal_cents is None:
        raise InvalidInput.of("items", "or a subtotal is required")
    subtotal = told.subtotal_cents if told.subtotal_cents is not None else of_lines
    if lines and subtotal != of_lines:
        raise InvalidInput.of(
            "subtotal", f"must be the sum of the items, {format_money(of_lines)}", code="amounts_do_not_add_up"
        )
    total = subtotal + told.shipping_cents + told.tax_cents - told.discount_cents
    if total < 0:
        raise InvalidInput.of("discount", "is more than the order costs", code="amounts_do_not_add_up")
    if told.total_cents is not None and told.total_cents != total:
        raise InvalidInput.of(
            "total",
            f"must be subtotal + shipping + tax - discount, {format_money(total)}",
            code="amounts_do_not_add_up",
        )
    if max(subtotal, total) > MAX_CENTS:
        raise InvalidInput.of("total", "is too large")
    return subtotal, total
