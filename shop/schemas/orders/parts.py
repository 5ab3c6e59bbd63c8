"""The parts of an order (``docs/contract/api.md``, section 7)."""

from typing import Annotated, Any, Self

from pydantic import Field

from shop.domain.money import format_percent
from shop.domain.pricing.taxes import TaxLine
from shop.models import (
    Customer,
    OrderAddress,
    OrderNote,
    OrderRefund,
    OrderTransaction,
    Variant,
)
from shop.models.orders.order import OrderColumns
from shop.schemas.types import (
    Moment,
    Money,
    Points,
    ResponseModel,
)
from shop.services.catalogue.products.for_sale import Article
from shop.services.customers.records import Person
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.orders.refunds import refunded_pieces
from shop.services.orders.repository import ItemRecord, OrderRecord


class OrderCustomer(ResponseModel):
    """The customer of an order."""

    id: Annotated[int, Field(examples=[42])]
    email: Annotated[str | None, Field(examples=["customer@example.com"])]
    first_name: Annotated[str, Field(examples=["Jane"])]
    last_name: Annotated[str, Field(examples=["Doe"])]
    phone: Annotated[str | None, Field(examples=["+254712345678"])]

    @classmethod
    def of(cls, customer: Customer | Person) -> Self:
        """Return a customer's contact details."""
        return cls(**customer_fields(customer))


def customer_fields(customer: Customer | Person) -> dict[str, Any]:
    """Return the fields of an order's customer."""
    return {
        "id": customer.id,
        "email": customer.email,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "phone": customer.phone,
    }


class OrderArticle(ResponseModel):
    """The product or variant of a line, as it is in the catalogue now."""

    id: Annotated[int, Field(examples=[12])]
    name: Annotated[str, Field(examples=["Maziwa Lala 500 ml"])]
    slug: Annotated[str | None, Field(examples=["maziwa-lala-500-ml"])] = None
    sku: Annotated[str, Field(examples=["MLK-500"])]
    price: Money


def _article_fields(article: Article) -> dict[str, Any]:
    slug = None if isinstance(article, Variant) else article.slug
    return {
        "id": article.id,
        "name": article.name,
        "slug": slug,
        "sku": article.sku,
        "price": article.price_cents,
    }


class OrderItemOut(ResponseModel):
    """A line of an order, with the price it was sold at."""

    id: Annotated[int, Field(examples=[501])]
    order_id: Annotated[int, Field(examples=[101])]
    product_id: Annotated[int | None, Field(examples=[12])]
    variant_id: Annotated[int | None, Field(examples=[None])]
    name: Annotated[str, Field(examples=["Maziwa Lala 500 ml"])]
    sku: Annotated[str, Field(examples=["MLK-500"])]
    quantity: Annotated[int, Field(examples=[20])]
    price: Annotated[Money, Field(examples=["120.00"])]
    refunded_quantity: Annotated[int, Field(description="Quantity refunded.", examples=[0])]
    restocked_quantity: Annotated[int, Field(description="Quantity returned to stock by refunds.", examples=[0])]
    tax_class: Annotated[str, Field(description="Empty in orders without taxes by class.", examples=["B"])]
    tax: Annotated[Money, Field(description="Of all its pieces, in the price or added to it.", examples=["331.03"])]
    product: OrderArticle | None
    variant: Annotated[OrderArticle | None, Field(examples=[None])]


def item_fields(item: ItemRecord) -> dict[str, Any]:
    """Return the fields of a line: as models of their own, three lines would take 11 µs more."""
    return {
        "id": item.id,
        "order_id": item.order_id,
        "product_id": item.product_id,
        "variant_id": item.variant_id,
        "name": item.name,
        "sku": item.sku,
        "quantity": item.quantity,
        "price": item.price_cents,
        "refunded_quantity": item.refunded_quantity,
        "restocked_quantity": item.restocked_quantity,
        "tax_class": item.tax_class,
        "tax": item.tax_cents,
        "product": _article_fields(item.product) if item.product else None,
        "variant": _article_fields(item.variant) if item.variant else None,
    }


class OrderTaxLineOut(ResponseModel):
    """The tax of a class."""

    code: Annotated[str, Field(examples=["B"])]
    name: Annotated[str, Field(examples=["VAT 16%"])]
    rate: Annotated[str, Field(description="Per cent.", examples=["16.00"])]
    net: Annotated[Money, Field(description="Without the tax.", examples=["2068.97"])]
    tax: Annotated[Money, Field(examples=["331.03"])]
    included: Annotated[bool, Field(description="Whether the prices have it; else the order's `tax` does.")]

    @classmethod
    def of(cls, line: TaxLine) -> Self:
        """Return the taxes of a class."""
        return cls(
            code=line.code,
            name=line.name,
            rate=format_percent(line.rate),
            net=line.net_cents,
            tax=line.tax_cents,
            included=line.is_included,
        )


