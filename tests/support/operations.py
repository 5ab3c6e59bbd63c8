"""Every JSON operation with a request that succeeds, for tests that call all of them."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from shop.db.transaction import transaction
from shop.models import ProductImage
from shop.services import clock
from shop.services.actors import Shopper
from shop.services.catalogue.branches import save_branch
from shop.services.catalogue.categories import save_category
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.customers.addresses import add_address
from shop.services.customers.notes import add_note
from shop.services.imports.records import ImportFile, create_import
from shop.services.loyalty.registrations import RegistrationRequest, register_customer
from shop.services.merging.customers import merge_customers
from shop.services.shoppers.carts import add_item
from shop.services.webhooks.deliveries import send_test
from shop.services.webhooks.endpoints import create_endpoint
from tests import factories
from tests.support.daraja import confirmation
from tests.support.daraja_results import result_body
from tests.support.pictures import PNG

Body = Callable[["SampleRecords"], dict[str, Any]]
GOOD_NUMBER = "0712345678"


@dataclass(frozen=True, slots=True)
class SampleRecords:
    """The records of a shop that the operations use."""

    customer: int
    email: str
    product: int
    slug: str
    variant: int
    shipping: int
    coupon: str
    order: int
    payment_token: str
    redemption_token: str
    shopper: str
    item: int
    address: int
    callback: str
    received: str
    result: str
    registration: int
    other: int
    merge: int
    goods: int
    of_file: int
    image: int
    category: int
    branch: int
    coupon_id: int
    webhook: int
    delivery: int
    api_key: int


def make_merge() -> int:
    """Return the id of a merge that can be undone."""
    return merge_customers(factories.make_customer().id, factories.make_customer().id, factories.TESTER).id


def make_image(product_id: int) -> int:
    """Return the id of a product's picture with an external URL."""
    with transaction() as session:
        image = ProductImage(product_id=product_id, url="https://example.com/milk.jpg", created_at=clock.now())
        session.add(image)
        session.flush()
        return image.id


def make_registration() -> int:
    """Return the id of a pending registration."""
    return register_customer(factories.make_customer().id, RegistrationRequest("Amina Otieno", GOOD_NUMBER, PNG)).id


def make_sample_records() -> SampleRecords:
    """Create a record of each kind in the session's shop."""
    product = factories.make_product(price_cents=12000)
    goods = factories.make_product(stock=10)
    variant = factories.make_variant(product)
    coupon = factories.make_coupon()
    shipping = factories.make_shipping()
    factories.make_payment()
    details = {"first_name": "Jane", "last_name": "Doe", "phone": GOOD_NUMBER}
    customer = factories.make_customer(points=1480, password=factories.PASSWORD, **details)
    home = add_address(customer.id, type="shipping", address1="Westlands Road", city="Nairobi", country="Kenya")
    add_note(customer.id, "Prefers delivery after five.", factories.TESTER)
    placed = factories.place(customer, [(product, 2)])
    webhook, _ = create_endpoint("http://127.0.0.1:9/hook", ["points.*"], factories.TESTER)
    return SampleRecords(
        customer=customer.id,
        email=customer.email,
        product=product.id,
        slug=product.slug,
        variant=variant.id,
        shipping=shipping.id,
        coupon=coupon.code,
        order=placed.order.id,
        payment_token=placed.payment_token,
        redemption_token=factories.make_token(customer.id),
        shopper=factories.make_session(customer.id),
        item=add_item(Shopper(0, customer.id), CartLine(product.id, 1, variant.id))[0].id,
        address=home.id,
        callback=factories.make_attempt(placed.order.id),
        received=factories.make_payment_address(),
        result=factories.make_provider_request(),
        registration=make_registration(),
        other=factories.make_customer().id,
        merge=make_merge(),
        goods=goods.id,
        of_file=create_import(ImportFile("products", b"name,price\nTea,150\n"), factories.TESTER).id,
        image=make_image(goods.id),
        branch=save_branch(None, "Westlands", factories.TESTER).id,
        category=save_category(None, {"name": "Dairy"}, factories.TESTER).id,
        coupon_id=coupon.id,
        webhook=webhook.id,
        delivery=send_test(webhook.id, "order.paid", factories.TESTER).id,
        api_key=factories.make_api_key().id,
    )


