"""The objects in events (``docs/api/events-and-webhooks.md``)."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field

from shop.domain.events import Noun
from shop.domain.money import stored_digits
from shop.schemas.catalogue.product_records import ProductDetail
from shop.schemas.customers.records import CustomerOut, customer_fields
from shop.schemas.loyalty.entries import EntryOut
from shop.schemas.loyalty.registrations import RegistrationOut
from shop.schemas.orders.records import OrderOut
from shop.schemas.types import Moment, Money, Points, ResponseModel
from shop.services.app_config import app_config
from shop.services.shops.settings import get_settings


class MovedEntry(EntryOut):
    """A ledger entry and whose it is. The sum of ``points`` over all events of a customer is their balance."""

    customer_id: Annotated[int, Field(examples=[42])]
    event: Annotated[str | None, Field(description="What made points come back or go.", examples=[None])]


class MergedCustomers(ResponseModel):
    """A merge: ``customer_id`` was deleted, and ``merged_into`` has their points and orders."""

    id: Annotated[int, Field(examples=[3])]
    customer_id: Annotated[int, Field(examples=[42])]
    merged_into: Annotated[int, Field(examples=[7])]
    points: Points


class ReviewedPayment(ResponseModel):
    """Money that staff must look at."""

    id: Annotated[int, Field(examples=[5])]
    order_id: Annotated[int, Field(examples=[101])]
    kind: Annotated[str, Field(examples=["short"])]
    amount: Money
    reference: Annotated[str | None, Field(examples=["SGH7X2K9QP"])]
    created_at: Moment


class DisabledEndpoint(ResponseModel):
    """A webhook endpoint that Tuza disabled."""

    id: Annotated[int, Field(examples=[2])]
    url: Annotated[str, Field(examples=["https://example.com/webhooks"])]
    disabled_reason: Annotated[
        str, Field(description="`gone` after a 410, `failing` after five days.", examples=["failing"])
    ]


def _registration(registration: Any) -> RegistrationOut:
    url = f"{app_config()['PUBLIC_URL']}/staff/registrations/{registration.id}/id-image"
    return RegistrationOut.of(registration, url)


WITH_MONEY: Final = frozenset({Noun.CUSTOMER, Noun.ORDER, Noun.PAYMENT, Noun.PRODUCT})
PRESENTERS: Final[dict[Noun, Callable[[Any], BaseModel]]] = {
    Noun.CUSTOMER: lambda customer: CustomerOut(**customer_fields(customer)),
    Noun.MERGE: lambda fields: MergedCustomers(**fields),
    Noun.ENTRY: lambda fields: MovedEntry(**fields),
    Noun.ORDER: OrderOut.of,
    Noun.PAYMENT: lambda fields: ReviewedPayment(**fields),
    Noun.PRODUCT: ProductDetail.of,
    Noun.REGISTRATION: _registration,
    Noun.ENDPOINT: lambda fields: DisabledEndpoint(**fields),
}


def present(noun: Noun, found: Any) -> Any:
    """Return what is shown of an object: of a record or model of ours, or of its fields; as a JSON column takes it."""
    shown = PRESENTERS[noun](found)
    if noun not in WITH_MONEY:
        return shown
    currency = found.currency if noun is Noun.ORDER else get_settings().currency
    if stored_digits(currency) == stored_digits(""):
        return shown
    return shown.model_dump(mode="json", context=lambda: currency)
