"""The page of customers with the same e-mail or phone."""

from shop.db.transaction import transaction
from shop.services.customers.records import find_or_create_customer
from tests import factories

PAGE = "/staff/customers/duplicates"


def test_customers_with_one_phone_lead_to_the_merge(staff, inside):
    def fill():
        first = factories.make_customer(phone="0712345678")
        with transaction():
            second = find_or_create_customer(f"{factories.unique('guest')}@example.com", phone="0712345678")
            return first.id, second.id

    assert "No duplicates" in staff.get(PAGE).text
    first, second = inside(fill)
    page = staff.get(PAGE).text
    address = f"/staff/customers/{first}/merge?other={second}"
    assert address in page
    assert staff.get(address).status_code == 200
    assert PAGE in staff.get("/staff/customers").text
    assert PAGE in staff.get("/staff/").text


def test_the_page_is_for_those_who_merge(browse, inside):
    worker = browse()
    worker.sign_in(inside(factories.make_staff, role="clerk").email)
    assert worker.get(PAGE).status_code == 403
    assert PAGE not in worker.get("/staff/customers").text
