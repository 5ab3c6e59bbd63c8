"""A deleted customer leaves numbers behind, and nothing personal."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import (
    AuditEntry,
    IdempotencyRecord,
    LoyaltyAccount,
    LoyaltyEntry,
    LoyaltyRegistration,
    Order,
    SavedView,
)
from shop.services import clock, outbox
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.customers.addresses import add_address
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.notes import add_note
from shop.services.customers.uploads import upload_folder
from shop.services.errors import NotFound
from shop.services.loyalty.otp import OtpConfig, send_code
from shop.services.loyalty.registrations import RegistrationRequest, register_customer
from shop.services.loyalty.verification import verify_ledger
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.orders.recording import ExternalLine, ExternalOrder, record_order
from shop.services.orders.refunds import refund_order
from shop.services.privacy.consents import ConsentStatement, record_consent
from shop.services.privacy.requests import PrivacyRequestDetails, add_request
from shop.services.shoppers.abandoned_carts import CartLeft, keep_abandoned_cart
from shop.services.shoppers.accounts import AccountConfig, SignupRequest, register
from shop.services.staff.saved_views import save_view
from tests import factories
from tests.factories import TESTER
from tests.support.pictures import PNG
from tests.support.rows import tables_that_mention
from tests.support.shopful import leave_cart

FIRST, LAST, EMAIL, STREET = "Wanjikuzza", "Mwangizzo", "wanjikuzza.m@example.com", "Zzyzx Road 7"
PHONE = "+254712345999"
WORDS = [FIRST, LAST, EMAIL, STREET, "712345999", "allergic to nuts", "bought for their mother"]


def stored_response(key, body):
    """A response stored for an idempotency key."""
    now = clock.now()
    return IdempotencyRecord(
        caller="key:1",
        key=key,
        fingerprint="f" * 64,
        state="done",
        owner="o",
        leased_until=now,
        status=201,
        body=body,
        expires_at=now + timedelta(hours=24),
    )


@pytest.fixture
def wanjiku(ctx):
    """A customer with rows in every table that has personal data."""
    product = factories.make_product(price_cents=10000)
    customer = factories.make_customer(EMAIL, first_name=FIRST, last_name=LAST, phone=PHONE)
    _account, entry = factories.adjust_points(customer.id, 500, f"{FIRST} is allergic to nuts", TESTER)
    add_address(customer.id, type="shipping", address1=STREET, city="Nairobi")
    add_note(customer.id, f"{FIRST} is allergic to nuts", TESTER)
    placed = factories.place(
        customer,
        [(product, 1)],
        points=100,
        notes="bought for their mother",
        addresses=[PostalAddress("shipping", name=f"{FIRST} {LAST}", street=STREET)],
    )
    set_payment_status(placed.order.id, "paid", TESTER)
    refund_order(placed.order.id, 100, f"{FIRST} was not happy", TESTER)
    factories.make_token(customer.id)
    send_code(email=EMAIL, phone=None, address="192.0.2.1", config=OtpConfig("k" * 32))
    factories.make_session(customer.id)
    leave_cart(EMAIL, CartLine(product.id, 1))
    keep_abandoned_cart(
        CartLeft([], phone="0712345999", total_cents=1), shopper=None, address="192.0.2.1", secret_key="k" * 32
    )
    save_view(factories.make_staff().user_id, "customers", "mine", f"q={LAST}")
    register_customer(customer.id, RegistrationRequest(f"{FIRST} {LAST}", PHONE, PNG))
    register(
        SignupRequest(EMAIL, factories.PASSWORD, FIRST, LAST, PHONE),
        shopper=None,
        address="192.0.2.1",
        config=AccountConfig("k" * 32),
    )
    add_request(PrivacyRequestDetails("correction", customer.id, note=f"{LAST} is spelled wrongly"), TESTER)
    with clock.moved_to(clock.now() - timedelta(days=1)):
        add_request(PrivacyRequestDetails("access", contact="somebody@example.com"), TESTER)
    record_consent(customer.id, ConsentStatement("marketing_sms", True, "paper", "poster 2026-01"), TESTER)
    with transaction() as session:
        outbox.enqueue("anything", {"customer_id": customer.id}, recipient=EMAIL)
        for key, body in {
            "customer": f'{{"email": "{EMAIL}", "first_name": "{FIRST}"}}',
            "note": f'{{"note":{{"customer_id":{customer.id},"content":"{FIRST} is allergic to nuts"}}}}',
            "adjust": f'{{"ledger_entry":{{"id":{entry.id},"note":"{FIRST} is allergic to nuts"}}}}',
            "order": f'{{"order_id":{placed.order.id},"note":"bought for their mother"}}',
        }.items():
            session.add(stored_response(key, body))
    return customer


def test_nothing_personal_is_left_in_any_text_of_any_table(wanjiku):
    assert len(tables_that_mention(WORDS)) >= 8, "there was something to find"
    delete_customer(wanjiku.id, TESTER)
    assert tables_that_mention(WORDS) == {}


def test_texts_of_programs_go_where_they_name_the_customer(wanjiku):
    named = ExternalLine(quantity=1, name=f"Cake for {FIRST} {LAST}", price_cents=100)
    plain = ExternalLine(quantity=1, name="Milk", price_cents=100)
    record_order(ExternalOrder(lines=[named, plain], customer_id=wanjiku.id), TESTER)
    save_view(factories.make_staff().user_id, "orders", LAST, "q=cake")
    delete_customer(wanjiku.id, TESTER)
    assert tables_that_mention(WORDS) == {}
    assert "order_items" in tables_that_mention(["Milk"])


def test_a_saved_view_is_deleted_for_a_name_but_not_for_letters_within_its_words(ctx):
    user_id = factories.make_staff().user_id
    jo = factories.make_customer("jo@example.com", first_name="Jo", last_name="Wanjikũ")
    naming = {"Ask jo": "", "Hers": "q=WANJIK%C5%A8", "Mine": "q=jo+x"}
    for name, query in {"Joined last month": "q=major", **naming}.items():
        save_view(user_id, "customers", name, query)
    delete_customer(jo.id, TESTER)
    assert db.session.scalars(select(SavedView.name)).all() == ["Joined last month"]


def test_the_picture_of_their_id_is_deleted_too(wanjiku):
    file = upload_folder() / db.session.scalars(select(LoyaltyRegistration.id_image)).one()
    assert file.read_bytes() == PNG
    delete_customer(wanjiku.id, TESTER)
    assert not file.exists()


def test_orders_and_points_stay_without_a_name(ctx, wanjiku):
    customer_id = wanjiku.id
    total = db.session.scalars(select(Order.total_cents)).one()
    of_entries = select(LoyaltyEntry.seq, LoyaltyEntry.points).order_by(LoyaltyEntry.seq)
    entries = db.session.execute(of_entries).all()
    delete_customer(customer_id, TESTER)
    order, account = db.session.scalars(select(Order)).one(), db.session.scalars(select(LoyaltyAccount)).one()
    assert (order.customer_id, order.total_cents, account.customer_id) == (None, total, None)
    assert db.session.execute(of_entries).all() == entries
    assert account.points_balance == sum(entry.points for entry in entries)
    assert verify_ledger(ctx.id).is_clean


def test_the_deletion_is_on_record_by_number_alone(wanjiku):
    customer_id = wanjiku.id
    delete_customer(customer_id, TESTER)
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "customer.deleted")).one()
    assert (line.subject, line.old_value, line.new_value) == (f"customer:{customer_id}", None, None)


def test_an_order_without_a_name_can_still_be_moved(wanjiku):
    order = db.session.scalars(select(Order)).one()
    delete_customer(wanjiku.id, TESTER)
    assert set_order_status(order.id, "cancelled", TESTER).customer_id is None
    assert set_order_status(order.id, "completed", TESTER).status == "completed"
    assert set_payment_status(order.id, "paid", TESTER).payment_status == "paid"
    assert set_payment_status(order.id, "refunded", TESTER).payment_status == "refunded"


def test_the_same_email_starts_from_nothing(wanjiku):
    old = wanjiku.id
    delete_customer(old, TESTER)
    new = factories.make_customer(EMAIL)
    assert new.id != old
    assert (new.first_name, new.total_orders) == ("", 0)
    with pytest.raises(NotFound):
        delete_customer(old, TESTER)


def test_rows_of_other_customers_stay_unchanged(ctx, wanjiku):
    joe = factories.make_customer("joe@example.com", points=70, first_name="Joe")
    product = factories.make_product(price_cents=10000)
    factories.place(joe, [(product, 1)], points=10, notes="Joe's own words")
    delete_customer(wanjiku.id, TESTER)
    assert set(tables_that_mention(["joe@example.com"])) == {"customers", "events", "outbox_messages"}
    assert "order_notes" in tables_that_mention(["Joe's own words"])
    assert factories.reload(joe).total_orders == 1
