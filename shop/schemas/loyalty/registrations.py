"""Loyalty registrations (``docs/contract/api.md``, sections 2, 4 and 5)."""

from typing import Annotated, Literal, Self

from pydantic import Field

from shop.models import LoyaltyRegistration
from shop.schemas.envelope import Envelope
from shop.schemas.orders.parts import OrderCustomer
from shop.schemas.shoppers.own_data import OwnRegistrationOut, RegistrationStatus
from shop.schemas.types import (
    Count,
    LongText,
    Moment,
    OffsetQuery,
    PageQuery,
    PhoneIn,
    RequestModel,
    ResponseModel,
    Text,
)

Reason = Annotated[
    str,
    Field(strict=True, min_length=1, max_length=1000, pattern=r"\S", examples=["The picture is too dark to read."]),
]


class RegistrationForm(RequestModel):
    """A registration, as a form. ``id_image`` is a picture of an ID card: JPEG, PNG or WebP."""

    full_name: Annotated[Text, Field(min_length=1, examples=["Jane Doe"])]
    phone: Annotated[PhoneIn, Field(min_length=1)]
    id_image: Annotated[
        str | None,
        Field(
            description="The file. Required if the shop's setting loyalty_optin_id_required is true.",
            examples=["the bytes of the file"],
        ),
    ] = None


class OwnRegistrationData(ResponseModel):
    """The shopper's registration."""

    registration: OwnRegistrationOut


class OwnRegistrationResponse(Envelope):
    """The shopper's registration."""

    data: OwnRegistrationData


class RegistrationListQuery(PageQuery):
    """Filter and page of registrations."""

    status: RegistrationStatus | None = None


class RegistrationOffsetQuery(OffsetQuery):
    """Filter and page of registrations."""

    status: RegistrationStatus | None = None


class Rejection(RequestModel):
    """The reason for a rejection; the customer sees it."""

    reason: Reason


class Decision(RequestModel):
    """The decision on a registration; a rejection needs a reason."""

    status: Annotated[Literal["pending", "approved", "rejected"], Field(examples=["rejected"])]
    rejection_reason: Annotated[
        LongText | None, Field(max_length=1000, examples=["The picture is too dark to read."])
    ] = None


class RegistrationOut(ResponseModel):
    """A registration. Only signed-in managers and owners can open ``id_image_url``; null without a picture."""

    id: Annotated[int, Field(examples=[4])]
    customer_id: Annotated[int, Field(examples=[42])]
    full_name: Annotated[str, Field(examples=["Jane Doe"])]
    phone: Annotated[str | None, Field(examples=["+254712345678"])]
    status: RegistrationStatus
    id_image_url: Annotated[str | None, Field(examples=["https://tuza.example.com/staff/registrations/4/id-image"])]
    rejection_reason: Annotated[str | None, Field(examples=[None])]
    created_at: Moment
    updated_at: Moment
    customer: OrderCustomer

    @classmethod
    def of(cls, registration: LoyaltyRegistration, id_image_url: str) -> Self:
        """Return a registration with its customer; ``id_image_url`` is used if it has a picture."""
        own = {name: getattr(registration, name) for name in OwnRegistrationOut.model_fields}
        return cls(
            **own,
            customer_id=registration.customer_id,
            id_image_url=id_image_url if registration.id_image else None,
            customer=OrderCustomer.of(registration.customer),
        )


class RegistrationData(ResponseModel):
    """A registration."""

    registration: RegistrationOut


class RegistrationResponse(Envelope):
    """A registration."""

    data: RegistrationData

    @classmethod
    def of(cls, registration: LoyaltyRegistration, id_image_url: str) -> Self:
        """Return the response for a registration."""
        return cls(data=RegistrationData(registration=RegistrationOut.of(registration, id_image_url)))


class RegistrationListData(ResponseModel):
    """A page of registrations."""

    registrations: list[RegistrationOut]
    total: Count
    page: Annotated[int, Field(examples=[1])]
    limit: Annotated[int, Field(examples=[20])]


class RegistrationListResponse(Envelope):
    """A page of registrations, newest first."""

    data: RegistrationListData


class RegistrationOffsetData(ResponseModel):
    """Registrations by offset."""

    registrations: list[RegistrationOut]
    total: Count
    limit: Annotated[int, Field(examples=[50])]
    offset: Annotated[int, Field(examples=[0])]


class RegistrationOffsetResponse(Envelope):
    """Registrations, newest first."""

    data: RegistrationOffsetData
