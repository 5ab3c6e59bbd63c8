"""A shop with at least one row in every table with a ``shop_id``."""

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from shop.db.tenant import current_shop_id, in_shop
from shop.db.transaction import transaction
from shop.domain.catalogue.bulk import ChangeWay, NumberChange, ProductBulkKind
from shop.domain.customers.bulk import BulkKind
from shop.domain.customers.segments import Condition, SegmentRules
from shop.domain.dates.date_ranges import month_of
from shop.domain.payments.mpesa_values import parse_payer
from shop.domain.pricing.taxes import TaxPrices
from shop.models import (
    Base,
    IdempotencyRecord,
    Import,
    LedgerCheck,
    ProductImage,
    SavedView,
    Shop,
    ShopOwned,
    StaffPasskey,
    StaffRecoveryCode,
    StaffToken,
    StaffTotp,
)
from shop.models.sandbox import OfSandbox
from shop.queries.reports.monthly import get_monthly_figures
from shop.services import clock
from shop.services.actors import Shopper
from shop.services.approvals.requests import request_adjustment, request_import
from shop.services.backups.runs import request_backup
from shop.services.bulk.actions import start_bulk
from shop.services.bulk.product_actions import start_product_bulk
from shop.services.catalogue.adjustments import default_branch_id
from shop.services.catalogue.categories import save_category
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.catalogue.products.records import update_product
from shop.services.checkout.sessions import open_checkout
from shop.services.customers.addresses import add_address
from shop.services.customers.custom_fields import CustomFieldGiven, add_custom_field
from shop.services.customers.notes import add_note
from shop.services.customers.segments import save_segment
from shop.services.events.numbering import number_events
from shop.services.imports.records import ImportFile, create_import, start_undo
from shop.services.imports.work import work_on_imports
from shop.services.loyalty.otp import OtpConfig, send_code
from shop.services.loyalty.registrations import RegistrationRequest, register_customer
from shop.services.merging.customers import merge_customers
from shop.services.messaging.accounts import save_account
from shop.services.messaging.deliveries import begin_delivery, report_delivery
from shop.services.messaging.monthly_report import send_monthly_report
from shop.services.messaging.short_texts import save_text
from shop.services.orders.documents.invoices import issue_invoice
from shop.services.orders.lifecycle import set_payment_status
from shop.services.orders.manual.drafts import save_draft
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.orders.refunds import RefundLine, refund_order
from shop.services.outbox import ClaimedMessage
from shop.services.payment_matching.claims import claim_own
from shop.services.payment_matching.matching import receive_payment
from shop.services.payments.credentials import save_credentials
from shop.services.payments.received import Confirmation
from shop.services.payments.webhooks import handle_callback
from shop.services.privacy.consents import ConsentStatement, record_consent
from shop.services.privacy.requests import PrivacyRequestDetails, add_request
from shop.services.sandbox.inbox import deliver_messages
from shop.services.sandbox.shops import create_sandbox
from shop.services.shipping.records import save_zone
from shop.services.shipping.values import ZoneValues
from shop.services.shoppers.abandoned_carts import CartLeft, keep_abandoned_cart
from shop.services.shoppers.accounts import AccountConfig, SignupRequest, register
from shop.services.shoppers.carts import add_item
from shop.services.staff.roles import save_role
from shop.services.staff.sessions import Device, begin_session
from shop.services.taxes.classes import set_tax_prices
from shop.services.till.devices import save_device
from shop.services.till.sales import Sale, record_sale
from shop.services.till.shifts import open_shift
from shop.services.webhooks.deliveries import create_deliveries
from shop.services.webhooks.endpoints import create_endpoint
from shop.services.webhooks.requests import WebhookResponse
from shop.services.webhooks.sending import claim, finish
from tests import factories
from tests.support.pictures import PNG

OWNED = sorted(
    (mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, ShopOwned)),
    key=lambda model: model.__name__,
)
SANDBOX = [model for model in OWNED if issubclass(model, OfSandbox)]
"""Tables of which only a sandbox can have rows."""


def register_shopper(email: str) -> str:
    """Create an unverified account with an e-mail; return its session's token."""
    form = SignupRequest(email, factories.PASSWORD, "Jane", "Doe", "0712345678")
    config = AccountConfig("k" * 32)
    return register(form, shopper=None, address="192.0.2.1", config=config)[1]


