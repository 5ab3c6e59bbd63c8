"""Customers with a phone and no e-mail."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.domain.statuses import ImportVerdict
from shop.models import Customer, OutboxMessage
from shop.queries.customers.list import CustomerFilters, list_customers
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.records import create_customer, find_customer, update_customer
from shop.services.errors import Conflict, InvalidInput
from shop.services.imports.customers import ImportRow, import_customer
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.otp import OtpConfig, send_code
from tests import factories
from tests.factories import TESTER

pytestmark = pytest.mark.usefixtures("ctx")
PHONE = "+254712345678"


def test_they_are_found_listed_and_searched_by_phone():
    ann = create_customer(phone="0712 345 678", first_name="Ann")
    assert (ann.email, find_customer(phone=PHONE).id) == (None, ann.id)
    assert [row.id for row in list_customers(CustomerFilters(search="0712345678")).rows] == [ann.id]
    assert create_customer(phone="0722345678").full_name == "+254722345678"


@pytest.mark.parametrize("given", [{}, {"email": " ", "phone": ""}, {"email": None, "phone": None}])
def test_one_of_both_is_needed(given):
    with pytest.raises(InvalidInput, match="or phone is required"):
        create_customer(**given)


def test_the_last_of_both_cannot_be_removed():
    ann = create_customer("ann@example.com", phone=PHONE)
    assert update_customer(ann.id, TESTER, email="").email is None
    with pytest.raises(InvalidInput, match="or phone is required"):
        update_customer(ann.id, TESTER, phone="")
    assert update_customer(ann.id, TESTER, email="ann@example.com", phone="").phone is None


def test_a_refused_email_names_who_has_it():
    create_customer("ann@example.com", first_name="Ann")
    with pytest.raises(Conflict) as refused:
        create_customer("ann@example.com")
    assert "Ann" in refused.value.errors[0].message


def test_nothing_is_mailed_to_them():
    ann = create_customer(phone=PHONE)
    adjust_points(ann.id, 50, "Goodwill", TESTER, tell=True)
    send_code(email=None, phone=PHONE, address="192.0.2.1", config=OtpConfig("k" * 32))
    assert set(db.session.scalars(select(OutboxMessage.recipient))) <= {None}


def test_they_order_and_are_deleted():
    product = factories.make_product(price_cents=10000)
    ann = create_customer(phone=PHONE)
    other = factories.make_customer("joe@example.com")
    factories.place(other, [(product, 1)])
    delete_customer(ann.id, TESTER)
    assert [row.id for row in db.session.scalars(select(Customer))] == [other.id]


def test_an_imported_phone_is_verified_only_if_the_row_says_so():
    row = {"email": "ann@example.com", "phone": PHONE}
    assert import_customer(ImportRow(row), TESTER) == ImportVerdict.NEW
    assert find_customer(phone=PHONE) is None
    assert import_customer(ImportRow(row), TESTER) == ImportVerdict.UNCHANGED
    assert import_customer(ImportRow(row, phone_verified=True), TESTER) == ImportVerdict.CHANGED
    assert find_customer(phone=PHONE) is not None


def test_a_row_without_email_needs_a_verified_phone():
    with pytest.raises(InvalidInput, match="phone_verified"):
        import_customer(ImportRow({"phone": PHONE}), TESTER)
    assert import_customer(ImportRow({"phone": PHONE}, phone_verified=True), TESTER) == ImportVerdict.NEW
    assert import_customer(ImportRow({"phone": PHONE}), TESTER) == ImportVerdict.UNCHANGED
