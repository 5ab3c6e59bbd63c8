"""An order with points through the client of openapi-python-client."""

import base64
import os
import uuid

from tuza_api_client import AuthenticatedClient, Client
from tuza_api_client.api.checkout import storefront_order_create
from tuza_api_client.api.loyalty import customer_loyalty_show
from tuza_api_client.api.orders import order_batch, order_payment_status_set
from tuza_api_client.api.shoppers import storefront_register
from tuza_api_client.api.storefront_loyalty import (
    storefront_code_send,
    storefront_code_verify,
    storefront_loyalty_preview,
)
from tuza_api_client.models import (
    AccountResponse,
    CheckoutCustomer,
    CheckoutRequest,
    LoyaltyRedemption,
    NewAccount,
    NewCartItem,
    NewOrder,
    NewOrderBatch,
    OrderBatchResponse,
    PaidOrderResponse,
    PaymentStatus,
    PaymentStatusChange,
    PlacedOrderResponse,
    PreviewRequest,
    PreviewResponse,
    SendCode,
    StandingResponse,
    TokenResponse,
    VerifyCode,
)

base, key, secret, email = (os.environ[name] for name in ("BASE", "KEY", "SECRET", "EMAIL"))
client = Client(base_url=base)
admin = AuthenticatedClient(base_url=base, token=base64.b64encode(f"{key}:{secret}".encode()).decode(), prefix="Basic")

account = NewAccount(email=f"{uuid.uuid4().hex}@example.com", password="maziwa-na-chai-7")
assert isinstance(storefront_register.sync(client=client, body=account), AccountResponse)

items = [NewCartItem(product_id=1, quantity=2)]
preview = storefront_loyalty_preview.sync(client=client, body=PreviewRequest(email=email, items=items))
assert isinstance(preview, PreviewResponse)
points = preview.data.max_redeemable_points
storefront_code_send.sync(client=client, body=SendCode(email=email))
print("code?", flush=True)
verified = storefront_code_verify.sync(client=client, body=VerifyCode(email=email, code=input()))
assert isinstance(verified, TokenResponse)
order = storefront_order_create.sync(
    client=client,
    body=CheckoutRequest(
        customer=CheckoutCustomer(email=email),
        items=items,
        payment_method="cod",
        loyalty_redemption=LoyaltyRedemption(token=verified.data.redemption_token, points=points),
    ),
)
assert isinstance(order, PlacedOrderResponse)
order_id: int = order.data.order.id
paid = order_payment_status_set.sync(
    order_id, client=admin, body=PaymentStatusChange(payment_status=PaymentStatus.PAID)
)
assert isinstance(paid, PaidOrderResponse)
assert paid.data.order.customer_id is not None
batch = order_batch.sync(client=admin, body=NewOrderBatch(orders=[NewOrder(customer_email=email, subtotal="100.00")]))
assert isinstance(batch, OrderBatchResponse)
assert batch.data.created_count == 1
loyalty = customer_loyalty_show.sync(paid.data.order.customer_id, client=admin)
assert isinstance(loyalty, StandingResponse)
print(f"{order.data.order.order_number}: {points} points used; {loyalty.data.ledger[0].note}")
