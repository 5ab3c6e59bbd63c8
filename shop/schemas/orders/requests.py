"""Requests about orders (``docs/contract/api.md``, section 7)."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.schemas.times import DayOrMomentIn
from shop.schemas.types import (
    Described,
    EmailIn,
    Id,
    MetadataIn,
    MoneyIn,
    PageQuery,
    PhoneIn,
    RequestModel,
    SearchText,
    ShortText,
    Text,
    TimesQuery,
    cleaned_line,
)
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.orders.recording import ExternalLine, ExternalOrder
from shop.services.orders.refunds import RefundLine
from shop.services.orders.upsert import OrderChanges

ExternalId = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=100),
    cleaned_line,
    Field(examples=["web-20260115-7"]),
]


class OrderListQuery(PageQuery, TimesQuery):
    """Filter and page of orders."""

    since: Annotated[
        DayOrMomentIn | None,
        Field(alias="from", description="With an `order_date` at this time or later, or from this day on."),
    ] = None
    until: Annotated[
        DayOrMomentIn | None,
        Field(alias="to", description="With an `order_date` before this time, or up to and including this day."),
    ] = None
    external_id: Annotated[
        SearchText, Field(description="Only the order with this id of another system.", examples=["web-20260115-7"])
    ] = ""

    status: Annotated[OrderStatus | None, Field(examples=["pending"])] = None
    payment_status: Annotated[PaymentStatus | None, Field(examples=["paid"])] = None
    customer_id: Annotated[int | None, Field(ge=1, le=2**63 - 1)] = None
    search: Annotated[
        SearchText,
        Field(description="An order number or its last five characters, a payment reference, or part of a customer."),
    ] = ""
    sort: Annotated[
        str,
        Field(
            pattern="^-?(created_at|order_date|total|updated_at)$",
            description="created_at, order_date, total or updated_at; - before it for descending.",
            examples=["-created_at"],
        ),
    ] = "-created_at"
    cursor: Annotated[
        str | None, Field(max_length=500, description="next_cursor of the previous page, instead of page.")
    ] = None


class OrderStatusChange(RequestModel):
    """An order's new status."""

    status: Annotated[OrderStatus, Field(examples=["completed"])]


class PaymentStatusChange(RequestModel):
    """An order's new payment status."""

    payment_status: Annotated[PaymentStatus, Field(examples=["paid"])]
    transaction_reference: Annotated[Text | None, Field(examples=["SGH7X2K9QP"])] = None
    payment_method: Annotated[
        Text | None,
        Field(
            description="How it was paid, by code or name: a payment method of the shop, `cash`, `mpesa` or `card`. "
            "Only with `paid`; it becomes the order's. Without it, the order keeps its own.",
            examples=["mpesa"],
        ),
    ] = None


class NewRefundItem(RequestModel):
    """The quantity of a line to refund."""

    order_item_id: Annotated[Id, Field(examples=[501])]
    quantity: Annotated[int, Field(strict=True, ge=1, le=100_000, examples=[2])]

    def line(self) -> RefundLine:
        """Return the line as the services take it."""
        return RefundLine(self.order_item_id, self.quantity)


class NewRefund(RequestModel):
    """A refund: an amount, or the amount of some items; with neither, everything that is left."""

    amount: Annotated[MoneyIn | None, Field(examples=["245.00"])] = None
    items: Annotated[
        list[NewRefundItem] | None,
        Field(min_length=1, max_length=500, description="Instead of an amount.", examples=[None]),
    ] = None
    reason: Annotated[
        str,
        StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=500),
        Field(examples=["One jar was broken."]),
    ]
    reference: Annotated[
        Text | None, Field(description="The payment provider's reference, if there is one.", examples=["SGJ1Y8M4RT"])
    ] = None
    restock: Annotated[
        bool,
        Field(
            strict=True,
            description="Whether the pieces go back to stock: the items, or without any all that were not refunded. "
            "Each goes back once, into the branch it was taken from; those that took no stock are left out. Not with "
            "an amount.",
            examples=[False],
        ),
    ] = False


class NewOrderItem(RequestModel):
    """A line as it was sold."""

    product_id: Id | None = None
    variant_id: Annotated[Id | None, Field(examples=[None])] = None
    name: Annotated[Text | None, Field(min_length=1, examples=["Maziwa Lala 500 ml"])] = None
    sku: Annotated[ShortText | None, Field(examples=["MLK-500"])] = None
    quantity: Annotated[int, Field(strict=True, ge=1, le=100_000, examples=[2])]
    price: MoneyIn | None = None

    def line(self) -> ExternalLine:
        """Return the line as the services take it."""
        return ExternalLine(self.quantity, self.product_id, self.variant_id, self.name, self.sku, self.price)


