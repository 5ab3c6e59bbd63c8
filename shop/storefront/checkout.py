"""Checkout (``docs/contract/api.md``, section 6)."""

from flask import current_app, g

from shop.domain.pricing.shipping import Destination
from shop.schemas.catalogue.coupons import CouponResponse
from shop.schemas.payments import (
    BegunResponse,
    GatewayData,
    GatewayOut,
    GatewayResponse,
    PaymentRequest,
    PaymentStatusQuery,
    PaymentStatusResponse,
)
from shop.schemas.shoppers.checkout import CheckoutRequest, PlacedOrderResponse
from shop.schemas.shoppers.storefront import (
    CouponRequest,
    ShippingData,
    ShippingMethodOut,
    ShippingRequest,
    ShippingResponse,
)
from shop.services.catalogue.coupons import try_coupon
from shop.services.catalogue.payment_methods import list_payment_methods
from shop.services.catalogue.shipping import quote_cart
from shop.services.payments.config import PaymentConfig
from shop.services.payments.start import start_payment, with_attempt
from shop.services.shoppers.carts import place_order_from
from shop.services.shoppers.profile import get_order_to_pay
from shop.storefront import blueprint
from shop.storefront.session import current_shopper, names_own_origin, set_session_cookie
from shop.web.i18n import translate
from shop.web.json_api.endpoint import endpoint
from shop.web.request_context import client_address

TAG = "Checkout"


@blueprint.post("/checkout/create-order")
@endpoint(PlacedOrderResponse, tag=TAG, body=CheckoutRequest, status=201, errors=[409], idempotent=True)
def storefront_order_create(body: CheckoutRequest) -> PlacedOrderResponse:
    """Place an order

    The order, the redeemed points, the used token, the coupon's use, the stock and the outgoing messages are one
    transaction: all or nothing. Ordered items leave the session's cart. The session may pay the order without the
    payment token; a guest's page without a session gets one. `customer` repeats what the request said; ids of customers
    are null unless the session is that customer's.
    """
    shopper = current_shopper()
    placed, token = place_order_from(shopper, body.checkout(), begin=names_own_origin(), address=client_address())
    if token is not None:
        set_session_cookie(token)
    g.order_id = placed.order.id  # for the access log
    return PlacedOrderResponse.of(placed, shopper.customer_id if shopper else None)


@blueprint.post("/checkout/calculate-shipping")
@endpoint(ShippingResponse, tag=TAG, body=ShippingRequest)
def storefront_shipping_calculate(body: ShippingRequest) -> ShippingResponse:
    """List shipping methods and their cost for a cart

    Those that deliver to the address, with what each costs for the cart.
    """
    quotes = quote_cart(
        [item.line() for item in body.items],
        Destination(body.country, body.state or "", body.city or "", body.address or ""),
    )
    return ShippingResponse(data=ShippingData(methods=[ShippingMethodOut.of(quote) for quote in quotes]))


@blueprint.get("/checkout/payment-gateways")
@endpoint(GatewayResponse, tag=TAG, etag=True)
def storefront_gateway_list() -> GatewayResponse:
    """List payment methods

    Those that are switched on, in the shop's order.
    """
    methods = list_payment_methods()
    return GatewayResponse(data=GatewayData(gateways=[GatewayOut.of(method) for method in methods]))


@blueprint.post("/checkout/validate-coupon")
@endpoint(CouponResponse, tag=TAG, body=CouponRequest)
def storefront_coupon_validate(body: CouponRequest) -> CouponResponse:
    """Check a coupon against a cart

    What it would take off, or 400 with the reason why it cannot be used. Nothing is reserved.
    """
    applied, subtotal = try_coupon(body.coupon_code, [item.line() for item in body.items])
    return CouponResponse.of(applied, subtotal)


@blueprint.post("/checkout/process-payment")
@endpoint(BegunResponse, tag=TAG, body=PaymentRequest, errors=[409])
def storefront_payment_process(body: PaymentRequest) -> BegunResponse:
    """Start the payment of an order

    With the payment token of the response that created the order, signed in as its customer, or from the session that
    placed it. Repeating the request returns the same payment. A payment method other than the order's replaces it.
    """
    phone = body.payment_data.phone if body.payment_data else None
    config = PaymentConfig.of(current_app.config)
    begun = start_payment(
        body.order_id, body.gateway_name, body.token, shopper=current_shopper(), phone=phone, config=config
    )
    return BegunResponse.of(begun, translate)


@blueprint.get("/orders/<id:order_id>/payment-status")
@endpoint(PaymentStatusResponse, tag=TAG, query=PaymentStatusQuery, errors=[404])
def storefront_payment_status(order_id: int, query: PaymentStatusQuery) -> PaymentStatusResponse:
    """Get an order's payment status

    With the payment token of the response that created the order, signed in as its customer, or from the session that
    placed it.
    """
    return PaymentStatusResponse.of(
        with_attempt(get_order_to_pay(current_shopper(), order_id, query.payment_token)), translate
    )
