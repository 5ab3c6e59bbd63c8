"""Record an order that was placed elsewhere, with its amounts (``docs/contract/api.md``, section 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.dates.days import start_of
from shop.domain.money import MAX_CENTS, format_money
from shop.domain.statuses import MovementKind, OrderStatus, PaymentStatus
from shop.models import Customer, Product, Variant
from shop.services import clock
from shop.services.actors import Actor
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.catalogue.stock import take_sold, write_movements
from shop.services.customers.records import Person, find_merge_target, find_or_create_customer
from shop.services.errors import InvalidInput
from shop.services.loyalty.earning import award_order
from shop.services.orders import customer_totals
from shop.services.orders.events import record_external
from shop.services.orders.numbers import draw_order_number
from shop.services.orders.payment_references import flag_if_used, hold_reference
from shop.services.orders.pricing.lines import (
    PostalAddress,
    with_taxes,
    write_addresses,
    write_items,
    write_transaction,
)
from shop.services.orders.pricing.taxes import tax_sale, write_taxes
from shop.services.orders.repository import ItemRecord, OrderRecord, add_order, get_order, save_order
from shop.services.shops.amounts import check_amounts
from shop.services.shops.settings import ShopSettings, get_settings


@dataclass(frozen=True, slots=True)
class ExternalLine:
    """A line as it was sold; missing values are taken from the catalogue."""

    quantity: int
    product_id: int | None = None
    variant_id: int | None = None
    name: str | None = None
    sku: str | None = None
    price_cents: int | None = None


@dataclass(frozen=True, slots=True)
class ExternalOrder:
    """An order placed elsewhere. Amounts are cents; missing ones are calculated from the others."""

    lines: Sequence[ExternalLine]
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
    order_date: datetime | date | None = None
    """A ``date`` is the beginning of that day in the shop's time zone."""
    api_label: str | None = None
    external_id: str | None = None
    details: Mapping[str, Any] | None = None
    notes: str | None = None
    addresses: Sequence[PostalAddress] = field(default_factory=tuple)
    branch_id: int | None = None
    """Where the goods were sold; None for the default branch."""


def record_order(external: ExternalOrder, actor: Actor, *, source: str = "api", is_sale: bool = False) -> OrderRecord:
    """Record an order with its amounts as given; it earns its points at once if it is paid or completed.

    An order that costs nothing is paid. Coupons are not changed. A sale at our own till (``is_sale``)
    takes stock and gets taxes by class; of other orders, that happened where they were placed. Raises InvalidInput if
    the amounts do not add up or a referenced record does not exist, Conflict ``external_id_taken``.
    """
    with transaction():
        hold_reference(external.payment_reference)
        settings = get_settings()
        if external.currency not in {None, settings.currency}:
            raise InvalidInput.of(
                "currency", "must be the shop's, %(currency)s", code="currency_mismatch", currency=settings.currency
            )
        _check_precision(external, settings.currency)
        items = [_item(number, line) for number, line in enumerate(external.lines)]
        subtotal, total = _amounts(external, items, settings.currency)
        customer = _customer(external)
        order = _new_order(external, settings, subtotal, total)
        order.customer_id, order.source = customer.id, source
        order.api_label = external.api_label
        if actor.kind == "api_key" and not external.api_label:
            order.api_label, order.api_key_id = actor.label, actor.id
        add_order(order, lambda: draw_order_number(order.order_date, settings.values["shop_timezone"]))
        items = [item._replace(order_id=order.id) for item in items]
        write_items(_sell(items, order, settings, actor, external.branch_id) if is_sale else items)
        write_addresses(order.id, external.addresses)
        if order.paid_at:
            if external.payment_reference:
                write_transaction(order, "payment", order.total_cents, external.payment_reference)
                flag_if_used(order, external.payment_reference)
            award_order(order, "payment_paid", actor)
        if order.completed_at:
            award_order(order, "order_completed", actor)
        customer_totals.apply(order)
        save_order(order)
        recorded = get_order(order.id)
        record_external(recorded, actor)
        return recorded


def _sell(
    items: Sequence[ItemRecord], order: OrderRecord, settings: ShopSettings, actor: Actor, branch_id: int | None
) -> list[ItemRecord]:
    """Take the items from stock, write the taxes of the sale, and return the items with theirs."""
    taxes = tax_sale(items, order.total_cents, settings, order.order_date)
    write_taxes(order.id, taxes)
    return with_taxes(_take(items, order, actor, branch_id), taxes)


def _take(items: Sequence[ItemRecord], order: OrderRecord, actor: Actor, branch_id: int | None) -> list[ItemRecord]:
    """Take the items from the stock of a branch and return them marked."""
    listed = [number for number, item in enumerate(items) if item.product_id is not None]
    lines = [CartLine(item.product_id, item.quantity, item.variant_id) for item in items if item.product_id is not None]
    indexes, changes = take_sold(lines, branch_id)
    write_movements(changes, MovementKind.SALE, actor, order_id=order.id)
    taken = {listed[index] for index in indexes}
    return [item._replace(took_stock=number in taken) for number, item in enumerate(items)]


