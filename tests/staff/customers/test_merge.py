"""Merging two customers on the staff pages, and verifying a phone."""

import pytest

from shop.services.customers.records import create_customer, get_customer, update_customer
from shop.services.errors import NotFound
from shop.services.imports.customers import ImportRow, import_customer
from tests import factories
from tests.factories import TESTER

PHONE = "+254712345678"


@pytest.fixture
def pair(inside):
    """Ann and Anna, by their ids."""

    def make():
        ann = factories.make_customer("ann@example.com", first_name="Ann", last_name="Otieno", points=100)
        anna = create_customer(first_name="Anna", last_name="Otieno", phone=PHONE)
        return ann.id, anna.id

    return inside(make)


def test_merge_and_undo(staff, pair, inside):
    ann, anna = pair
    page = f"/staff/customers/{ann}/merge"
    assert "Anna Otieno" in staff.get(page, query_string={"q": "otieno"}).text
    assert "Ann Otieno" in staff.get(f"/staff/customers/{anna}/merge").text  # by the name: nobody else has the phone
    preview = staff.get(page, query_string={"other": anna}).text
    assert "Merge into Ann Otieno" in preview
    assert PHONE in preview
    assert staff.send(f"{page}/{anna}").status_code == 303
    with pytest.raises(NotFound):
        inside(get_customer, anna)
    assert "Undo the merge" in staff.get(page).text
    merge = staff.get(page).text.split("/staff/customers/merges/")[1].split("/")[0]
    assert staff.send(f"/staff/customers/merges/{merge}/undo").status_code == 303
    assert inside(get_customer, anna).phone == PHONE


def test_a_phone_that_staff_have_seen_is_verified(staff, inside):
    row = ImportRow({"email": "ann@example.com", "phone": PHONE})
    inside(import_customer, row, TESTER)
    ann = inside(lambda: create_customer("x@example.com").id) - 1
    page = f"/staff/customers/{ann}"
    assert "not verified" in staff.get(page).text
    assert staff.send(f"{page}/phone-seen").status_code == 303
    assert inside(get_customer, ann).phone_verified_at is not None
    assert "not verified" not in staff.get(page).text


def test_a_verified_phone_of_another_is_not_given(staff, pair, inside):
    ann, _anna = pair
    inside(update_customer, ann, TESTER, phone=PHONE, verified=False)
    refused = staff.send(f"/staff/customers/{ann}/phone-seen")
    assert refused.status_code == 422
    assert "Anna Otieno" in refused.text
    assert "belongs to more than one customer" in staff.get("/staff/").text