@dataclass(frozen=True, slots=True)
class Operation:
    """A method and path, and a request to it that is answered with ``status``."""

    method: str
    path: str
    body: Body | None = None
    query: str = ""
    status: int = 200
    bearer: bool = False
    form: Body | None = None
    lenient: bool = False
    """Whether it takes an empty object, which changes nothing."""
    session_only: bool = False
    """Whether an API key gets 403, which is then its ``status``."""

    @property
    def admin(self) -> bool:
        """Whether it needs an API key."""
        return "/storefront/" not in self.path

    @property
    def writes(self) -> bool:
        """Whether a key needs write access for it."""
        return self.method != "GET"

    @property
    def described(self) -> str:
        """Its path in the document's format."""
        names = {name: f"{name}_id" for name in ("customer", "order", "item", "address", "registration", "merge")}
        names |= {"goods": "product_id", "of_file": "import_id", "image": "image_id", "category": "category_id"}
        names["other"] = "customer_id"
        names["coupon_id"] = "coupon_id"
        names["api_key"] = "key_id"
        names |= {"webhook": "endpoint_id", "delivery": "delivery_id"}
        names["shipping"] = "shipping_method_id"
        names |= {"callback": "callback_token", "received": "callback_token", "result": "callback_token"}
        path = self.path
        for ours, theirs in names.items():
            path = path.replace(f"{{{ours}}}", f"{{{theirs}}}")
        return path

    def sent(self, sample: SampleRecords) -> dict[str, Any]:
        """Return the request's body for the test client."""
        if self.form is not None:
            return {"data": self.form(sample), "content_type": "multipart/form-data"}
        return {"json": self.body(sample) if self.body else None}

    def headers(self, sample: SampleRecords) -> dict[str, str]:
        """The request's headers besides the caller's own."""
        return {"Authorization": f"Bearer {sample.redemption_token}"} if self.bearer else {}

    def url(self, sample: SampleRecords) -> str:
        """The URL of the request."""
        query = f"?{self.query}" if self.query else ""
        records = {name: getattr(sample, name) for name in SampleRecords.__slots__}
        return (self.path + query).format(**records, key="store_name")

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _items(sample: SampleRecords) -> list[dict[str, Any]]:
    return [{"product_id": sample.product, "quantity": 2}]


def _new_order(sample: SampleRecords) -> dict[str, Any]:
    return {
        "customer_email": sample.email,
        "first_name": "Jane",
        "last_name": "Doe",
        "phone": GOOD_NUMBER,
        "subtotal": "240.00",
        "shipping": "10.00",
        "tax": "1.00",
        "discount": "1.00",
        "total": "250.00",
        "currency": "KES",
        "items": [
            {"product_id": sample.product, "variant_id": sample.variant, "name": "Maziwa", "sku": "M", "quantity": 2}
            | {"price": "120.00"}
        ],
        "addresses": [
            {"type": "shipping", "name": "Jane Doe", "street": "Westlands Road", "city": "Nairobi"}
            | {"state": "Nairobi", "zip": "00100", "country": "Kenya"}
        ],
        "status": "pending",
        "payment_status": "paid",
        "payment_method": "M-Pesa",
        "payment_reference": "SGH7X2K9QP",
        "order_date": "2026-01-15T10:00:00Z",
        "api_label": "till 2",
    }


def _coupon(sample: SampleRecords) -> dict[str, Any]:
    limits = {"usage_limit": 100, "per_customer_limit": 1, "min_purchase": "800.00", "max_discount": "500.00"}
    dates = {"start_date": "2026-01-15T10:00:00Z", "end_date": "2027-01-15", "status": "active"}
    use = {"product_ids": [sample.product], "combines_with_points": True, "combines_with_discounts": False}
    code = factories.unique("karibu")
    return {"code": code, "type": "percentage", "value": "10.00", "description": "New customers"} | limits | dates | use


def _till_sale(sample: SampleRecords) -> dict[str, Any]:
    customer, sale = {"id": sample.customer}, str(uuid4())
    return {"id": sale, "customer": customer, "amount": "960.00", "method": "mpesa", "reference": sale[:8].upper()}


def _webhook_endpoint(_: SampleRecords) -> dict[str, Any]:
    terms = {"description": "Bookkeeping", "enabled": True, "signature": "v1"}
    return {"url": "http://127.0.0.1:9/hook", "types": ["points.*", "order.paid"]} | terms


