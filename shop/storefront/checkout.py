"""Checkout by the storefront door (``docs/contract/api.md``, section 6)."""

from flask import current_app, g

from shop.schemas.checkout import CheckoutRequest, PlacedOrderAnswer
from shop.schemas.payments import (
    BegunAnswer,
    GatewayAnswer,
    GatewayData,
    GatewayOut,
    PaymentRequest,
    PaymentStatusAnswer,
    PaymentStatusQuery,
)
from shop.schemas.storefront import (
    CouponAnswer,
    CouponData,
    CouponRequest,
    ShippingAnswer,
    ShippingData,
    ShippingMethodOut,
    ShippingRequest,
)
from shop.services.catalogue.coupons import try_coupon
from shop.services.catalogue.payment_methods import list_payment_methods
from shop.services.catalogue.shipping import quote_cart
from shop.services.payments.config import PaymentPolicy
from shop.services.payments.start import process_payment, with_attempt
from shop.services.shoppers.carts import place_order_from
from shop.services.shoppers.profile import get_order_to_pay
from shop.storefront import blueprint
from shop.storefront.session import is_own_page, keep, shopper
from shop.web.endpoint import endpoint

TAG = "Checkout"


@blueprint.post("/checkout/create-order")
@endpoint(PlacedOrderAnswer, tag=TAG, body=CheckoutRequest, status=201, errors=[409], idempotent=True)
def storefront_order_create(body: CheckoutRequest) -> PlacedOrderAnswer:
    """Place an order

    The order, the points taken, the used-up token, the coupon's use, the stock and the outgoing messages are one
    transaction: all or nothing. What was ordered leaves the session's cart. The session may pay the order without the
    payment token; a guest's page without a session is given one.
    """
    placed, token = place_order_from(shopper(), body.checkout(), begin=is_own_page())
    if token is not None:
        keep(token)
    g.order_id = placed.order.id  # for the access log
    return PlacedOrderAnswer.of(placed)


@blueprint.post("/checkout/calculate-shipping")
@endpoint(ShippingAnswer, tag=TAG, body=ShippingRequest)
def storefront_shipping_calculate(body: ShippingRequest) -> ShippingAnswer:
    """List the ways to deliver a cart, with their cost"""
    quotes = quote_cart([item.line() for item in body.items], body.country)
    return ShippingAnswer(data=ShippingData(methods=[ShippingMethodOut.of(quote) for quote in quotes]))


@blueprint.get("/checkout/payment-gateways")
@endpoint(GatewayAnswer, tag=TAG)
def storefront_gateway_list() -> GatewayAnswer:
    """List the ways to pay"""
    methods = list_payment_methods()
    return GatewayAnswer(data=GatewayData(gateways=[GatewayOut.of(method) for method in methods]))


@blueprint.post("/checkout/validate-coupon")
@endpoint(CouponAnswer, tag=TAG, body=CouponRequest)
def storefront_coupon_validate(body: CouponRequest) -> CouponAnswer:
    """Try a coupon on a cart"""
    applied, subtotal = try_coupon(body.coupon_code, [item.line() for item in body.items])
    coupon = applied.coupon
    data = CouponData(
        valid=True,
        code=coupon.code,
        type="percentage" if coupon.type == "percentage" else "fixed",
        value=coupon.value,
        subtotal=subtotal,
        discount=applied.discount_cents,
    )
    return CouponAnswer(data=data)


@blueprint.post("/checkout/process-payment")
@endpoint(BegunAnswer, tag=TAG, body=PaymentRequest, errors=[409])
def storefront_payment_process(body: PaymentRequest) -> BegunAnswer:
    """Begin the payment of an order

    With the payment token of the answer that made the order, signed in as the customer whose it is, or from the session
    that placed it. Asking again says the same again; another way to pay than
    the order was placed with becomes the order's.
    """
    phone = body.payment_data.phone if body.payment_data else None
    policy = PaymentPolicy.of(current_app.config)
    begun = process_payment(body.order_id, body.gateway_name, body.token, shopper=shopper(), phone=phone, policy=policy)
    return BegunAnswer.of(begun)


@blueprint.get("/orders/<id:order_id>/payment-status")
@endpoint(PaymentStatusAnswer, tag=TAG, query=PaymentStatusQuery, errors=[404])
def storefront_payment_status(order_id: int, query: PaymentStatusQuery) -> PaymentStatusAnswer:
    """See how an order's payment stands

    With the payment token of the answer that made the order, signed in as the customer whose it is, or from the session
    that placed it.
    """
    return PaymentStatusAnswer.of(with_attempt(get_order_to_pay(shopper(), order_id, query.payment_token)))