def _check_precision(external: ExternalOrder, currency: str) -> None:
    prices = {f"items[{number}].price": line.price_cents for number, line in enumerate(external.lines)}
    amounts = {
        "subtotal": external.subtotal_cents,
        "shipping": external.shipping_cents,
        "tax": external.tax_cents,
        "discount": external.discount_cents,
        "total": external.total_cents,
    }
    check_amounts(currency, prices | amounts)


def _new_order(external: ExternalOrder, settings: ShopSettings, subtotal: int, total: int) -> OrderRecord:
    now, refunded = clock.now(), external.payment_status == PaymentStatus.REFUNDED
    is_free = total == 0 and external.payment_status == PaymentStatus.PENDING
    payment_status = PaymentStatus.PAID if is_free else external.payment_status
    return OrderRecord(
        status=external.status,
        payment_status=payment_status,
        payment_method=external.payment_method,
        subtotal_cents=subtotal,
        shipping_cents=external.shipping_cents,
        tax_cents=external.tax_cents,
        discount_cents=external.discount_cents,
        total_cents=total,
        refunded_cents=total if refunded else 0,
        refunded_goods_cents=total if refunded else 0,
        currency=settings.currency,
        loyalty_rules=settings.rules.to_json(),
        external_id=external.external_id,
        details=dict(external.details) if external.details else None,
        order_date=_placed_at(external.order_date, settings.values["shop_timezone"]) or now,
        paid_at=now if payment_status == PaymentStatus.PAID else None,
        completed_at=now if external.status == OrderStatus.COMPLETED else None,
        cancelled_at=now if external.status == OrderStatus.CANCELLED else None,
        created_at=now,
        updated_at=now,
    )


def _placed_at(given: datetime | date | None, zone: str) -> datetime | None:
    return given if given is None or isinstance(given, datetime) else start_of(given, zone)


def record_order_in_savepoint(external: ExternalOrder, actor: Actor) -> OrderRecord:
    """Record one order of a batch: an error rolls back this order alone, within the caller's transaction."""
    with transaction() as session, session.begin_nested():
        return record_order(external, actor)


def _customer(external: ExternalOrder) -> Customer | Person:
    if external.customer_id is not None:
        customer = db.session.scalars(select(Customer).where(Customer.id == external.customer_id)).first()
        if customer is None:
            error = InvalidInput.of("customer_id", "is not a customer of this shop", code="customer_not_found")
            error.merged_into = find_merge_target(external.customer_id)
            raise error
        return customer
    if external.email is None:
        raise InvalidInput.of("customer_email", "or customer_id is required")
    return find_or_create_customer(
        external.email, first_name=external.first_name, last_name=external.last_name, phone=external.phone
    )


def _item(number: int, line: ExternalLine) -> ItemRecord:
    """Return the order line, with missing values from the catalogue."""
    product = variant = None
    if line.product_id is not None:
        product = db.session.scalars(select(Product).where(Product.id == line.product_id)).first()
        if product is None:
            raise InvalidInput.of(f"items[{number}].product_id", "is not a product of this shop")
    if line.variant_id is not None:
        variant = db.session.scalars(select(Variant).where(Variant.id == line.variant_id)).first()
        if variant is None or (product is not None and variant.product_id != product.id):
            raise InvalidInput.of(f"items[{number}].variant_id", "is not a variant of this product")
    listed = variant or product
    name = line.name or (product.name if product else None)
    price = line.price_cents if line.price_cents is not None else (listed.price_cents if listed else None)
    if name is None:
        raise InvalidInput.of(f"items[{number}].name", "is required without a product_id")
    if price is None:
        raise InvalidInput.of(f"items[{number}].price", "is required without a product_id")
    return ItemRecord(
        id=0,
        order_id=0,
        product_id=product.id if product else None,
        variant_id=variant.id if variant else None,
        name=name,
        sku=line.sku or (listed.sku if listed else ""),
        quantity=line.quantity,
        price_cents=price,
        took_stock=False,
        refunded_quantity=0,
    )


def _amounts(external: ExternalOrder, lines: Sequence[ItemRecord], currency: str) -> tuple[int, int]:
    """Return subtotal and total in minor units. Raises InvalidInput if the given amounts do not add up."""
    of_lines = sum(line.price_cents * line.quantity for line in lines)
    if not lines and external.subtotal_cents is None:
        raise InvalidInput.of("items", "or a subtotal is required")
    subtotal = external.subtotal_cents if external.subtotal_cents is not None else of_lines
    if lines and subtotal != of_lines:
        raise InvalidInput.of(
            "subtotal",
            "must be the sum of the items, %(amount)s",
            code="amounts_do_not_add_up",
            amount=format_money(of_lines, currency),
        )
    total = subtotal + external.shipping_cents + external.tax_cents - external.discount_cents
    if total < 0:
        raise InvalidInput.of("discount", "is more than the order costs", code="amounts_do_not_add_up")
    if external.total_cents is not None and external.total_cents != total:
        raise InvalidInput.of(
            "total",
            "must be subtotal + shipping + tax - discount, %(amount)s",
            code="amounts_do_not_add_up",
            amount=format_money(total, currency),
        )
    if max(subtotal, total) > MAX_CENTS:
        raise InvalidInput.of("total", "is too large")
    return subtotal, total