def _last_hour(_: SampleRecords) -> dict[str, Any]:
    now = clock.now()
    return {"since": (now - timedelta(hours=1)).isoformat(), "until": now.isoformat()}


def _shipping_method(_: SampleRecords) -> dict[str, Any]:
    places = {"countries": ["KE"], "regions": ["Nairobi"], "zone_id": None}
    terms = {"price": "200.00", "free_above": "3000.00", "min_weight": 0, "max_weight": 20000, "position": 3}
    pickup = {"collection": True, "pickup_address": "Ngong Road 4", "pickup_hours": "8-18"}
    lead = {"lead_days_min": 0, "lead_days_max": 2}
    return {"name": "Rider", "enabled": True} | places | terms | pickup | lead


def _checkout(sample: SampleRecords) -> dict[str, Any]:
    address = {"first_name": "Jane", "last_name": "Doe", "address_1": "Westlands Road", "address_2": "Flat 2"}
    address |= {"city": "Nairobi", "state": "Nairobi", "postal_code": "00100", "country": "Kenya"}
    return {
        "customer": {"email": sample.email, "first_name": "Jane", "last_name": "Doe", "phone": GOOD_NUMBER},
        "shipping_address": address,
        "billing_address": address,
        "items": _items(sample),
        "shipping_method_id": sample.shipping,
        "payment_method": "mpesa",
        "coupon_code": sample.coupon,
        "notes": "Please ring twice.",
    }


def _product(sample: SampleRecords) -> dict[str, Any]:
    code = factories.unique("code")
    return {
        "name": "Maziwa Lala",
        "price": "120.00",
        "sale_price": "99.50",
        "sale_starts_at": "2026-01-15T10:00:00Z",
        "sale_ends_at": "2026-02-15T10:00:00Z",
        "cost": "85.00",
        "sku": code,
        "barcode": code,
        "tax_class": "standard",
        "status": "active",
        "track_stock": True,
        "stock_quantity": 4,
        "low_stock_at": 2,
        "weight_grams": 500,
        "external_id": code,
        "metadata": {"catalogue": "B4"},
        "tags": ["fresh"],
        "category_ids": [sample.category],
        "variants": [{"options": {"Size": "1 l"}, "sku": f"{code}-1", "price": "220.00", "stock_quantity": 3}],
    }


def _product_again(sample: SampleRecords) -> dict[str, Any]:
    return {"name": "Maziwa Mala", "price": "125.00", "description": "Cultured milk."}


def _transfer(sample: SampleRecords) -> dict[str, Any]:
    return {"quantity": 2, "to_branch_id": sample.branch, "reason": "Sent by the van"}


def _payment_data(sample: SampleRecords) -> dict[str, Any]:
    return {"payment_data": {"phone": GOOD_NUMBER, "payment_token": sample.payment_token}}


def _callback() -> dict[str, Any]:
    items = [{"Name": "Amount", "Value": 240}, {"Name": "MpesaReceiptNumber", "Value": "SGH7X2K9QP"}]
    result = {
        "CheckoutRequestID": "ws_CO_1",
        "ResultCode": 0,
        "ResultDesc": "Fine",
        "CallbackMetadata": {"Item": items},
    }
    return {"Body": {"stkCallback": result}}


def _adjustment(sample: SampleRecords) -> dict[str, Any]:
    return {"customer_id": sample.customer, "points": 250, "note": "Sorry for the late delivery"}


def _row(sample: SampleRecords) -> dict[str, Any]:
    row = {"email": sample.email, "phone": GOOD_NUMBER, "first_name": "Jane", "last_name": "Doe"}
    return row | {"loyalty_status": "inactive"}


def _address(_: SampleRecords) -> dict[str, Any]:
    address = {"type": "billing", "address1": "Moi Avenue", "address2": "Floor 2", "city": "Mombasa"}
    return address | {"state": "Mombasa", "zip": "80100", "country": "Kenya"}


def _somebody(_: SampleRecords) -> dict[str, Any]:
    word = factories.unique("new")
    details = {"first_name": "Amina", "last_name": "Otieno", "password": factories.PASSWORD}
    return {"email": f"{word}@example.com", "phone": factories.unique_phone()} | details


