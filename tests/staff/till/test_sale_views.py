"""The till's pages: a member found or added, a sale recorded once, asked about when repeated, undone."""

import csv
import re
import secrets
import uuid
from io import StringIO

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.domain.customers.privacy import ConsentKind
from shop.domain.payments.mpesa_values import parse_payer
from shop.domain.pricing.taxes import TaxPrices
from shop.models import Customer, Order
from shop.services import clock
from shop.services.customers.records import create_customer
from shop.services.loyalty.ledger import find_balance
from shop.services.payment_matching.matching import receive_payment
from shop.services.payments.received import Confirmation
from shop.services.privacy.consents import list_consents
from shop.services.shops.settings import change_settings
from shop.services.taxes.classes import set_tax_prices
from tests import factories
from tests.factories import TESTER

TILL = "/staff/till"
KEY = re.compile(r'name="request_key"[^>]*value="([^"]+)"')


@pytest.fixture
def jane(inside):
    return inside(create_customer, phone="0712345678", first_name="Jane", last_name="Wambui")


@pytest.fixture
def take(staff, jane):
    """Submits the form of a sale."""

    def take(amount="960", key=None, **typed):
        page = staff.get(f"{TILL}/sale?customer={jane.id}").text
        fields = {
            "customer_id": str(jane.id),
            "amount": amount,
            "method": "cash",
            "request_key": key or KEY.search(page)[1],
        }
        return staff.send(f"{TILL}/sale", **fields | typed)

    return take


def count_orders():
    return len(list(db.session.scalars(select(Order.id))))


def test_a_phone_opens_the_sale_and_a_name_lists_who_matches(staff, jane):
    found = staff.get(f"{TILL}?q=0712 345 678")
    assert (found.status_code, found.headers["Location"]) == (303, f"{TILL}/sale?customer={jane.id}")
    typing = staff.get(f"{TILL}?q=0712345678&typing=1", headers={"HX-Request": "true"})
    assert f"{TILL}/sale?customer={jane.id}" in typing.headers["HX-Location"]
    assert f"{TILL}/sale?customer={jane.id}" in staff.get(f"{TILL}?q=wamb").text
    assert "No customers found" in staff.get(f"{TILL}?q=nobody").text
    assert staff.get(f"{TILL}/sale").headers["Location"] == TILL
    assert staff.get(f"{TILL}/sale?customer=999999999").status_code == 404


def test_the_amount_says_what_it_earns(staff, jane):
    page = staff.get(f"{TILL}/sale?customer={jane.id}&amount=960&typing=1").text
    assert "+960 points" in page
    assert "Give 960 points" in page
    assert "Record the sale" in staff.get(f"{TILL}/sale?customer={jane.id}&amount=x").text


def test_a_sale_is_given_once_and_undone(staff, take, jane, inside):
    key = "6f1f6a5e-5d0c-4a86-9d0e-2f6f1a0c9b11"
    first, again = take(key=key), take(key=key)
    assert (first.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    page = staff.get(first.headers["Location"]).text
    for words in ("+960", "points given", "Balance: 960 points", "worth KES 9.60", "Jane Wambui"):
        assert words in page
    assert (inside(count_orders), inside(find_balance, jane.id)) == (1, 960)
    assert "Jane Wambui" in staff.get(TILL).text
    staff.send(f"{first.headers['Location']}/undo")
    assert inside(find_balance, jane.id) == 0
    assert "Sale undone." in staff.get(TILL).text
    assert "This sale was undone" in staff.get(first.headers["Location"]).text


def test_the_same_amount_again_is_asked_about(take, jane, inside):
    first = take().headers["Location"]
    asked = take()
    assert (asked.status_code, inside(count_orders)) == (422, 1)
    assert "The same amount was recorded for this customer a moment ago" in asked.text
    assert first in asked.text
    assert take(repeated=first.rpartition("/")[2]).status_code == 303
    assert (inside(count_orders), inside(find_balance, jane.id)) == (2, 1920)


def test_a_used_reference_shows_its_sale(take, jane, inside):
    first = take(method="mpesa", reference="sgh7x2k9qp")
    again = take(amount="10", method="mpesa", reference="SGH7X2K9QP")
    assert again.status_code == 422
    assert "This sale was not recorded. The payment was already used:" in again.text
    assert first.headers["Location"] in again.text
    assert inside(find_balance, jane.id) == 960


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"amount": ""}, "Enter the amount"),
        ({"amount": "0"}, "Enter an amount above 0"),
        ({"amount": "abc"}, "Enter an amount above 0"),
        ({"amount": "12.345"}, "Enter an amount above 0"),
        ({"key": "mine"}, "Reload the page"),
    ],
)
def test_errors_are_shown_at_their_field(take, inside, typed, words):
    refused = take(**typed)
    assert (refused.status_code, inside(count_orders)) == (422, 0)
    assert words in refused.text


