"""The storefront on the wire: loyalty, delivery, coupons (``docs/contract/api.md``, sections 5 and 6)."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field

from shop.domain.points import LoyaltyRules, cents_for_one_point
from shop.schemas.envelope import Envelope
from shop.schemas.loyalty import Rate
from shop.schemas.types import (
    EmailIn,
    Id,
    In,
    Money,
    MoneyNumber,
    Out,
    PhoneIn,
    Points,
    Text,
)
from shop.services.catalogue.products import CartLine
from shop.services.catalogue.shipping import ShippingQuote
from shop.services.loyalty.redemption import Preview

Reason = Literal[
    "loyalty_disabled",
    "unknown_customer",
    "below_minimum_total",
    "below_minimum_points",
    "nothing_to_discount",
    "not_registered",
]


class CartItem(In):
    """A line of a cart. It carries no price: prices come from the catalogue."""

    product_id: Annotated[Id, Field(examples=[1])]
    variant_id: Annotated[Id | None, Field(examples=[None])] = None
    quantity: Annotated[int, Field(strict=True, ge=1, le=100_000, examples=[2])]

    def line(self) -> CartLine:
        """The line in the house's words."""
        return CartLine(self.product_id, self.quantity, self.variant_id)


Cart = Annotated[list[CartItem], Field(min_length=1, max_length=200)]
CouponCode = Annotated[Text, Field(examples=["WELCOME10"])]


class LoyaltyConfig(Out):
    """What a checkout may know of the programme."""

    enabled: bool
    points_per_currency_unit: Annotated[Rate, Field(examples=[1])]
    one_point_from: Annotated[
        MoneyNumber | None, Field(description="Amount of goods worth one point; null: nothing earns.", examples=[1])
    ]
    min_order_subtotal_to_earn: Annotated[MoneyNumber, Field(examples=[0])]
    points_per_currency_discount: Rate
    max_redeem_percent: Annotated[Rate, Field(examples=[50])]
    min_points_to_redeem: Annotated[int, Field(examples=[1])]
    min_checkout_total: Annotated[MoneyNumber, Field(examples=[0])]
    otp_ttl_minutes: Annotated[int, Field(examples=[10])]
    redemption_token_ttl_minutes: Annotated[int, Field(examples=[30])]
    optin_required: Annotated[bool, Field(examples=[False])]
    optin_id_required: Annotated[bool, Field(examples=[False])]

    @classmethod
    def of(cls, rules: LoyaltyRules) -> Self:
        """The public part of the rules."""
        return cls(
            enabled=rules.enabled,
            points_per_currency_unit=rules.points_per_currency_unit,
            one_point_from=cents_for_one_point(rules),
            min_order_subtotal_to_earn=rules.min_order_subtotal_to_earn_cents,
            points_per_currency_discount=rules.points_per_currency_discount,
            max_redeem_percent=rules.max_redeem_percent,
            min_points_to_redeem=rules.min_points_to_redeem,
            min_checkout_total=rules.min_checkout_total_cents,
            otp_ttl_minutes=rules.otp_ttl_minutes,
            redemption_token_ttl_minutes=rules.redemption_token_ttl_minutes,
            optin_required=rules.optin_required,
            optin_id_required=rules.optin_id_required,
        )


class LoyaltyConfigData(Out):
    """What a checkout may know of the programme."""

    config: LoyaltyConfig


class LoyaltyConfigAnswer(Envelope):
    """What a checkout may know of the programme."""

    data: LoyaltyConfigData