def _callback(name: str, code: int) -> dict[str, Any]:
    """Send Daraja's callback for a payment; a result that differs from an earlier one adds a flag."""
    return {"Body": {"stkCallback": {"CheckoutRequestID": name, "ResultCode": code}}}


def leave_cart(email: str, line: CartLine) -> None:
    """Record an abandoned cart."""
    cart = CartLeft([line], email, "0712345678", 1000)
    keep_abandoned_cart(cart, shopper=None, address="192.0.2.1", secret_key="k" * 32)


def fill_shop() -> None:
    """Create records of every kind in the session's shop."""
    member = factories.make_staff()
    save_role(None, "Packer", ["orders.fulfil"], factories.TESTER)
    begin_session(member, Device("192.0.2.1", "Firefox"))
    request_backup(factories.TESTER)
    factories.make_api_key()
    factories.make_shipping()
    set_tax_prices(TaxPrices.INCLUDED, factories.TESTER)
    save_zone(None, ZoneValues(name="Nairobi", towns=("Nairobi",)), factories.TESTER)
    method = factories.make_payment()
    coupon = factories.make_coupon()
    product = factories.make_product(stock=50)
    factories.make_variant(product)
    category = save_category(None, {"name": "Dairy"}, factories.TESTER)
    update_product(product.id, {"tags": ["fresh"], "category_ids": [category.id]}, factories.TESTER)
    with transaction() as session:
        picture = ProductImage(product_id=product.id, url="https://example.com/a.jpg", created_at=clock.now())
        session.add(picture)
    save_segment("Regulars", SegmentRules((Condition("orders", "at_least", "2"),)), factories.TESTER)
    start_bulk(BulkKind.ADD_TAG, {"tag": "November"}, {"tag": "Regular"}, 1, factories.TESTER)
    month = month_of(clock.now().date())
    send_monthly_report(month.first, get_monthly_figures(month, month))
    start_product_bulk(NumberChange(ProductBulkKind.PRICE, ChangeWay.RAISE, 100), "", {}, 1, factories.TESTER)
    add_custom_field(CustomFieldGiven("Estate"), factories.TESTER)
    fields = {"tags": ["Regular"], "birthday": "1990-04-12", "area": "Kilimani", "custom_fields": {"estate": "Jamhuri"}}
    _import_files()
    endpoint, _ = create_endpoint("http://127.0.0.1:9/hook", ["points.*", "order.*"], factories.TESTER)
    customer = factories.make_customer(
        points=500, first_name="Jane", last_name="Doe", phone="0712345678", external_id="crm-1", **fields
    )
    add_address(customer.id, type="shipping", address1="Westlands Road", city="Nairobi")
    add_note(customer.id, "Prefers delivery after five.", factories.TESTER)
    placed = factories.place(
        customer,
        [(product, 2)],
        points=100,
        coupon_code=coupon.code,
        payment_method=method.code,
        addresses=[PostalAddress("shipping", name="Jane Doe", street="Westlands Road", city="Nairobi")],
        notes="Ring twice.",
    )
    token = factories.make_attempt(placed.order.id)
    handle_callback(token, _callback("ws_CO_1", 1037))
    handle_callback(token, _callback("ws_CO_2", 0))
    _send_message()
    with transaction():
        save_credentials("mpesa", {"short_code": "174379"}, {"passkey": "secret"}, ("k" * 32,))
    set_payment_status(placed.order.id, "paid", factories.TESTER, reference="QWE123")
    factories.make_payment_address()
    factories.make_provider_request()
    hashed = parse_payer(secrets.token_hex(32))
    receipt = f"S{secrets.token_hex(5).upper()[1:]}"
    receive_payment(Confirmation(receipt, clock.now(), 5_000, payer=hashed, payer_name="Jane Doe"))
    claim_own(receipt, customer.id, "k" * 32)
    issue_invoice(placed.order.id, factories.TESTER)
    record_sale(Sale(factories.unique("sale"), 12000, "cash", customer_id=customer.id), factories.TESTER)
    open_shift(5_000, factories.TESTER)
    save_draft(factories.unique("key"), {}, factories.TESTER, customer_id=customer.id, total_cents=1000)
    refund_order(placed.order.id, 100, "One was dented.", factories.TESTER)
    broken = [RefundLine(placed.order.items[0].id, 1)]
    refund_order(placed.order.id, broken, "One was broken.", factories.TESTER)
    send_code(email=customer.email, phone=None, address="192.0.2.1", config=OtpConfig("k" * 32))
    open_checkout([CartLine(product.id, 1)], "", "192.0.2.1")
    register_shopper(customer.email)
    register_customer(customer.id, RegistrationRequest("Jane Doe", "0712345678", PNG))
    add_item(Shopper(0, customer.id), CartLine(product.id, 1))
    leave_cart(customer.email, CartLine(product.id, 1))
    factories.make_session(customer.id)
    add_request(PrivacyRequestDetails("access", customer.id), factories.TESTER)
    record_consent(customer.id, ConsentStatement("marketing_sms", True, "paper", "poster 2026-01"), factories.TESTER)
    merge_customers(factories.make_customer().id, customer.id, factories.TESTER)
    request_adjustment(customer.id, 20_000, "Won the draw", member.actor, request_key="form-1")
    save_device(None, factories.unique("Till"), default_branch_id(), factories.TESTER)
    now = clock.now()
    with transaction() as session:
        who = {"staff_user_id": member.user_id, "created_at": now}
        session.add(StaffTotp(secret="encrypted", confirmed_at=now, **who))
        session.add(StaffRecoveryCode(code_hash=factories.unique("hash"), **who))
        session.add(
            StaffPasskey(
                host="shop.test",
                credential_id=factories.unique("id"),
                public_key="key",
                sign_count=1,
                name="Phone",
                **who,
            )
        )
        session.add(LedgerCheck(day=now.date(), started_at=now, finished_at=now, accounts=1, entries=4))
        session.add(
            SavedView(staff_user_id=member.user_id, page="customers", name="Regulars", query="sort=-1", created_at=now)
        )
        session.add(
            StaffToken(
                kind="reset", email=member.email, token_hash=factories.unique("t"), expires_at=now, created_at=now
            )
        )
        session.add(
            IdempotencyRecord(
                caller="key:1",
                key=factories.unique("key"),
                fingerprint="f" * 64,
                state="done",
                owner="o" * 32,
                leased_until=now,
                status=201,
                body=f'{{"email": "{customer.email}"}}',
                expires_at=now + timedelta(hours=24),
            )
        )
    number_events()
    create_deliveries(endpoint.id)
    _send_webhooks(endpoint.id)


