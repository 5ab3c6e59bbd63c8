"""Orders (``docs/contract/api.md``, section 7)."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from shop.domain.statuses import Fulfilment, OrderStatus, PaymentStatus
from shop.schemas.envelope import Envelope, Problem
from shop.schemas.orders.parts import (
    OrderAddressOut,
    OrderCustomer,
    OrderItemOut,
    OrderNoteOut,
    OrderRider,
    OrderTaxLineOut,
    RefundOut,
    TransactionOut,
    customer_fields,
    item_fields,
)
from shop.schemas.types import (
    Count,
    MetadataValue,
    Moment,
    Money,
    Points,
    ResponseModel,
)
from shop.services.orders.payment_references import PaidOrder
from shop.services.orders.repository import OrderRecord


class OrderOut(ResponseModel):
    """An order."""

    id: Annotated[int, Field(examples=[101])]
    order_number: Annotated[str, Field(examples=["ORD-260115-7KQ4F"])]
    customer_id: Annotated[int | None, Field(examples=[42])]
    status: OrderStatus
    payment_status: PaymentStatus
    payment_method: Annotated[str | None, Field(examples=["M-Pesa"])]
    subtotal: Money
    shipping: Annotated[Money, Field(examples=["0.00"])]
    tax: Annotated[Money, Field(description="Beside the prices.", examples=["0.00"])]
    tax_lines: Annotated[list[OrderTaxLineOut], Field(description="Taxes by class; empty without.")]
    discount: Annotated[Money, Field(examples=["0.00"])]
    total: Money
    currency: Annotated[str, Field(examples=["KES"])]
    coupon_code: Annotated[str | None, Field(examples=["WELCOME10"])]
    coupon_discount: Annotated[Money, Field(examples=["0.00"])]
    points_discount: Annotated[Money, Field(examples=["0.00"])]
    points_redeemed: Annotated[Points, Field(examples=[0])]
    points_earned: Annotated[Points, Field(examples=[2400])]
    refunded: Annotated[Money, Field(examples=["0.00"])]
    shipping_method: Annotated[str | None, Field(examples=["Rider in Nairobi"])]
    customer: OrderCustomer | None
    items_count: Count
    items: list[OrderItemOut]
    addresses: list[OrderAddressOut]
    notes: list[OrderNoteOut]
    transactions: list[TransactionOut]
    refunds: list[RefundOut]
    fulfilment: Annotated[Fulfilment, Field(description="What is to be done with the goods.", examples=["to_pack"])]
    rider: Annotated[OrderRider | None, Field(description="Who takes the goods to the customer.")]
    paid_at: Moment | None
    out_for_delivery_at: Annotated[Moment | None, Field(examples=[None])]
    completed_at: Annotated[Moment | None, Field(examples=[None])]
    cancelled_at: Annotated[Moment | None, Field(examples=[None])]
    source: Literal["api", "admin", "storefront"]
    api_label: Annotated[str | None, Field(examples=["till 2"])]
    external_id: Annotated[str | None, Field(examples=["web-20260115-7"])]
    metadata: Annotated[dict[str, MetadataValue], Field(examples=[{"channel": "web"}])]
    order_date: Moment
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, order: OrderRecord) -> Self:
        """Return an order with its lines, addresses, notes, transactions and refunds."""
        return cls(**order_fields(order))


def order_fields(order: OrderRecord) -> dict[str, Any]:
    """Return the fields common to all views of an order."""
    return {
        "id": order.id,
        "order_number": order.order_number,
        "customer_id": order.customer_id,
        "status": order.status,
        "payment_status": order.payment_status,
        "payment_method": order.payment_method,
        "subtotal": order.subtotal_cents,
        "shipping": order.shipping_cents,
        "tax": order.tax_cents,
        "tax_lines": [OrderTaxLineOut.of(line) for line in order.tax_lines],
        "discount": order.discount_cents,
        "total": order.total_cents,
        "currency": order.currency,
        "coupon_code": order.coupon_code,
        "coupon_discount": order.coupon_discount_cents,
        "points_discount": order.points_discount_cents,
        "points_redeemed": order.points_redeemed,
        "points_earned": order.points_earned,
        "refunded": order.refunded_cents,
        "shipping_method": order.shipping_method,
        "customer": customer_fields(order.customer) if order.customer else None,
        "items_count": sum(item.quantity for item in order.items),
        "items": [item_fields(item) for item in order.items],
        "addresses": [OrderAddressOut.of(address) for address in order.addresses],
        "notes": [OrderNoteOut.of(note) for note in order.notes],
        "transactions": [TransactionOut.of(moved) for moved in order.transactions],
        "refunds": [RefundOut.of(order, refund) for refund in order.refunds] if order.refunded_cents else [],
        "fulfilment": Fulfilment.of(order.status, is_out=order.out_for_delivery_at is not None),
        "rider": OrderRider.of(order),
        "paid_at": order.paid_at,
        "out_for_delivery_at": order.out_for_delivery_at,
        "completed_at": order.completed_at,
        "cancelled_at": order.cancelled_at,
        "source": order.source,
        "api_label": order.api_label,
        "external_id": order.external_id,
        "metadata": order.details or {},
        "order_date": order.order_date,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
    }


class OrderData(ResponseModel):
    """An order."""

    order: OrderOut


class OrderResponse(Envelope):
    """An order."""

    data: OrderData

    @classmethod
    def of(cls, order: OrderRecord) -> Self:
        """Return the response for an order."""
        return cls(data=OrderData(order=OrderOut.of(order)))


class PaidOrderData(OrderData):
    """An order after its payment status was set."""

    same_reference: Annotated[
        list[str],
        Field(description="Numbers of other orders with the payment's reference, at most 5.", examples=[[]]),
    ]


class PaidOrderResponse(Envelope):
    """An order after its payment status was set."""

    data: PaidOrderData

    @classmethod
    def paid(cls, order: OrderRecord, others: Sequence[PaidOrder]) -> Self:
        """Return the response for an order and the others with the payment's reference."""
        numbers = [other.order_number for other in others]
        return cls(data=PaidOrderData(order=OrderOut.of(order), same_reference=numbers))


class OrderListData(ResponseModel):
    """A page of orders."""

    orders: list[OrderOut]
    total: Count
    page: Annotated[int, Field(examples=[1])]
    limit: Annotated[int, Field(examples=[20])]
    total_is_estimate: Annotated[
        bool | None,
        Field(description="True if there are more than 10,000 matches; else absent.", exclude_if=lambda v: v is None),
    ] = None
    next_cursor: Annotated[
        str | None,
        Field(
            description="Cursor of the next page; absent on the last.",
            examples=["WyItY3JlYXRlZF9hdCIsMCw0Ml0"],
            exclude_if=lambda v: v is None,
        ),
    ] = None


class OrderListResponse(Envelope):
    """A page of orders."""

    data: OrderListData


class FailedOrder(ResponseModel):
    """A rejected order of a batch, by its index from 0."""

    index: Annotated[int, Field(examples=[3])]
    error: Problem


class OrderBatchResult(ResponseModel):
    """The result for each order of a batch."""

    created_count: Count
    failed_count: Count
    created: list[OrderOut]
    failed: list[FailedOrder]


class OrderBatchResponse(Envelope):
    """The result for each order of a batch."""

    data: OrderBatchResult