class Person(In):
    """Somebody, by e-mail or else by phone; one of the two is required."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["email"]}, {"required": ["phone"]}]})

    email: EmailIn | None = None
    phone: Annotated[PhoneIn | None, Field(examples=[None])] = None


class PreviewRequest(Person):
    """Whose points, and on which cart."""

    items: Cart
    coupon_code: CouponCode | None = None


class PreviewData(Out):
    """What can be redeemed on a cart, and what the cart would earn."""

    eligible: bool
    balance: Annotated[Points, Field(examples=[1480])]
    max_redeemable_points: Annotated[Points, Field(examples=[1480])]
    estimated_discount_max: Annotated[MoneyNumber, Field(examples=[14.8])]
    reason: Annotated[Reason | None, Field(description="Why nothing can be redeemed.", examples=[None])]
    subtotal: Annotated[MoneyNumber, Field(examples=[158])]
    points_to_earn: Annotated[Points, Field(examples=[158])]


class PreviewAnswer(Envelope):
    """What can be redeemed on a cart."""

    data: PreviewData

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """The answer for a preview."""
        return cls(
            data=PreviewData(
                eligible=preview.possible.eligible,
                balance=preview.balance,
                max_redeemable_points=preview.possible.max_points,
                estimated_discount_max=preview.possible.max_discount_cents,
                reason=preview.possible.reason,
                subtotal=preview.subtotal_cents,
                points_to_earn=preview.points_to_earn,
            )
        )


class SendCode(Person):
    """Who wants a code. Codes go by e-mail; another channel is a wish that is met once the shop has one."""

    channel: Annotated[Literal["email", "sms", "whatsapp"] | None, Field(examples=["email"])] = None


class SentData(Out):
    """How long a code is good, and when another may be asked for."""

    expires_in_minutes: Annotated[int, Field(examples=[10])]
    resend_after_seconds: Annotated[int, Field(examples=[60])]


class SentAnswer(Envelope):
    """The same answer whether or not the customer is known."""

    message: Annotated[
        str, Field(examples=["If we know this customer, a code is on its way to the e-mail address we have."])
    ]
    data: SentData


class VerifyCode(Person):
    """Who has which code."""

    code: Annotated[str, Field(strict=True, min_length=1, max_length=200, examples=["482913"])]


class TokenData(Out):
    """Leave to spend points on one order."""

    redemption_token: Annotated[str, Field(examples=["kq3Tj0s0mXvE6n5mQm1p0W3nq3m1sQy1oZt0c7b9x2A"])]
    expires_in_minutes: Annotated[int, Field(examples=[30])]


class TokenAnswer(Envelope):
    """Leave to spend points on one order."""

    data: TokenData


class ShippingRequest(In):
    """A cart and where it goes."""

    country: Annotated[str, Field(strict=True, min_length=1, max_length=100, examples=["KE"])]
    state: Annotated[Text | None, Field(examples=["Nairobi"])] = None
    city: Annotated[Text | None, Field(examples=["Nairobi"])] = None
    address: Annotated[Text | None, Field(examples=["Westlands Road"])] = None
    items: Cart


class ShippingMethodOut(Out):
    """A way to deliver and what it costs for this cart."""

    id: Annotated[int, Field(examples=[1])]
    name: Annotated[str, Field(examples=["Rider in Nairobi"])]
    cost: Annotated[Money, Field(examples=["250.00"])]
    type: Annotated[str, Field(examples=["flat_rate"])]

    @classmethod
    def of(cls, quote: ShippingQuote) -> Self:
        """A quote as it is shown."""
        return cls(id=quote.method.id, name=quote.method.name, cost=quote.cost_cents, type=quote.method.type)


class ShippingData(Out):
    """The ways to deliver."""

    methods: list[ShippingMethodOut]


class ShippingAnswer(Envelope):
    """The ways to deliver."""

    data: ShippingData


class CouponRequest(In):
    """A coupon to try on a cart."""

    coupon_code: Annotated[str, Field(strict=True, min_length=1, max_length=64, examples=["WELCOME10"])]
    items: Cart


class CouponData(Out):
    """What a coupon takes off a cart. ``value`` is per cent or money, by ``type``."""

    valid: Literal[True]
    code: Annotated[str, Field(examples=["WELCOME10"])]
    type: Literal["percentage", "fixed"]
    value: Annotated[Money, Field(examples=["10.00"])]
    subtotal: Annotated[MoneyNumber, Field(examples=[158])]
    discount: Annotated[MoneyNumber, Field(examples=[15.8])]


class CouponAnswer(Envelope):
    """What a coupon takes off a cart."""

    data: CouponData


class SettingsData(Out):
    """The shop's public settings; every value is a text."""

    settings: Annotated[
        dict[str, str], Field(examples=[{"store_name": "Duka la Mama Njeri", "shop_name": "Duka la Mama Njeri"}])
    ]


class SettingsAnswer(Envelope):
    """The shop's public settings."""

    data: SettingsData
