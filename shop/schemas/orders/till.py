"""Sales at the till (``docs/contract/api.md``, section 10)."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field

from shop.domain.payments.methods import AT_THE_TILL
from shop.schemas.envelope import Envelope, Problem
from shop.schemas.orders.requests import NewOrderItem
from shop.schemas.times import MomentIn
from shop.schemas.types import (
    Count,
    Described,
    Id,
    Moment,
    Money,
    MoneyIn,
    PhoneIn,
    Points,
    RequestModel,
    ResponseModel,
    ShortText,
    Text,
)
from shop.services.till.sales import RecordedSale, Sale

SALE_ID = "6f1f6a5e-5d0c-4a86-9d0e-2f6f1a0c9b11"
Method = Annotated[str, Field(pattern=f"^({'|'.join(AT_THE_TILL)})$", examples=["cash"])]


class TillCustomer(RequestModel):
    """The customer: by `id`, else by `card`, else by `phone`."""

    id: Annotated[Id | None, Field(examples=[None])] = None
    card: Annotated[
        ShortText | None, Field(description="The card's number: the customer's `external_id`.", examples=[None])
    ] = None
    phone: PhoneIn | None = None


class NewTillSale(RequestModel):
    """A sale at the counter that was paid. The till chooses the `id`: the same one again is the same sale."""

    id: Annotated[UUID, Field(examples=[SALE_ID])]
    customer: Annotated[TillCustomer, Field(examples=[{"phone": "0712345678"}])]
    amount: Annotated[MoneyIn, Field(description="What was paid, tax included.", examples=["960.00"])]
    items: Annotated[
        list[NewOrderItem],
        Field(max_length=500, description="If given, their sum is the amount. Their stock is taken.", examples=[[]]),
    ] = []
    method: Method
    reference: Annotated[
        ShortText | None,
        Field(min_length=1, description="The payment's, such as an M-Pesa receipt.", examples=["SGH7X2K9QP"]),
    ] = None
    taken_at: Annotated[MomentIn | None, Field(description="When it was sold; now if not given.")] = None
    branch_id: Annotated[Id | None, Field(examples=[None])] = None
    device_id: Annotated[Text | None, Field(description="The till's name.", examples=["Till 1"])] = None

    def sale(self) -> Sale:
        """Return the sale as the services take it."""
        return Sale(
            sale_id=str(self.id),
            amount_cents=self.amount,
            method=self.method,
            customer_id=self.customer.id,
            phone=self.customer.phone,
            card=self.customer.card,
            lines=[item.line() for item in self.items],
            reference=self.reference,
            taken_at=self.taken_at,
            branch_id=self.branch_id,
            device=self.device_id or "",
        )


class NewTillSales(RequestModel):
    """A till's queue, in the order of the sales; each is accepted or rejected on its own."""

    sales: Annotated[
        list[Annotated[Any, Described(NewTillSale)]],
        Field(
            min_length=1,
            max_length=500,
            examples=[[{"id": SALE_ID, "customer": {"phone": "0712345678"}, "amount": "960.00", "method": "cash"}]],
        ),
    ]


class TillSaleOut(ResponseModel):
    """A recorded sale."""

    id: Annotated[str, Field(examples=[SALE_ID])]
    order_id: Annotated[int, Field(examples=[101])]
    order_number: Annotated[str, Field(examples=["ORD-260115-7KQ4F"])]
    customer_id: Annotated[int | None, Field(examples=[42])]
    amount: Annotated[Money, Field(examples=["960.00"])]
    method: Method
    reference: Annotated[str | None, Field(examples=["SGH7X2K9QP"])]
    branch_id: Annotated[int, Field(examples=[1])]
    device_id: Annotated[str, Field(examples=["Till 1"])]
    taken_at: Moment
    undone_at: Annotated[Moment | None, Field(examples=[None])]


class TillSaleData(ResponseModel):
    """A sale with its points, and the customer's balance now."""

    sale: TillSaleOut
    points_earned: Annotated[Points, Field(examples=[960])]
    balance: Annotated[Points, Field(examples=[2440])]

    @classmethod
    def of(cls, recorded: RecordedSale) -> Self:
        """Return the response for a recorded sale."""
        row, order = recorded.sale, recorded.order
        sale = TillSaleOut(
            id=row.sale_id,
            order_id=order.id,
            order_number=order.order_number,
            customer_id=order.customer_id,
            amount=row.amount_cents,
            method=row.method,
            reference=row.reference,
            branch_id=row.branch_id,
            device_id=row.device,
            taken_at=row.taken_at,
            undone_at=row.undone_at,
        )
        return cls(sale=sale, points_earned=order.points_earned - order.points_taken_back, balance=recorded.balance)


class TillSaleResponse(Envelope):
    """A sale with its points, and the customer's balance now."""

    data: TillSaleData


class FailedTillSale(ResponseModel):
    """A rejected sale of a queue, by its index from 0."""

    index: Annotated[int, Field(examples=[3])]
    error: Problem


class TillBatchData(ResponseModel):
    """The result for each sale of a queue."""

    recorded_count: Count
    failed_count: Count
    recorded: Annotated[list[TillSaleData], Field(description="Also those that were recorded before.")]
    failed: list[FailedTillSale]


class TillBatchResponse(Envelope):
    """The result for each sale of a queue."""

    data: TillBatchData
