"""The signed-in shopper's own records (``docs/contract/api.md``, sections 5 and 6)."""

from typing import Annotated, Literal, Self

from pydantic import AliasChoices, Field

from shop.domain.statuses import OrderStatus
from shop.models import Address, LoyaltyRegistration
from shop.queries.loyalty.self_service import ShopperPoints
from shop.schemas.envelope import Envelope
from shop.schemas.loyalty.own_points import OwnEntryOut
from shop.schemas.loyalty.rules import RedemptionRules, rule_fields
from shop.schemas.orders.parts import OrderNoteOut
from shop.schemas.orders.records import OrderOut, order_fields
from shop.schemas.types import (
    Count,
    EmailIn,
    Moment,
    MoneyNumber,
    PageQuery,
    PhoneIn,
    Points,
    RequestModel,
    ResponseModel,
    ShortText,
    Text,
)
from shop.services.customers.addresses import AddressAsGiven
from shop.services.orders.repository import OrderRecord

RegistrationStatus = Literal["pending", "approved", "rejected"]


class Profile(RequestModel):
    """Changes to the shopper's profile; missing fields are kept. An e-mail may be sent, but cannot change."""

    first_name: Annotated[Text | None, Field(examples=["Jane"])] = None
    last_name: Annotated[Text | None, Field(examples=["Doe"])] = None
    phone: PhoneIn | None = None
    email: EmailIn | None = None


class OwnAddress(RequestModel):
    """An address. The checkout's field names are accepted too: ``address_1``, ``address_2``, ``postal_code``."""

    type: Annotated[Literal["shipping", "billing"], Field(examples=["shipping"])] = "shipping"
    address1: Annotated[
        Text, Field(min_length=1, validation_alias=AliasChoices("address1", "address_1"), examples=["Westlands Road"])
    ]
    address2: Annotated[
        Text | None, Field(validation_alias=AliasChoices("address2", "address_2"), examples=["Flat 2"])
    ] = None
    city: Annotated[Text, Field(min_length=1, examples=["Nairobi"])]
    state: Annotated[Text | None, Field(examples=["Nairobi"])] = None
    zip: Annotated[ShortText | None, Field(validation_alias=AliasChoices("zip", "postal_code"), examples=["00100"])] = (
        None
    )
    country: Annotated[Text | None, Field(examples=["Kenya"])] = None

    @property
    def given(self) -> AddressAsGiven:
        """Return the address as the services take it."""
        return AddressAsGiven(
            type=self.type,
            address1=self.address1,
            address2=self.address2 or "",
            city=self.city,
            state=self.state or "",
            zip=self.zip or "",
            country=self.country or "",
        )


class OwnAddressOut(ResponseModel):
    """An address of the shopper."""

    id: Annotated[int, Field(examples=[1])]
    type: Annotated[str, Field(examples=["shipping"])]
    address1: Annotated[str, Field(examples=["Westlands Road"])]
    address2: Annotated[str, Field(examples=["Flat 2"])]
    city: Annotated[str, Field(examples=["Nairobi"])]
    state: Annotated[str, Field(examples=["Nairobi"])]
    zip: Annotated[str, Field(examples=["00100"])]
    country: Annotated[str, Field(examples=["Kenya"])]

    @classmethod
    def of(cls, address: Address) -> Self:
        """Return an address."""
        return cls(**{name: getattr(address, name) for name in cls.model_fields})


class OwnAddressListData(ResponseModel):
    """The shopper's addresses."""

    addresses: list[OwnAddressOut]


class OwnAddressListResponse(Envelope):
    """The shopper's addresses."""

    data: OwnAddressListData


class OwnAddressData(ResponseModel):
    """An address of the shopper."""

    address: OwnAddressOut


class OwnAddressResponse(Envelope):
    """An address of the shopper."""

    data: OwnAddressData


class OwnOrderListQuery(PageQuery):
    """Filter and page of the shopper's orders."""

    status: OrderStatus | None = None


class OwnOrderOut(OrderOut):
    """An order as its customer sees it: with the customer's note, without staff notes."""

    @classmethod
    def of(cls, order: OrderRecord) -> Self:
        """Return an order."""
        notes = [OrderNoteOut.of(note) for note in order.notes if note.author == "Customer" or note.is_shared]
        return cls(**order_fields(order) | {"notes": notes, "api_label": None, "external_id": None, "metadata": {}})


class OwnOrderListData(ResponseModel):
    """A page of the shopper's orders."""

    orders: list[OwnOrderOut]
    total: Count
    page: Annotated[int, Field(examples=[1])]
    limit: Annotated[int, Field(examples=[20])]


class OwnOrderListResponse(Envelope):
    """A page of the shopper's orders, newest first."""

    data: OwnOrderListData


class OwnOrderData(ResponseModel):
    """An order of the shopper."""

    order: OwnOrderOut


class OwnOrderResponse(Envelope):
    """An order of the shopper."""

    data: OwnOrderData


class OwnRegistrationOut(ResponseModel):
    """The shopper's registration."""

    id: Annotated[int, Field(examples=[4])]
    full_name: Annotated[str, Field(examples=["Jane Doe"])]
    phone: Annotated[str | None, Field(examples=["+254712345678"])]
    status: RegistrationStatus
    rejection_reason: Annotated[str | None, Field(examples=[None])]
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, registration: LoyaltyRegistration) -> Self:
        """Return a registration as its customer sees it."""
        return cls(**{name: getattr(registration, name) for name in cls.model_fields})


class ShopperPointsData(RedemptionRules):
    """The shopper's points, the programme's rules, and the newest entries (at most 50)."""

    balance: Annotated[Points, Field(examples=[1480])]
    worth: Annotated[MoneyNumber, Field(examples=[14.8])]
    lifetime_earned: Annotated[Points, Field(examples=[8380])]
    registration_status: Annotated[RegistrationStatus | None, Field(examples=["approved"])]
    registration: OwnRegistrationOut | None
    ledger: list[OwnEntryOut]


class ShopperPointsResponse(Envelope):
    """The shopper's points."""

    data: ShopperPointsData

    @classmethod
    def of(cls, own: ShopperPoints) -> Self:
        """Return the response for a shopper's points."""
        registration = OwnRegistrationOut.of(own.registration) if own.registration else None
        data = ShopperPointsData(
            **rule_fields(own.rules, RedemptionRules),
            balance=own.balance,
            worth=own.worth_cents,
            lifetime_earned=own.lifetime_earned,
            registration_status=registration.status if registration else None,
            registration=registration,
            ledger=[OwnEntryOut.of(entry) for entry in own.entries],
        )
        return cls(data=data)