def test_a_clerk_above_the_limit_is_referred_to_a_manager(browse, inside, jane):
    inside(change_settings, {"till_sale_limit": "500"}, TESTER)
    clerk = browse()
    clerk.sign_in(inside(factories.make_staff, role="clerk").email)
    page = clerk.get(f"{TILL}/sale?customer={jane.id}").text
    fields = {"customer_id": str(jane.id), "amount": "960", "method": "cash", "request_key": KEY.search(page)[1]}
    refused = clerk.send(f"{TILL}/sale", **fields)
    assert refused.status_code == 422
    assert "need a manager" in refused.text


def test_a_new_phone_joins_with_the_answers_given(staff, inside):
    asked = staff.get(f"{TILL}?q=0733000222")
    assert asked.headers["Location"].startswith(f"{TILL}/join?phone=0733000222")
    assert 'value="0733000222"' in staff.get(asked.headers["Location"]).text
    typed = {"phone": "0733000222", "first_name": "Akinyi", "joins": "y", "marketing": "no"}
    joined = staff.send(f"{TILL}/join", **typed)
    assert joined.status_code == 303
    assert staff.send(f"{TILL}/join", **typed).headers["Location"].startswith(f"{TILL}?q=0733000222")

    def known():
        customer = db.session.scalars(select(Customer)).one()
        return customer.phone, customer.first_name, {each.kind: each.given for each in list_consents(customer.id)}

    answers = {ConsentKind.LOYALTY_PROGRAMME: True, ConsentKind.MARKETING_SMS: False}
    assert inside(known) == ("+254733000222", "Akinyi", answers)
    assert staff.send(f"{TILL}/join", phone="12").status_code == 422


def test_an_order_that_is_no_sale_of_the_till_is_not_found(staff, inside, jane):
    order = inside(factories.make_order, jane)
    assert staff.get(f"{TILL}/sales/{order.id}").status_code == 404


def test_a_payment_that_just_came_in_pays_the_sale(staff, inside, jane, take):
    receipt = f"S{secrets.token_hex(5).upper()[1:]}"
    inside(factories.make_payment_address)
    inside(receive_payment, Confirmation(receipt, clock.now(), 50_000, payer=parse_payer("254799123456")))
    page, part = staff.get(f"{TILL}/sale?customer={jane.id}").text, staff.get(f"{TILL}/payments").text
    assert all(receipt in text and "0799 ••• 456" in text and "799123456" not in text for text in (page, part))
    other = take("960", paid_by=receipt)
    assert (other.status_code, "500.00 was paid, but the sale is over 960.00" in other.text) == (422, True)
    taken = take("", paid_by=receipt)
    assert (taken.status_code, inside(find_balance, jane.id)) == (303, 500)
    assert receipt not in staff.get(f"{TILL}/payments").text
    again = take("", paid_by=receipt)
    assert (again.status_code, "used already or came in too long ago" in again.text) == (422, True)
    assert inside(find_balance, jane.id) == 500


def test_a_sale_shows_its_tax_on_the_receipt_the_order_and_the_export(staff, take, inside):
    inside(set_tax_prices, TaxPrices.INCLUDED, TESTER)
    take("1160")
    order_id = inside(lambda: db.session.scalars(select(Order.id)).one())
    for path in ("", "/receipt", "/invoice"):
        page = staff.get(f"/staff/orders/{order_id}{path}", follow_redirects=True).text
        assert "VAT 16% in 1,160.00" in page, path
    row = next(csv.DictReader(StringIO(staff.get("/staff/orders.csv").get_data(as_text=True).lstrip("\ufeff"))))
    assert (row["Total"], row["Tax in the total"]) == ("1160.00", "160.00")
    assert "B VAT 16%,16,1,1000.00,160.00" in staff.get("/staff/reports.csv?report=taxes&span=30d").text


@pytest.mark.parametrize("customer", ["9" * 25, "\u0661", "-1", "x"])
@pytest.mark.parametrize("page", ["/staff/till/sale", "/staff/till/redeem"])
def test_a_customer_that_is_no_id_leads_back_to_the_till(staff, page, customer):
    assert staff.get(page, query_string={"customer": customer}).headers["Location"] == "/staff/till"
    typed = {"amount": "960", "method": "cash", "request_key": str(uuid.uuid4())}
    assert staff.send(page, customer_id=customer, **typed).headers["Location"] == "/staff/till"
