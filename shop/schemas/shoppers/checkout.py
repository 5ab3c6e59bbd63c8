"""Placing an order (``docs/contract/api.md``, section 6)."""

from typing import Annotated, Self

from pydantic import Field

from shop.schemas.envelope import Envelope
from shop.schemas.orders.records import OrderOut, order_fields
from shop.schemas.shoppers.storefront import Cart, CouponCode
from shop.schemas.types import (
    EmailIn,
    Id,
    LongText,
    Money,
    PhoneIn,
    Points,
    RequestModel,
    ResponseModel,
    ShortText,
    Text,
)
from shop.services.loyalty.redemption import RedemptionRequest
from shop.services.orders.placement import Checkout, PlacedOrder
from shop.services.orders.pricing.lines import PostalAddress


class CheckoutCustomer(RequestModel):
    """The customer of the order."""

    email: EmailIn
    first_name: Annotated[Text | None, Field(examples=["Jane"])] = None
    last_name: Annotated[Text | None, Field(examples=["Doe"])] = None
    phone: PhoneIn | None = None


class CheckoutAddress(RequestModel):
    """The shipping address."""

    first_name: Annotated[Text | None, Field(examples=["Jane"])] = None
    last_name: Annotated[Text | None, Field(examples=["Doe"])] = None
    address_1: Annotated[Text | None, Field(examples=["Westlands Road"])] = None
    address_2: Annotated[Text | None, Field(examples=[None])] = None
    city: Annotated[Text | None, Field(examples=["Nairobi"])] = None
    state: Annotated[Text | None, Field(examples=["Nairobi"])] = None
    postal_code: Annotated[ShortText | None, Field(examples=["00100"])] = None
    country: Annotated[Text | None, Field(examples=["Kenya"])] = None

    def address(self, type: str) -> PostalAddress:
        """Return the address as the services take it."""
        return PostalAddress(
            type=type,
            name=" ".join(part for part in (self.first_name, self.last_name) if part)[:200],
            street=", ".join(part for part in (self.address_1, self.address_2) if part),
            city=self.city or "",
            state=self.state or "",
            zip=self.postal_code or "",
            country=self.country or "",
        )


class BillingAddress(CheckoutAddress):
    """The billing address, or ``{"same_as_shipping": true}``."""

    same_as_shipping: Annotated[bool | None, Field(strict=True, examples=[True])] = None


class LoyaltyRedemption(RequestModel):
    """Points to redeem on the order, with the token of a verified code."""

    token: Annotated[str, Field(strict=True, min_length=1, max_length=200, examples=["kq3Tj0s0mXvE6n5mQm1p0W3n"])]
    points: Annotated[int, Field(strict=True, ge=1, le=2**53, examples=[800])]


class CheckoutRequest(RequestModel):
    """An order to place. Prices always come from the catalogue."""

    customer: CheckoutCustomer
    shipping_address: CheckoutAddress | None = None
    billing_address: BillingAddress | None = None
    items: Cart
    shipping_method_id: Annotated[Id | None, Field(examples=[1])] = None
    payment_method: Annotated[Text | None, Field(examples=["mpesa"])] = None
    coupon_code: CouponCode | None = None
    notes: Annotated[LongText | None, Field(examples=["Please ring twice."])] = None
    loyalty_redemption: LoyaltyRedemption | None = None

    def checkout(self) -> Checkout:
        """Return the order as the services take it."""
        spend = self.loyalty_redemption
        return Checkout(
            email=self.customer.email,
            first_name=self.customer.first_name or "",
            last_name=self.customer.last_name or "",
            phone=self.customer.phone,
            lines=[item.line() for item in self.items],
            addresses=self._addresses(),
            shipping_method_id=self.shipping_method_id,
            payment_method=self.payment_method,
            coupon_code=self.coupon_code,
            notes=self.notes,
            redemption=RedemptionRequest(spend.token, spend.points) if spend else None,
        )

    def _addresses(self) -> list[PostalAddress]:
        shipping, billing = self.shipping_address, self.billing_address
        if billing is not None and billing.same_as_shipping:
            billing = None
        found = [shipping.address("shipping")] if shipping else []
        to_bill = billing or shipping
        return [*found, to_bill.address("billing")] if to_bill else found


class OrderLoyalty(ResponseModel):
    """The points of an order."""

    points_redeemed: Annotated[Points, Field(examples=[800])]
    discount: Annotated[Money, Field(examples=["8.00"])]
    points_to_earn: Annotated[Points, Field(examples=[2400])]


OWN_ID = Field(description="Null unless the session is this customer's.", examples=[None])


class PlacedOrderCustomer(ResponseModel):
    """The customer as the request described them. Nothing that the shop has on record is added."""

    id: Annotated[int | None, OWN_ID]
    email: Annotated[str, Field(examples=["customer@example.com"])]
    first_name: Annotated[str, Field(examples=["Jane"])]
    last_name: Annotated[str, Field(examples=["Doe"])]
    phone: Annotated[str | None, Field(examples=["+254712345678"])]


class PlacedOrderOut(OrderOut):
    """An order just placed."""

    customer_id: Annotated[
        int | None, Field(description="Null unless the session is this customer's.", examples=[None])
    ]
    customer: PlacedOrderCustomer  # type: ignore[assignment]
    loyalty: OrderLoyalty
    payment_token: Annotated[
        str,
        Field(description="Lets a guest read this order's payment status.", examples=["Zm9vYmFyYmF6cXV4"]),
    ]


class PlacedOrderData(ResponseModel):
    """An order just placed."""

    order: PlacedOrderOut


class PlacedOrderResponse(Envelope):
    """An order just placed."""

    data: PlacedOrderData

    @classmethod
    def of(cls, placed: PlacedOrder, session_customer_id: int | None) -> Self:
        """Return the response for an order just placed by a session, of a customer or anonymous."""
        order = placed.order
        own_id = order.customer_id if order.customer_id == session_customer_id else None
        loyalty = OrderLoyalty(
            points_redeemed=order.points_redeemed,
            discount=order.points_discount_cents,
            points_to_earn=placed.points_to_earn,
        )
        fields = order_fields(order) | {
            "customer_id": own_id,
            "customer": PlacedOrderCustomer(id=own_id, **placed.contact._asdict()),
        }
        return cls(
            data=PlacedOrderData(order=PlacedOrderOut(**fields, loyalty=loyalty, payment_token=placed.payment_token))
        )
