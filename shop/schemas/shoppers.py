"""What a signed-in shopper sees and changes of her own, on the wire (``docs/contract/api.md``, sections 5 and 6)."""

from typing import Annotated, Literal, Self

from pydantic import AliasChoices, Field

from shop.domain.statuses import OrderStatus
from shop.models import Address, LoyaltyRegistration
from shop.queries.loyalty.self_service import ShopperPoints
from shop.schemas.envelope import Envelope
from shop.schemas.loyalty import Rate
from shop.schemas.orders import OrderNoteOut, OrderOut, order_fields
from shop.schemas.own_points import OwnEntryOut
from shop.schemas.types import Count, EmailIn, In, Moment, MoneyNumber, Out, PageQuery, PhoneIn, Points, ShortText, Text
from shop.services.customers.details import AddressAsGiven
from shop.services.orders.repository import OrderRecord

RegistrationStatus = Literal["pending", "approved", "rejected"]


class Profile(In):
    """What a shopper says about herself; what is left out stays. Her e-mail may come along, but not change."""

    first_name: Annotated[Text | None, Field(examples=["Jane"])] = None
    last_name: Annotated[Text | None, Field(examples=["Doe"])] = None
    phone: PhoneIn | None = None
    email: EmailIn | None = None


class OwnAddress(In):
    """An address. The names that a checkout uses are taken as well: ``address_1``, ``address_2``, ``postal_code``."""

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
        """The address in the house's words."""
        return AddressAsGiven(
            type=self.type,
            address1=self.address1,
            address2=self.address2 or "",
            city=self.city,
            state=self.state or "",
            zip=self.zip or "",
            country=self.country or "",
        )


class OwnAddressOut(Out):
    """One of a shopper's addresses."""

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
        """An address as it is shown."""
        return cls(**{name: getattr(address, name) for name in cls.model_fields})


class OwnAddressListData(Out):
    """A shopper's addresses."""

    addresses: list[OwnAddressOut]


class OwnAddressListAnswer(Envelope):
    """A shopper's addresses."""

    data: OwnAddressListData


class OwnAddressData(Out):
    """One of a shopper's addresses."""

    address: OwnAddressOut


class OwnAddressAnswer(Envelope):
    """One of a shopper's addresses."""

    data: OwnAddressData


class OwnOrderListQuery(PageQuery):
    """Which of a shopper's orders."""

    status: OrderStatus | None = None


class OwnOrderOut(OrderOut):
    """An order as its customer sees it: with her own words, and without the staff's."""

    @classmethod
    def of(cls, order: OrderRecord) -> Self:
        """An order, whole."""
        notes = [OrderNoteOut.of(note) for note in order.notes if note.author == "Customer"]
        return cls(**order_fields(order) | {"notes": notes, "api_label": None})


class OwnOrderListData(Out):
    """A page of a shopper's orders."""

    orders: list[OwnOrderOut]
    total: Count
    page: Annotated[int, Field(examples=[1])]
    limit: Annotated[int, Field(examples=[20])]


class OwnOrderListAnswer(Envelope):
    """A page of a shopper's orders, newest first."""

    data: OwnOrderListData


class OwnOrderData(Out):
    """One of a shopper's orders."""

    order: OwnOrderOut


class OwnOrderAnswer(Envelope):
    """One of a shopper's orders."""

    data: OwnOrderData


class OwnRegistrationOut(Out):
    """How a shopper's wish to take part stands."""

    id: Annotated[int, Field(examples=[4])]
    full_name: Annotated[str, Field(examples=["Jane Doe"])]
    phone: Annotated[str | None, Field(examples=["+254712345678"])]
    status: RegistrationStatus
    rejection_reason: Annotated[str | None, Field(examples=[None])]
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, registration: LoyaltyRegistration) -> Self:
        """A registration as its owner sees it."""
        return cls(**{name: getattr(registration, name) for name in cls.model_fields})


class ShopperPointsData(Out):
    """What a shopper has, what the programme asks for, and her newest entries (at most 50)."""

    enabled: bool
    balance: Annotated[Points, Field(examples=[1480])]
    worth: Annotated[MoneyNumber, Field(examples=[14.8])]
    lifetime_earned: Annotated[Points, Field(examples=[8380])]
    points_per_currency_unit: Annotated[Rate, Field(examples=[1])]
    points_per_currency_discount: Rate
    max_redeem_percent: Annotated[Rate, Field(examples=[50])]
    min_points_to_redeem: Annotated[int, Field(examples=[1])]
    min_checkout_total: Annotated[MoneyNumber, Field(examples=[0])]
    optin_required: Annotated[bool, Field(examples=[False])]
    optin_id_required: Annotated[bool, Field(examples=[False])]
    registration_status: Annotated[RegistrationStatus | None, Field(examples=["approved"])]
    registration: OwnRegistrationOut | None
    ledger: list[OwnEntryOut]


class ShopperPointsAnswer(Envelope):
    """What a shopper has."""

    data: ShopperPointsData

    @classmethod
    def of(cls, own: ShopperPoints) -> Self:
        """The answer for a shopper's points."""
        rules, registration = own.rules, own.registration
        return cls(
            data=ShopperPointsData(
                enabled=rules.enabled,
                balance=own.balance,
                worth=own.worth_cents,
                lifetime_earned=own.lifetime_earned,
                points_per_currency_unit=rules.points_per_currency_unit,
                points_per_currency_discount=rules.points_per_currency_discount,
                max_redeem_percent=rules.max_redeem_percent,
                min_points_to_redeem=rules.min_points_to_redeem,
                min_checkout_total=rules.min_checkout_total_cents,
                optin_required=rules.optin_required,
                optin_id_required=rules.optin_id_required,
                registration_status=registration.status if registration else None,  # type: ignore[arg-type]
                registration=OwnRegistrationOut.of(registration) if registration else None,
                ledger=[OwnEntryOut.of(entry) for entry in own.entries],
            )
        )
