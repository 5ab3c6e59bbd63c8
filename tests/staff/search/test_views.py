"""The search over customers, orders, products, settings and pages."""

import re

import pytest

from tests import factories


@pytest.fixture
def sample(inside):
    """A customer with an order of a product."""

    def make():
        jane = factories.make_customer("jane@example.com", first_name="Jane", last_name="Kamau")
        milk = factories.make_product("Brookside milk", 12000)
        return jane.id, factories.place(jane, [(milk, 1)]).order

    return inside(make)


def found(browser, typed):
    """The links of the results for a search, as the dialog gets them."""
    page = browser.get("/staff/search", query_string={"q": typed}, headers={"HX-Request": "true"})
    assert page.status_code == 200
    assert "<html" not in page.text
    return re.findall(r'role="option"[^>]* href="([^"]+)"', page.text)


def test_a_customer_and_their_orders_are_found_by_name(staff, sample):
    customer_id, order = sample
    links = found(staff, "kamau")
    assert f"/staff/customers/{customer_id}" in links
    assert f"/staff/orders/{order.id}" in links


def test_an_order_is_found_by_its_number_and_a_product_by_its_name(staff, sample):
    _customer_id, order = sample
    assert found(staff, order.order_number) == [f"/staff/orders/{order.id}"]
    assert "Brookside milk" in staff.get("/staff/search?q=brookside").text


def test_settings_and_pages_are_found_by_their_labels(staff):
    links = found(staff, "time zone")
    assert links == ["/staff/settings/store#shop_timezone"]
    assert "/staff/ledger" in found(staff, "ledger")


def test_without_a_search_all_pages_are_listed(staff):
    assert found(staff, " ")[:3] == ["/staff/", "/staff/till", "/staff/orders"]


def test_a_clerk_is_offered_only_what_they_may_open(browse, inside):
    clerk = inside(factories.make_staff, "clerk@example.com", role="clerk")
    browser = browse()
    browser.sign_in(clerk.email)
    nouns = ["till", "orders", "payments", "products", "customers", "ledger", "carts", "coupons"]
    assert found(browser, "") == ["/staff/", *(f"/staff/{noun}" for noun in nouns), "/api/docs"]
    assert found(browser, "time zone") == []


def test_without_scripts_the_page_has_the_field_and_the_results(staff, sample):
    page = staff.get("/staff/search?q=kamau").text
    assert 'value="kamau"' in page
    assert "Jane Kamau" in page


@pytest.mark.parametrize("typed", ["<b>x</b>", "%", "\\", "x" * 5000, "'; DROP TABLE orders", "☃"])
def test_anything_typed_is_a_search(staff, typed):
    page = staff.get("/staff/search", query_string={"q": typed})
    assert page.status_code == 200
    assert "<b>x</b>" not in page.text


def test_nothing_of_another_shop_is_found(staff, app, sample):
    with app.app_context():
        factories.make_shop()
        factories.make_customer("other@example.com", first_name="Otieno", last_name="Unfindable")
    assert "Unfindable" not in staff.get("/staff/search?q=otieno").text
