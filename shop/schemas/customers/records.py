"""Customers (``docs/contract/api.md``, section 2)."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from shop.domain.customers.fields import BY_NAME
from shop.domain.passwords import SHOPPER_MIN_LENGTH
from shop.models import Address, Customer
from shop.queries.customers.api_list import CustomerListPage
from shop.schemas.customers.fields import CustomerFieldsIn, CustomerFieldsOut
from shop.schemas.customers.notes import CustomerNoteOut
from shop.schemas.envelope import Envelope
from shop.schemas.types import (
    Count,
    Moment,
    Money,
    MoneyNumber,
    PageQuery,
    RequestModel,
    ResponseModel,
    SearchText,
    TimesQuery,
    cleaned_line,
)
from shop.services.customers.listed import ListedAddress, ListedCustomer
from shop.services.orders.repository import OrderRecord


class CustomerListQuery(PageQuery, TimesQuery):
    """Filter, order and page of customers."""

    search: Annotated[
        SearchText, Field(description="Part of e-mail, first name, last name, or digits of the phone.")
    ] = ""
    tag: Annotated[SearchText, Field(description="Only customers with this tag.", examples=["Regular"])] = ""
    external_id: Annotated[
        SearchText, Field(description="Only the customer with this id of another system.", examples=["crm-1042"])
    ] = ""
    sort: Annotated[
        str,
        Field(
            pattern="^-?(created_at|total_spent|points_balance|updated_at)$",
            description="created_at, total_spent, points_balance or updated_at; - before it for descending order.",
            examples=["-created_at"],
        ),
    ] = "-created_at"
    cursor: Annotated[
        str | None, Field(max_length=500, description="next_cursor of the previous page, instead of page.")
    ] = None


class CustomerChange(CustomerFieldsIn):  # type: ignore[valid-type,misc]
    """Fields of a customer to change; those not given stay. An empty one is removed."""

    @property
    def given(self) -> dict[str, Any]:
        """Return the fields that were given."""
        return {name: getattr(self, name) for name in BY_NAME if name in self.model_fields_set}


class CustomerUpsert(CustomerChange):
    """The customer with an id of another system, as they are to be; fields that are not given stay."""

    external_id: Annotated[
        str, StringConstraints(strict=True, min_length=1, max_length=100), cleaned_line, Field(examples=["crm-1042"])
    ]


class NewCustomer(CustomerChange):
    """A customer to add, with an e-mail, a phone, or both."""

    password: Annotated[str | None, Field(strict=True, examples=["maziwa-na-chai"])] = None


class CustomerPassword(RequestModel):
    """A customer's new password: at least eight characters, and not one of the most common."""

    password: Annotated[
        str, Field(strict=True, min_length=SHOPPER_MIN_LENGTH, max_length=200, examples=["maziwa-na-chai"])
    ]


class AddressOut(ResponseModel):
    """A customer's address."""

    id: Annotated[int, Field(examples=[1])]
    type: Annotated[str, Field(examples=["shipping"])]
    address1: Annotated[str, Field(examples=["Westlands Road"])]
    city: Annotated[str, Field(examples=["Nairobi"])]
    state: Annotated[str, Field(examples=["Nairobi"])]
    zip: Annotated[str, Field(examples=["00100"])]
    country: Annotated[str, Field(examples=["Kenya"])]

    @classmethod
    def of(cls, address: Address | ListedAddress) -> Self:
        """Return an address."""
        return cls(**address_fields(address))


def address_fields(address: Address | ListedAddress) -> dict[str, Any]:
    """Return the fields of an address."""
    return {
        "id": address.id,
        "type": address.type,
        "address1": address.address1,
        "city": address.city,
        "state": address.state,
        "zip": address.zip,
        "country": address.country,
    }


class CustomerOut(CustomerFieldsOut):  # type: ignore[valid-type,misc]
    """A customer in a list."""

    total_orders: Count
    total_spent: MoneyNumber
    addresses: list[AddressOut]
    created_at: Moment


_values_of = attrgetter(*(field.attribute for field in BY_NAME.values()))


def customer_fields(customer: Customer | ListedCustomer) -> dict[str, Any]:
    """Return the fields common to all views of a customer."""
    return {
        "id": customer.id,
        **dict(zip(BY_NAME, _values_of(customer), strict=True)),
        "total_orders": customer.total_orders,
        "total_spent": customer.total_spent_cents,
        "addresses": [address_fields(address) for address in customer.addresses],
        "created_at": customer.created_at,
    }


class CustomerListData(ResponseModel):
    """A page of customers."""

    customers: list[CustomerOut]
    total: Annotated[int, Field(examples=[100])]
    page: Annotated[int, Field(examples=[1])]
    limit: Annotated[int, Field(examples=[20])]
    total_is_estimate: Annotated[
        bool | None,
        Field(description="True if there are more than 10,000 matches; else absent.", exclude_if=lambda v: v is None),
    ] = None
    next_cursor: Annotated[
        str | None,
        Field(description="Cursor of the next page; null on the last.", examples=["WyItY3JlYXRlZF9hdCIsNDIsNDJd"]),
    ] = None


class CustomerOrder(ResponseModel):
    """A summary of a customer's order."""

    id: Annotated[int, Field(examples=[101])]
    order_number: Annotated[str, Field(examples=["ORD-260115-7KQ4F"])]
    status: Annotated[str, Field(examples=["completed"])]
    payment_status: Annotated[str, Field(examples=["paid"])]
    total: Money
    currency: Annotated[str, Field(examples=["KES"])]
    order_date: Moment
    created_at: Moment

    @classmethod
    def of(cls, order: OrderRecord) -> Self:
        """Return the summary of an order."""
        return cls(
            id=order.id,
            order_number=order.order_number,
            status=order.status,
            payment_status=order.payment_status,
            total=order.total_cents,
            currency=order.currency,
            order_date=order.order_date,
            created_at=order.created_at,
        )


class CustomerDetail(CustomerOut):
    """A customer with notes and newest orders."""

    notes: list[CustomerNoteOut]
    orders: list[CustomerOrder]

    @classmethod
    def of(cls, customer: Customer, orders: Sequence[OrderRecord] = ()) -> Self:
        """Return a customer, with addresses and notes loaded, and their newest orders."""
        return cls(
            **customer_fields(customer),
            notes=[CustomerNoteOut.of(note) for note in customer.notes],
            orders=[CustomerOrder.of(order) for order in orders],
        )


class CustomerData(ResponseModel):
    """A customer."""

    customer: CustomerDetail


class CustomerResponse(Envelope):
    """A customer."""

    data: CustomerData


class CustomerListResponse(Envelope):
    """A page of customers."""

    data: CustomerListData

    @classmethod
    def of(cls, page: CustomerListPage, query: CustomerListQuery) -> Self:
        """Return a page. Validating it as a whole takes a third of the time of validating each part."""
        data = {
            "customers": [customer_fields(customer) for customer in page.customers],
            "total": page.total,
            "page": query.page,
            "limit": query.limit,
            "total_is_estimate": page.total_is_estimate or None,
            "next_cursor": page.next_cursor,
        }
        return cls.model_validate({"data": data})
