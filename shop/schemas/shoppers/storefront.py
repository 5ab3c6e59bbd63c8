"""The storefront: loyalty, shipping, coupons (``docs/contract/api.md``, sections 5 and 6)."""

from typing import Annotated, Literal, Self

from pydantic import Field

from shop.schemas.envelope import Envelope
from shop.schemas.loyalty.rules import LoyaltyConfig
from shop.schemas.types import (
    EmailIn,
    Id,
    Money,
    MoneyNumber,
    PhoneIn,
    Points,
    RequestModel,
    ResponseModel,
    Text,
)
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.catalogue.shipping import ShippingQuote
from shop.services.loyalty.redemption import Preview

Reason = Literal[
    "loyalty_disabled",
    "unknown_customer",
    "below_minimum_total",
    "below_minimum_points",
    "nothing_to_discount",
    "not_registered",
    "redemption_held",
]


class NewCartItem(RequestModel):
    """A line of a cart. It has no price: prices come from the catalogue."""

    product_id: Annotated[Id, Field(examples=[1])]
    variant_id: Annotated[Id | None, Field(examples=[None])] = None
    quantity: Annotated[int, Field(strict=True, ge=1, le=100_000, examples=[2])]

    def line(self) -> CartLine:
        """Return the line as the services take it."""
        return CartLine(self.product_id, self.quantity, self.variant_id)


Cart = Annotated[list[NewCartItem], Field(min_length=1, max_length=200)]
CouponCode = Annotated[Text, Field(examples=["WELCOME10"])]


class LoyaltyConfigData(ResponseModel):
    """The public rules of the programme."""

    config: LoyaltyConfig


class LoyaltyConfigResponse(Envelope):
    """The public rules of the programme."""

    data: LoyaltyConfigData


class CustomerLookup(RequestModel):
    """A customer, by e-mail or else by phone; one of them is required."""

    email: EmailIn | None = None
    phone: Annotated[PhoneIn | None, Field(examples=[None])] = None


class PreviewRequest(CustomerLookup):
    """A customer and a cart."""

    items: Cart
    coupon_code: CouponCode | None = None


class PreviewData(ResponseModel):
    """The points that can be redeemed on a cart, and those it would earn."""

    eligible: bool
    balance: Annotated[Points, Field(examples=[1480])]
    max_redeemable_points: Annotated[Points, Field(examples=[1480])]
    estimated_discount_max: Annotated[MoneyNumber, Field(examples=[14.8])]
    reason: Annotated[Reason | None, Field(description="Why no points can be redeemed.", examples=[None])]
    subtotal: Annotated[MoneyNumber, Field(examples=[158])]
    points_to_earn: Annotated[Points, Field(examples=[158])]


class PreviewResponse(Envelope):
    """The points that can be redeemed on a cart."""

    data: PreviewData

    @classmethod
    def of(cls, preview: Preview) -> Self:
        """Return the response for a preview."""
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


class SendCode(CustomerLookup):
    """The customer who asks for a code.

    ``channel`` is used if the shop has it on and the customer can be reached by it; otherwise the shop's order decides.
    """

    channel: Annotated[Literal["email", "sms", "whatsapp"] | None, Field(examples=["email"])] = None


class SentData(ResponseModel):
    """How long a code is valid, and when another can be requested."""

    expires_in_minutes: Annotated[int, Field(examples=[10])]
    resend_after_seconds: Annotated[int, Field(examples=[60])]


class SentResponse(Envelope):
    """The same response whether or not the customer is known."""

    message: Annotated[str, Field(examples=["If this customer exists, we have sent them a code."])]
    data: SentData


class VerifyCode(CustomerLookup):
    """A customer and a code."""

    code: Annotated[str, Field(strict=True, min_length=1, max_length=200, examples=["482913"])]


class TokenData(ResponseModel):
    """A token that allows redeeming points on one order."""

    redemption_token: Annotated[str, Field(examples=["kq3Tj0s0mXvE6n5mQm1p0W3nq3m1sQy1oZt0c7b9x2A"])]
    expires_in_minutes: Annotated[int, Field(examples=[30])]


class TokenResponse(Envelope):
    """A token that allows redeeming points on one order."""

    data: TokenData


class ShippingRequest(RequestModel):
    """A cart and its destination."""

    country: Annotated[str, Field(strict=True, min_length=1, max_length=100, examples=["KE"])]
    state: Annotated[Text | None, Field(examples=["Nairobi"])] = None
    city: Annotated[Text | None, Field(examples=["Nairobi"])] = None
    address: Annotated[Text | None, Field(examples=["Westlands Road"])] = None
    items: Cart


class ShippingMethodOut(ResponseModel):
    """A shipping method and its cost for the cart."""

    id: Annotated[int, Field(examples=[1])]
    name: Annotated[str, Field(examples=["Rider in Nairobi"])]
    cost: Annotated[Money, Field(examples=["250.00"])]
    type: Annotated[str, Field(examples=["flat_rate"])]
    collection: Annotated[bool, Field(description="Whether the customer fetches the order; no address is needed.")]
    pickup_address: Annotated[str, Field(examples=["Ngong Road 4"])]
    pickup_hours: Annotated[str, Field(examples=["Mon-Sat 8-18"])]
    lead_days_min: Annotated[int | None, Field(examples=[1])]
    lead_days_max: Annotated[int | None, Field(examples=[2])]

    @classmethod
    def of(cls, quote: ShippingQuote) -> Self:
        """Return a quote."""
        method = quote.method
        same = {name: getattr(method, name) for name in cls.model_fields if name in method._fields}
        return cls(**same, cost=quote.cost_cents)


class ShippingData(ResponseModel):
    """The shipping methods."""

    methods: list[ShippingMethodOut]


class ShippingResponse(Envelope):
    """The shipping methods."""

    data: ShippingData


class CouponRequest(RequestModel):
    """A coupon to check against a cart."""

    coupon_code: Annotated[str, Field(strict=True, min_length=1, max_length=64, examples=["WELCOME10"])]
    items: Cart


class SettingsData(ResponseModel):
    """The shop's public settings; every value is text."""

    settings: Annotated[
        dict[str, str], Field(examples=[{"store_name": "Duka la Mama Njeri", "shop_name": "Duka la Mama Njeri"}])
    ]


class SettingsResponse(Envelope):
    """The shop's public settings."""

    data: SettingsData


class WidgetTexts(ResponseModel):
    """The points widget's texts by name; ``%(name)s`` stands for a value."""

    language: Annotated[str, Field(examples=["sw"])]
    texts: Annotated[dict[str, str | dict[str, str]], Field(examples=[{"button": "Pointi", "left": "%(n)s zimebaki"}])]
    join_url: Annotated[
        str, Field(description="The page to join the programme.", examples=["https://tuza.example.com/me/duka/join"])
    ]


class WidgetTextsResponse(Envelope):
    """The points widget's texts."""

    data: WidgetTexts