class OrderAddressOut(ResponseModel):
    """An address of an order."""

    type: Annotated[str, Field(examples=["shipping"])]
    name: Annotated[str, Field(examples=["Jane Doe"])]
    street: Annotated[str, Field(examples=["Westlands Road"])]
    city: Annotated[str, Field(examples=["Nairobi"])]
    state: Annotated[str, Field(examples=["Nairobi"])]
    zip: Annotated[str, Field(examples=["00100"])]
    country: Annotated[str, Field(examples=["Kenya"])]

    @classmethod
    def of(cls, address: OrderAddress | PostalAddress) -> Self:
        """Return an address as it was when the order was placed."""
        return cls(**{name: getattr(address, name) for name in cls.model_fields})


class OrderRider(ResponseModel):
    """The rider who takes an order's goods to the customer."""

    name: Annotated[str | None, Field(examples=["Otieno"])]
    phone: Annotated[str | None, Field(examples=["0712 345 678"])]

    @classmethod
    def of(cls, order: OrderColumns) -> Self | None:
        """Return an order's rider; None without one."""
        if order.rider_name is None and order.rider_phone is None:
            return None
        return cls(name=order.rider_name, phone=order.rider_phone)


class OrderNoteOut(ResponseModel):
    """A note on an order."""

    id: Annotated[int, Field(examples=[8])]
    author: Annotated[str, Field(examples=["Customer"])]
    content: Annotated[str, Field(examples=["Please ring twice."])]
    created_at: Moment

    @classmethod
    def of(cls, note: OrderNote) -> Self:
        """Return a note."""
        return cls(id=note.id, author=note.author, content=note.content, created_at=note.created_at)


class TransactionOut(ResponseModel):
    """A payment or refund of an order."""

    id: Annotated[int, Field(examples=[77])]
    kind: Annotated[str, Field(examples=["payment"])]
    amount: Money
    method: Annotated[str | None, Field(examples=["M-Pesa"])]
    reference: Annotated[str | None, Field(examples=["SGH7X2K9QP"])]
    status: Annotated[str, Field(examples=["completed"])]
    created_at: Moment

    @classmethod
    def of(cls, moved: OrderTransaction) -> Self:
        """Return a payment or refund."""
        return cls(
            id=moved.id,
            kind=moved.kind,
            amount=moved.amount_cents,
            method=moved.method,
            reference=moved.reference,
            status=moved.status,
            created_at=moved.created_at,
        )


class RefundedItemOut(ResponseModel):
    """The refunded quantity of a line."""

    order_item_id: Annotated[int, Field(examples=[501])]
    quantity: Annotated[int, Field(examples=[2])]


class RefundOut(ResponseModel):
    """A refund of an order, and the points that it moved."""

    id: Annotated[int, Field(examples=[31])]
    amount: Annotated[Money, Field(examples=["240.00"])]
    reason: Annotated[str, Field(examples=["One jar was broken."])]
    reference: Annotated[str | None, Field(examples=["SGJ1Y8M4RT"])]
    items: Annotated[
        list[RefundedItemOut],
        Field(description="What it took back; of a refund of all that was left, the items not refunded before."),
    ]
    points_taken_back: Annotated[Points, Field(examples=[240])]
    points_given_back: Annotated[Points, Field(examples=[0])]
    points_short: Annotated[
        int | None,
        Field(
            description="Of the points taken back, how many the customer had already spent; null for refunds made "
            "before this was recorded.",
            examples=[0],
        ),
    ]
    restocked_quantity: Annotated[int, Field(description="How many pieces went back to stock.", examples=[0])]
    created_at: Moment

    @classmethod
    def of(cls, order: OrderRecord, refund: OrderRefund) -> Self:
        """Return a refund of an order with its children."""
        pieces = refunded_pieces(order, refund).items()
        return cls(
            id=refund.id,
            amount=refund.amount_cents,
            reason=refund.reason,
            reference=refund.reference,
            items=[RefundedItemOut(order_item_id=line_id, quantity=number) for line_id, number in pieces],
            points_taken_back=refund.points_taken_back,
            points_given_back=refund.points_given_back,
            points_short=refund.points_short,
            restocked_quantity=refund.restocked_quantity,
            created_at=refund.created_at,
        )
