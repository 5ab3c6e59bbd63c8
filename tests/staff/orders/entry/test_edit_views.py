"""Editing an order on the page: the difference before saving, and what cannot be edited."""

import re

import pytest

from shop.services.orders.lifecycle import set_payment_status
from shop.services.orders.repository import get_order
from tests import factories
from tests.factories import TESTER


@pytest.fixture
def order(inside):
    def make():
        jane = factories.make_customer(first_name="Jane", points=5000)
        milk = factories.make_product("Fresh milk", 6250, stock=9)
        return factories.place(jane, [(milk, 2)], points=1000).order

    return inside(make)


def fields_of(page):
    """The fields of the page's form, as a browser would send them."""
    sent = {}
    for tag in re.findall(r"<input[^>]*>", page.text, re.DOTALL):
        names = dict(re.findall(r'\b(name|value|type)="([^"]*)"', tag))
        if "name" in names and (names.get("type") not in ("radio", "checkbox") or " checked" in tag):
            sent[names["name"]] = names.get("value", "")
    return sent


def test_the_difference_is_shown_and_then_saved(staff, inside, order):
    path = f"/staff/orders/{order.id}/edit"
    fields = fields_of(staff.get(path)) | {"line-0-quantity": "1"}
    fields.pop("csrf_token")
    page = staff.send(path, **fields)
    assert "115.00 → <b" in page.text
    assert "52.50</b>" in page.text
    assert inside(get_order, order.id).total_cents == 11500
    saved = staff.send(path, **fields, do="save")
    assert saved.status_code == 303
    assert inside(get_order, order.id).total_cents == 5250
    assert "115.00 → 52.50" in staff.get(saved.location).text
    again = staff.send(path, **fields, do="save")
    assert again.status_code == 422
    assert "changed in the meantime" in again.text


def test_a_paid_order_is_not_edited(staff, inside, order):
    path = f"/staff/orders/{order.id}/edit"
    fields = fields_of(staff.get(path))
    inside(set_payment_status, order.id, "paid", TESTER)
    assert staff.get(path).status_code == 303
    refused = staff.send(path, **(fields | {"do": "save"}))
    assert refused.status_code == 422
    assert "is paid" in refused.text


def test_a_clerk_does_not_edit(browse, inside, order):
    clerk = browse()
    clerk.sign_in(inside(factories.make_staff, role="clerk").email)
    assert clerk.get(f"/staff/orders/{order.id}/edit").status_code == 403
    assert f"/staff/orders/{order.id}/edit" not in clerk.get(f"/staff/orders/{order.id}").text


def test_lines_are_added_and_removed_on_the_page(staff, inside, order):
    tea = inside(factories.make_product, "Tea", 5000, sku="CHAI-1")
    path = f"/staff/orders/{order.id}/edit"
    page = staff.send(path, **(fields_of(staff.get(path)) | {"find_article": "CHAI-1"}))
    fields = fields_of(page)
    assert fields["line-1-article"] == f"p{tea.id}"
    assert staff.send(path, **(fields | {"remove": "0", "do": "save"})).status_code == 303
    assert [item.name for item in inside(get_order, order.id).items] == ["Tea"]