def _send_message() -> None:
    """A channel, the shop's own text, a delivery, and a report about a message that is not known yet."""
    save_account("sms", {"username": "duka", "sender": ""}, {"api_key": "secret"}, factories.TESTER, ("k" * 32,))
    save_text("otp_code", "en", "{shop}: {code}", factories.TESTER)
    begin_delivery(ClaimedMessage(1, current_shop_id(), "otp_code", {}, None, 1, clock.now(), "sms"), 1)
    report_delivery("sms", "ATXid_1", "delivered", "")


def _send_webhooks(endpoint_id: int) -> None:
    """Send webhooks until the endpoint was served; endpoints of other tests' shops may come first."""
    while requests := claim(10):
        for request in requests:
            finish(request, WebhookResponse(204, "HTTP/1.1 204 No Content\n", 40))
        if any(request.endpoint_id == endpoint_id for request in requests):
            return


def make_sandbox(live: Shop) -> int:
    """A sandbox of a shop, with a row in each table that only a sandbox has; its id."""
    made = create_sandbox(live, slug=factories.unique("sandbox")).id
    with in_shop(made):
        factories.place(factories.make_customer(), [(factories.make_product(), 1)])
        deliver_messages()
    return made


def _import_files() -> None:
    """One that was undone, and one that is not read yet: a worker has it."""
    rows = b"sku,name,price\nKHW,Kahawa,90\n"
    undone = create_import(ImportFile("products", rows, apply_at_once=True), factories.TESTER)
    _work_on_imports()
    start_undo(undone.id, factories.TESTER)
    _work_on_imports()
    unread = create_import(ImportFile("products", b"name,price\nTea,150\n"), factories.TESTER)
    with transaction() as session:
        until = clock.now() + timedelta(days=1)
        session.execute(update(Import).where(Import.id == unread.id).values(leased_until=until))


def _work_on_imports() -> None:
    while work_on_imports(request_import):
        pass