class NewOrderAddress(RequestModel):
    """An address of an order."""

    type: Annotated[Literal["shipping", "billing"], Field(examples=["shipping"])] = "shipping"
    name: Annotated[Text | None, Field(examples=["Jane Doe"])] = None
    street: Annotated[Text | None, Field(examples=["Westlands Road"])] = None
    city: Annotated[Text | None, Field(examples=["Nairobi"])] = None
    state: Annotated[Text | None, Field(examples=["Nairobi"])] = None
    zip: Annotated[ShortText | None, Field(examples=["00100"])] = None
    country: Annotated[Text | None, Field(examples=["Kenya"])] = None

    def address(self) -> PostalAddress:
        """Return the address as the services take it."""
        return PostalAddress(**{name: value or "" for name, value in self.model_dump().items()})


class NewOrder(RequestModel):
    """An order placed elsewhere. Missing amounts are calculated; given amounts must add up."""

    customer_id: Annotated[Id | None, Field(examples=[None])] = None
    customer_email: EmailIn | None = None
    email: Annotated[EmailIn | None, Field(description="Alias of customer_email.", examples=[None])] = None
    first_name: Annotated[Text | None, Field(examples=["Jane"])] = None
    last_name: Annotated[Text | None, Field(examples=["Doe"])] = None
    phone: PhoneIn | None = None
    subtotal: MoneyIn | None = None
    shipping: Annotated[MoneyIn | None, Field(examples=["0.00"])] = None
    tax: Annotated[MoneyIn | None, Field(examples=["0.00"])] = None
    discount: Annotated[MoneyIn | None, Field(examples=["0.00"])] = None
    total: MoneyIn | None = None
    currency: Annotated[str | None, Field(strict=True, pattern="^[A-Z]{3}$", examples=["KES"])] = None
    items: Annotated[
        list[NewOrderItem],
        Field(max_length=500, examples=[[{"name": "Maziwa Lala 500 ml", "quantity": 20, "price": "120.00"}]]),
    ] = []
    addresses: Annotated[list[NewOrderAddress], Field(max_length=10)] = []
    status: Annotated[OrderStatus, Field(examples=["pending"])] = OrderStatus.PENDING
    payment_status: Annotated[PaymentStatus, Field(examples=["paid"])] = PaymentStatus.PENDING
    payment_method: Annotated[Text | None, Field(examples=["M-Pesa"])] = None
    payment_reference: Annotated[Text | None, Field(examples=["SGH7X2K9QP"])] = None
    order_date: Annotated[
        DayOrMomentIn | None,
        Field(description="When it was placed; a day is its beginning in the shop's time zone."),
    ] = None
    api_label: Annotated[Text | None, Field(examples=["till 2"])] = None
    external_id: Annotated[
        ExternalId | None, Field(description="The order's id in another system, unique in the shop.")
    ] = None
    metadata: Annotated[MetadataIn | None, Field(examples=[{"channel": "web"}])] = None

    def to_external_order(self) -> ExternalOrder:
        """Return the order as the services take it."""
        return ExternalOrder(
            lines=[item.line() for item in self.items],
            customer_id=self.customer_id,
            email=self.customer_email or self.email,
            first_name=self.first_name or "",
            last_name=self.last_name or "",
            phone=self.phone,
            subtotal_cents=self.subtotal,
            shipping_cents=self.shipping or 0,
            tax_cents=self.tax or 0,
            discount_cents=self.discount or 0,
            total_cents=self.total,
            currency=self.currency,
            status=self.status,
            payment_status=self.payment_status,
            payment_method=self.payment_method,
            payment_reference=self.payment_reference,
            order_date=self.order_date,
            api_label=self.api_label,
            external_id=self.external_id,
            details=self.metadata,
            addresses=[address.address() for address in self.addresses],
        )


class OrderUpsert(NewOrder):
    """An order by its id in another system."""

    external_id: ExternalId

    @property
    def given_amounts(self) -> dict[str, int]:
        """Return the amounts that were given, in minor units by column."""
        names = ("subtotal", "shipping", "tax", "discount", "total")
        given = {f"{name}_cents": getattr(self, name) for name in names if name in self.model_fields_set}
        return {column: cents for column, cents in given.items() if cents is not None}

    @property
    def given_changes(self) -> OrderChanges:
        """Return what is changed of an order that is there already; None for what was not given."""
        given = self.model_fields_set
        return OrderChanges(
            self.status if "status" in given else None,
            self.payment_status if "payment_status" in given else None,
            self.payment_method,
            self.payment_reference,
            self.metadata,
        )


class NewOrderBatch(RequestModel):
    """Up to 100 orders; each is accepted or rejected on its own."""

    orders: Annotated[
        list[Annotated[Any, Described(NewOrder)]],
        Field(
            min_length=1,
            max_length=100,
            examples=[[{"customer_email": "customer@example.com", "subtotal": "2400.00", "payment_status": "paid"}]],
        ),
    ]
