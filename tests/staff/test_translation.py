"""Staff pages in another language: all their texts are in the catalogue."""

import re

import pytest

from tests import factories
from tests.support.marked import make_catalogue, unmarked_in_page

DATA = (
    *("Tuza", "Duka la Majaribio", "Zawadi Otieno", "Kikombe", "Rider", "M-Pesa", "Daraja", "Safaricom", "Tests"),
    *("English", "Kiswahili", "Africa/Nairobi", "Owner", "KES", "API", "Tester", "Groceries", "for a test", "Test"),
    *("Enter", "Esc", "Ctrl", "Werkzeug"),
)
"""Names, and what the tests' shop is made of."""
HANDLES = re.compile(
    r'<span class="num">[0-9a-f]+</span>|[\w.+-]+@[\w.-]+|https?://\S+|ORD-[\w-]+|(?:ck|cs|evt)_\w+|duka-\w+'
)
"""Identifiers, addresses and references, which no language changes."""


@pytest.fixture
def engine_name():
    return "sqlite"  # what pages say does not depend on the database


@pytest.fixture
def app(make_private_app, tmp_path):
    return make_private_app(BABEL_TRANSLATION_DIRECTORIES=str(make_catalogue(tmp_path / "marked")))


def _fill():
    customer = factories.make_customer(first_name="Zawadi", last_name="Otieno", phone="+254712345678", points=500)
    factories.make_product("Kikombe", 6500)
    factories.make_payment()
    return customer.id, factories.make_order(customer).id, factories.make_order(customer, payment_status="paid").id


LISTS = (
    "",
    "orders",
    "orders?filters=1&q=nothing",
    "customers",
    "customers?filters=1",
    "customers?q=nothing",
    "customers/new",
    "ledger",
    "ledger/days",
    "registrations",
    "settings/loyalty",
    "settings/loyalty/changes",
    "settings/store",
    "settings/payments",
    "settings/staff",
    "settings/keys",
    "settings/audit",
    "account",
    "account/devices",
    "nothing",
)


@pytest.fixture
def paths(inside):
    customer, unpaid, paid = inside(_fill)
    details = (f"customers/{customer}", f"customers/{customer}?why=1", f"orders/{unpaid}", f"orders/{paid}")
    return [f"/staff/{path}" for path in (*LISTS, *details)]


def test_every_page_of_a_member_who_reads_swahili_is_translated(staff, owner, paths):
    assert staff.send("/staff/account/language", language="sw").status_code == 303
    data = (*DATA, owner.name, owner.email)
    found = {path: unmarked_in_page(HANDLES.sub(" ", staff.get(path).text), data) for path in paths}
    assert [(path, words) for path, words in found.items() if words] == []


@pytest.mark.parametrize("path", ["/staff/sign-in", "/staff/forgotten-password", "/staff/new-password/" + "a" * 64])
def test_visitors_pages_are_translated_too(visitor, path):
    page = visitor.get(path, headers={"Accept-Language": "sw"})
    assert unmarked_in_page(HANDLES.sub(" ", page.text), DATA) == []


def test_error_messages_are_in_the_chosen_language(visitor):
    token = visitor.token()
    fields = {"csrf_token": token, "email": "", "password": ""}
    page = visitor.client.post("/staff/sign-in?lang=sw", data=fields)
    assert page.status_code == 422
    assert unmarked_in_page(HANDLES.sub(" ", page.text), DATA) == []
