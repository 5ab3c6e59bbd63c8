"""Wishes to take part in the programme on the wire (``docs/contract/api.md``, sections 2, 4 and 5)."""

from typing import Annotated, Literal, Self

from pydantic import Field

from shop.models import LoyaltyRegistration
from shop.schemas.envelope import Envelope
from shop.schemas.orders import OrderCustomer
from shop.schemas.shoppers import OwnRegistrationOut, RegistrationStatus
from shop.schemas.types import Count, In, LongText, Moment, OffsetQuery, Out, PageQuery, PhoneIn, Text

Reason = Annotated[
    str,
    Field(strict=True, min_length=1, max_length=1000, pattern=r"\S", examples=["The picture is too dark to read."]),
]


class RegistrationForm(In):
    """A wish to take part, as a form. ``id_image`` is a picture of an ID card: JPEG, PNG or WebP."""

    full_name: Annotated[Text, Field(min_length=1, examples=["Jane Doe"])]
    phone: Annotated[PhoneIn, Field(min_length=1)]
    id_image: Annotated[
        str | None,
        Field(
            description="The file. Needed where the shop's setting loyalty_optin_id_required says so.",
            examples=["the bytes of the file"],
        ),
    ] = None


class OwnRegistrationData(Out):
    """How a shopper's wish to take part stands."""

    registration: OwnRegistrationOut


class OwnRegistrationAnswer(Envelope):
    """How a shopper's wish to take part stands."""

    data: OwnRegistrationData


class RegistrationListQuery(PageQuery):
    """Which registrations."""

    status: RegistrationStatus | None = None


class RegistrationOffsetQuery(OffsetQuery):
    """Which registrations."""

    status: RegistrationStatus | None = None


class Rejection(In):
    """Why a registration is rejected; the customer reads it."""

    reason: Reason


class Decision(In):
    """What becomes of a registration; a rejection needs its reason."""

    status: Annotated[Literal["pending", "approved", "rejected"], Field(examples=["rejected"])]
    rejection_reason: Annotated[LongText | None, Field(examples=["The picture is too dark to read."])] = None


class RegistrationOut(Out):
    """A wish to take part. ``id_image_url`` opens for signed-in managers and owners alone; null without a picture."""

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
        """A registration with its customer loaded; the address is where its picture would be."""
        own = {name: getattr(registration, name) for name in OwnRegistrationOut.model_fields}
        return cls(
            **own,
            customer_id=registration.customer_id,
            id_image_url=id_image_url if registration.id_image else None,
            customer=OrderCustomer.of(registration.customer),
        )


class RegistrationData(Out):
    """A wish to take part."""

    registration: RegistrationOut


class RegistrationAnswer(Envelope):
    """A wish to take part."""

    data: RegistrationData

    @classmethod
    def of(cls, registration: LoyaltyRegistration, id_image_url: str) -> Self:
        """The answer for a registration, whose picture would be at the address."""
        return cls(data=RegistrationData(registration=RegistrationOut.of(registration, id_image_url)))


class RegistrationListData(Out):
    """A page of registrations."""

    registrations: list[RegistrationOut]
    total: Count
    page: Annotated[int, Field(examples=[1])]
    limit: Annotated[int, Field(examples=[20])]


class RegistrationListAnswer(Envelope):
    """A page of registrations, newest first."""

    data: RegistrationListData


class RegistrationStretchData(Out):
    """A stretch of the registrations."""

    registrations: list[RegistrationOut]
    total: Count
    limit: Annotated[int, Field(examples=[50])]
    offset: Annotated[int, Field(examples=[0])]


class RegistrationStretchAnswer(Envelope):
    """A stretch of the registrations, newest first."""

    data: RegistrationStretchData
