"""The page of the sandbox: in a live shop how to get one, in a sandbox its clock and messages."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import in_shop
from shop.models import Shop
from tests import factories


@pytest.fixture
def sandbox(staff, inside, shop):
    """The browser in a sandbox that was made on the page; the sandbox's id."""
    assert "Create a sandbox" in staff.get("/staff/sandbox").text
    assert staff.send("/staff/sandbox").status_code == 303
    made = inside(lambda: db.session.scalars(select(Shop.id).where(Shop.slug == f"{shop.slug}-sandbox")).one())
    assert f'value="{made}"' in staff.get("/staff/sandbox").text
    staff.send("/staff/shop", shop_id=str(made))
    return made


def test_a_second_one_is_refused_with_a_sentence(staff):
    staff.send("/staff/sandbox")
    staff.send("/staff/sandbox")
    assert "A shop with the short name" in staff.get("/staff/sandbox").text


def test_every_page_of_a_sandbox_is_marked(staff, sandbox):
    for path in ("/staff/", "/staff/orders", "/staff/sandbox"):
        page = staff.get(path).text
        assert "No e-mail or SMS is sent and nobody is charged." in page
    assert staff.get("/staff/sandbox?lang=sw").status_code == 200


def test_the_clock_moves_and_says_what_happened(staff, sandbox, app):
    def prepare():
        with app.app_context(), in_shop(sandbox):
            factories.make_payment("mpesa", "M-Pesa", time_limit_minutes=30)
            customer = factories.make_customer("jane@example.com")
            return factories.place(customer, [(factories.make_product(), 1)], payment_method="mpesa").order.order_number

    number = prepare()
    page = staff.get("/staff/sandbox").text
    assert f">{number}</a>" in page
    assert "jane@example.com" in page
    assert staff.send("/staff/sandbox/clock", advance="P1M").status_code == 303
    page = staff.get("/staff/sandbox").text
    assert "order.cancelled" in page
    assert "ahead of real time" in page


@pytest.mark.parametrize(
    ("to", "problem"),
    [
        ("2020-01-01T10:00", "Must not be before now"),
        ("soon", "Must be a day and a time"),
        ("9999-12-31T23:59", "five"),
    ],
)
def test_a_time_that_cannot_be_is_refused_beside_the_field(staff, sandbox, to, problem):
    refused = staff.send("/staff/sandbox/clock", to=to)
    assert refused.status_code == 422
    assert problem in refused.text


def test_a_reset_is_confirmed_first(staff, sandbox):
    assert "Delete all customers" in staff.send("/staff/sandbox/reset").text
    assert staff.send("/staff/sandbox/reset", sure="1").status_code == 303