ADMIN = "/api/v1"
PUBLIC = "/api/v1/storefront"
TAKEN = {"OriginatorConversationID": "71840-1-1", "ConversationID": "AG_20261124_1"}
OPERATIONS = (
    Operation("GET", f"{ADMIN}/customers"),
    Operation("POST", f"{ADMIN}/customers", _somebody, status=201),
    Operation("PUT", f"{ADMIN}/customers", lambda _: {"external_id": "crm-2", "email": "crm@shop.example"}),
    Operation("PATCH", f"{ADMIN}/customers/{{customer}}", lambda _: {"first_name": "Janet"}, lenient=True),
    Operation("POST", f"{ADMIN}/customers/{{other}}/merge", lambda sample: {"into": sample.customer}),
    Operation("POST", f"{ADMIN}/customers/merges/{{merge}}/undo"),
    Operation("POST", f"{ADMIN}/customers/import", lambda sample: {"rows": [_row(sample)]}),
    Operation("GET", f"{ADMIN}/customers/{{customer}}"),
    Operation("POST", f"{ADMIN}/customers/{{customer}}/notes", lambda _: {"content": "Rang today."}, status=201),
    Operation("GET", f"{ADMIN}/customers/{{customer}}/loyalty"),
    Operation("GET", f"{ADMIN}/marketing/loyalty/config"),
    Operation("GET", f"{ADMIN}/marketing/loyalty/stats"),
    Operation("GET", f"{ADMIN}/marketing/loyalty/balances"),
    Operation("GET", f"{ADMIN}/marketing/loyalty/balances/{{customer}}"),
    Operation("POST", f"{ADMIN}/marketing/loyalty/adjust", _adjustment),
    Operation("GET", f"{ADMIN}/marketing/loyalty/ledger"),
    Operation("GET", f"{ADMIN}/customers/loyalty-registrations", query="status=pending"),
    Operation("GET", f"{ADMIN}/customers/loyalty-registrations/{{registration}}"),
    Operation("POST", f"{ADMIN}/customers/loyalty-registrations/{{registration}}/approve"),
    Operation(
        "POST", f"{ADMIN}/customers/loyalty-registrations/{{registration}}/reject", lambda _: {"reason": "Too dark."}
    ),
    Operation("GET", f"{ADMIN}/marketing/loyalty/registrations"),
    Operation(
        "PUT",
        f"{ADMIN}/marketing/loyalty/registrations/{{registration}}",
        lambda _: {"status": "rejected", "rejection_reason": "Too dark."},
    ),
    Operation("GET", f"{ADMIN}/orders"),
    Operation("POST", f"{ADMIN}/orders", _new_order, status=201),
    Operation("PUT", f"{ADMIN}/orders", lambda sample: _new_order(sample) | {"external_id": "web-1"}),
    Operation("GET", f"{ADMIN}/orders/{{order}}"),
    Operation("POST", f"{ADMIN}/orders/batch", lambda sample: {"orders": [_new_order(sample)]}, status=207),
    Operation("PUT", f"{ADMIN}/orders/{{order}}/status", lambda _: {"status": "processing"}),
    Operation("PATCH", f"{ADMIN}/orders/{{order}}/status", lambda _: {"status": "completed"}),
    Operation(
        "PATCH",
        f"{ADMIN}/orders/{{order}}/payment-status",
        lambda _: {"payment_status": "paid", "transaction_reference": "SGH7X2K9QP"},
    ),
    Operation(  # after the payment above
        "POST",
        f"{ADMIN}/orders/{{order}}/refunds",
        lambda _: {"amount": "10.00", "reason": "One jar was broken."},
        status=201,
    ),
    # it earned points above; one that did not is deleted in tests of its own
    Operation("DELETE", f"{ADMIN}/orders/{{order}}", status=409),
    Operation("POST", f"{ADMIN}/till/sales", _till_sale, status=201),
    Operation("POST", f"{ADMIN}/till/sales/batch", lambda sample: {"sales": [_till_sale(sample)]}, status=207),
    Operation("GET", f"{ADMIN}/marketing/coupons", query="state=active"),
    Operation("POST", f"{ADMIN}/marketing/coupons", _coupon, status=201),
    Operation("GET", f"{ADMIN}/marketing/coupons/stats"),
    Operation("GET", f"{ADMIN}/marketing/coupons/{{coupon_id}}"),
    Operation("PUT", f"{ADMIN}/marketing/coupons/{{coupon_id}}", lambda _: {"value": "12.50"}, lenient=True),
    Operation("GET", f"{ADMIN}/marketing/coupons/{{coupon_id}}/usage"),
    Operation("POST", f"{ADMIN}/marketing/coupons/{{coupon_id}}/validate", lambda _: {"cart_total": "240.00"}),
    Operation("GET", f"{ADMIN}/shipping-methods"),
    Operation("POST", f"{ADMIN}/shipping-methods", _shipping_method, status=201),
    Operation("PUT", f"{ADMIN}/shipping-methods/{{shipping}}", lambda _: {"price": "250.00"}, lenient=True),
    Operation("GET", f"{ADMIN}/events", query="type=points.*,order.paid"),
    Operation("GET", f"{ADMIN}/sandbox/clock", status=403),
    Operation("POST", f"{ADMIN}/sandbox/clock", lambda _: {"advance": "P1D"}, status=403, lenient=True),
    Operation("GET", f"{ADMIN}/sandbox/messages", status=403),
    Operation("POST", f"{ADMIN}/sandbox/reset", status=403),
    Operation("GET", f"{ADMIN}/api-keys", status=403, session_only=True),
    Operation("POST", f"{ADMIN}/api-keys", lambda _: {"name": "Online store"}, status=403, session_only=True),
    Operation("GET", f"{ADMIN}/api-keys/{{api_key}}", status=403, session_only=True),
    Operation(
        "PUT",
        f"{ADMIN}/api-keys/{{api_key}}",
        lambda _: {"rate_limit_per_minute": 120},
        status=403,
        lenient=True,
        session_only=True,
    ),
    Operation("POST", f"{ADMIN}/api-keys/{{api_key}}/regenerate", status=403, session_only=True),
    Operation("DELETE", f"{ADMIN}/api-keys/{{api_key}}", status=403, session_only=True),
    Operation("GET", f"{ADMIN}/webhook-endpoints"),
    Operation("POST", f"{ADMIN}/webhook-endpoints", _webhook_endpoint, status=201),
    Operation("GET", f"{ADMIN}/webhook-endpoints/{{webhook}}"),
    Operation("PATCH", f"{ADMIN}/webhook-endpoints/{{webhook}}", lambda _: {"description": "Books"}, lenient=True),
    Operation("POST", f"{ADMIN}/webhook-endpoints/{{webhook}}/rotate-secret"),
    Operation("POST", f"{ADMIN}/webhook-endpoints/{{webhook}}/test", lambda _: {"type": "order.paid"}),
    Operation("POST", f"{ADMIN}/webhook-endpoints/{{webhook}}/replay", _last_hour),
    Operation("GET", f"{ADMIN}/webhook-deliveries", query="status=waiting&type=order.paid"),
    Operation("GET", f"{ADMIN}/webhook-deliveries/{{delivery}}"),
    Operation("POST", f"{ADMIN}/webhook-deliveries/{{delivery}}/resend"),
    Operation("GET", f"{ADMIN}/settings"),
    Operation("PUT", f"{ADMIN}/settings/shop/{{key}}", lambda _: {"value": "Duka la Njeri"}),
    Operation("GET", f"{ADMIN}/products"),
    Operation("POST", f"{ADMIN}/products", _product, status=201),
    Operation("PUT", f"{ADMIN}/products", lambda _: {"external_id": "erp-1", "name": "Sukari", "price": "180.00"}),
    Operation("GET", f"{ADMIN}/products/{{goods}}"),
    Operation("PUT", f"{ADMIN}/products/{{goods}}", _product_again),
    Operation("PATCH", f"{ADMIN}/products/{{goods}}", lambda _: {"price": "130.00"}, lenient=True),
    Operation("POST", f"{ADMIN}/products/{{goods}}/stock", lambda _: {"change": 5, "reason": "Delivery"}),
    Operation("POST", f"{ADMIN}/products/{{goods}}/stock/transfer", _transfer),
    Operation("GET", f"{ADMIN}/branches"),
    Operation(
        "POST",
        f"{ADMIN}/products/{{goods}}/images",
        form=lambda _: {"alt": "A packet of milk", "image": (io.BytesIO(PNG), "milk.png")},
        status=201,
    ),
    # its success needs the ids of all pictures: tested separately
    Operation(
        "PUT", f"{ADMIN}/products/{{goods}}/images/order", lambda sample: {"image_ids": [sample.image]}, status=400
    ),
    Operation("DELETE", f"{ADMIN}/products/{{goods}}/images/{{image}}"),
    Operation("DELETE", f"{ADMIN}/products/{{goods}}"),
    Operation(
        "POST",
        f"{ADMIN}/imports",
        form=lambda _: {"kind": "products", "file": (io.BytesIO(b"name,price\nTea,150\n"), "tea.csv")},
        status=202,
    ),
    Operation("GET", f"{ADMIN}/imports/{{of_file}}"),
    Operation("GET", f"{ADMIN}/imports/{{of_file}}/rows", query="verdict=new"),
    # their success needs the worker: tested separately
    Operation("POST", f"{ADMIN}/imports/{{of_file}}/apply", status=409),
    Operation("POST", f"{ADMIN}/imports/{{of_file}}/undo", status=409),
    Operation("GET", f"{ADMIN}/categories"),
    Operation("POST", f"{ADMIN}/categories", lambda _: {"name": factories.unique("Bread")}, status=201),
    Operation("PUT", f"{ADMIN}/categories/{{category}}", lambda _: {"position": 2}, lenient=True),
    Operation("DELETE", f"{ADMIN}/categories/{{category}}"),
    Operation("GET", f"{PUBLIC}/categories"),
    Operation("GET", f"{PUBLIC}/products"),
    Operation("GET", f"{PUBLIC}/products/by-ids", query="ids={product}"),
    Operation("GET", f"{PUBLIC}/products/{{slug}}"),
    Operation("GET", f"{PUBLIC}/settings"),
    Operation("GET", f"{PUBLIC}/widget-texts", query="lang=sw"),
    Operation("GET", f"{PUBLIC}/loyalty/config"),
    Operation(
        "POST",
        f"{PUBLIC}/loyalty/preview",
        lambda sample: {"email": sample.email, "items": _items(sample), "coupon_code": sample.coupon},
    ),
    Operation(
        "POST", f"{PUBLIC}/loyalty/redemption/send-otp", lambda sample: {"email": sample.email, "channel": "email"}
    ),
    # its success needs a code: tested separately
    Operation(
        "POST",
        f"{PUBLIC}/loyalty/redemption/verify-otp",
        lambda sample: {"email": sample.email, "code": "000000"},
        status=400,
    ),
    Operation("GET", f"{PUBLIC}/loyalty/account", bearer=True),
    Operation("GET", f"{PUBLIC}/loyalty/account/entries", query="limit=5", bearer=True),
    Operation("POST", f"{PUBLIC}/checkout/create-order", _checkout, status=201),
    Operation(
        "POST",
        f"{PUBLIC}/checkout/calculate-shipping",
        lambda sample: (
            {"country": "KE", "state": "Nairobi", "city": "Nairobi", "address": "Westlands Road"}
            | {"items": _items(sample)}
        ),
    ),
    Operation("GET", f"{PUBLIC}/checkout/payment-gateways"),
    Operation(
        "POST",
        f"{PUBLIC}/checkout/validate-coupon",
        lambda sample: {"coupon_code": sample.coupon, "items": _items(sample)},
    ),
    Operation(
        "POST",
        f"{PUBLIC}/checkout/process-payment",
        lambda sample: {"order_id": sample.order, "gateway_name": "M-Pesa"} | _payment_data(sample),
    ),
    Operation("GET", f"{PUBLIC}/orders/{{order}}/payment-status", query="payment_token={payment_token}"),
    Operation("GET", f"{PUBLIC}/cart"),
    Operation("POST", f"{PUBLIC}/cart", lambda sample: _items(sample)[0]),
    Operation("PUT", f"{PUBLIC}/cart/{{item}}", lambda _: {"quantity": 3}),
    Operation("DELETE", f"{PUBLIC}/cart/{{item}}"),
    Operation("DELETE", f"{PUBLIC}/cart"),
    Operation(
        "POST",
        f"{PUBLIC}/marketing/abandoned-carts",
        lambda sample: {"email": sample.email, "phone": GOOD_NUMBER, "items": _items(sample), "total": "240.00"},
        status=202,
    ),
    Operation("GET", f"{PUBLIC}/customer/profile"),
    Operation(
        "PUT",
        f"{PUBLIC}/customer/profile",
        lambda sample: {"first_name": "Jane", "last_name": "Otieno", "phone": GOOD_NUMBER, "email": sample.email},
        lenient=True,
    ),
    Operation("GET", f"{PUBLIC}/customer/addresses"),
    Operation("POST", f"{PUBLIC}/customer/addresses", _address, status=201),
    Operation("PUT", f"{PUBLIC}/customer/addresses/{{address}}", _address),
    Operation("DELETE", f"{PUBLIC}/customer/addresses/{{address}}"),
    Operation("GET", f"{PUBLIC}/customer/orders"),
    Operation("GET", f"{PUBLIC}/customer/orders/{{order}}"),
    Operation("GET", f"{PUBLIC}/customer/loyalty"),
    Operation("GET", f"{PUBLIC}/account/privacy-requests"),
    Operation("POST", f"{PUBLIC}/account/privacy-requests", lambda _: {"kind": "access"}, status=201),
    Operation(
        "POST",
        f"{PUBLIC}/loyalty/register",
        form=lambda _: {"full_name": "Jane Doe", "phone": GOOD_NUMBER, "id_image": (io.BytesIO(PNG), "id.png")},
        status=201,
    ),
    Operation("POST", f"{PUBLIC}/auth/register", _somebody, status=201),
    Operation("POST", f"{PUBLIC}/auth/login", lambda sample: {"email": sample.email, "password": factories.PASSWORD}),
    Operation("GET", f"{PUBLIC}/auth/me"),
    Operation("POST", f"{PUBLIC}/auth/forgot-password", lambda sample: {"email": sample.email}),
    # its success needs a mailed link: tested separately
    Operation(
        "POST",
        f"{PUBLIC}/auth/set-password",
        lambda _: {"token": "0" * 64, "password": factories.PASSWORD},
        status=400,
    ),
    Operation("POST", f"{PUBLIC}/auth/logout"),
    Operation("POST", f"{PUBLIC}/payments/callbacks/{{callback}}", lambda _: _callback()),
    Operation("POST", f"{PUBLIC}/payments/received/{{received}}/validation", lambda _: confirmation(), lenient=True),
    Operation("POST", f"{PUBLIC}/payments/received/{{received}}/confirmation", lambda _: confirmation()),
    Operation("POST", f"{PUBLIC}/payments/results/{{result}}", lambda _: result_body(TAKEN, 34)),
    Operation("POST", f"{PUBLIC}/payments/results/{{result}}/timeout"),
    Operation(
        "PUT", f"{ADMIN}/customers/{{customer}}/password", lambda _: {"password": factories.PASSWORD}
    ),  # ends sessions
    Operation("DELETE", f"{ADMIN}/marketing/coupons/{{coupon_id}}"),
    Operation("DELETE", f"{ADMIN}/shipping-methods/{{shipping}}"),
    Operation("DELETE", f"{ADMIN}/webhook-endpoints/{{webhook}}"),
    Operation("DELETE", f"{ADMIN}/customers/{{customer}}"),  # last: it deletes records that others use
)
WITH_BODY = tuple(operation for operation in OPERATIONS if operation.body is not None)


def fields_of(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Return each field of a body with its value, named as in errors: ``items[0].quantity``."""
    if isinstance(value, dict):
        for name, part in value.items():
            inner = f"{path}.{name}" if path else name
            yield inner, part
            yield from fields_of(part, inner)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield f"{path}[{index}]", part
            yield from fields_of(part, f"{path}[{index}]")


def with_field(value: Any, path: str, put: Any) -> Any:
    """Return a copy of a body with one field, named as by :func:`fields_of`, set to another value."""
    return _put(value, "", path, put)


def _put(value: Any, here: str, path: str, put: Any) -> Any:
    if here == path:
        return put
    if isinstance(value, dict):
        return {name: _put(part, f"{here}.{name}" if here else name, path, put) for name, part in value.items()}
    if isinstance(value, list):
        return [_put(part, f"{here}[{index}]", path, put) for index, part in enumerate(value)]
    return value
