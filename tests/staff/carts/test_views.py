"""The pages of abandoned carts."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import AbandonedCart
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.shoppers.abandoned_carts import CartLeft, keep_abandoned_cart
from tests import factories

PAGE = "/staff/carts"


def leave(line, **rest):
    keep_abandoned_cart(CartLeft([line], **rest), shopper=None, address="192.0.2.9", secret_key="k" * 32)
    return db.session.scalars(select(AbandonedCart.id).order_by(AbandonedCart.id.desc())).first()


@pytest.fixture
def cart(inside):
    milk = inside(factories.make_product, "Maziwa <1 l>", 6500)
    return inside(lambda: leave(CartLine(milk.id, 2), email="jane@example.com", reminder_consent=True))


def test_the_empty_list_says_what_is_listed(staff):
    assert "No abandoned carts" in staff.get(PAGE).text
    assert "No carts found" in staff.get(f"{PAGE}?q=nobody").text


@pytest.mark.usefixtures("cart")
def test_the_list_says_who_left_what(staff):
    page = staff.get(f"{PAGE}?filters=1").text
    for words in ("jane@example.com", "Maziwa &lt;1 l&gt;", "130.00", "No reminder yet"):
        assert words in page
    wrong = staff.get(f"{PAGE}?worth_from=abc")
    assert (wrong.status_code, "Enter an amount" in wrong.text) == (422, True)


def test_a_reminder_is_sent_and_stopped(staff, cart):
    assert "Send the reminder" in staff.get(f"{PAGE}/{cart}").text
    assert staff.send(f"{PAGE}/{cart}/remind").status_code == 303
    page = staff.get(f"{PAGE}/{cart}").text
    assert "A reminder was sent" in page
    assert "Send the reminder" not in page
    staff.send(f"{PAGE}/{cart}/remind")
    assert "A reminder of this cart was sent already." in staff.get(f"{PAGE}/{cart}").text
    staff.send(f"{PAGE}/{cart}/stop", stopped="1")
    assert "Allow a reminder again" in staff.get(f"{PAGE}/{cart}").text


def test_a_clerk_sees_the_cart_and_why_there_is_no_button(browse, inside, cart):
    clerk = browse()
    clerk.sign_in(inside(factories.make_staff, role="clerk").email)
    page = clerk.get(f"{PAGE}/{cart}").text
    assert "Your role doesn’t allow this." in page
    assert clerk.send(f"{PAGE}/{cart}/remind").status_code == 403


def test_an_unknown_cart_is_not_found(staff):
    assert staff.get(f"{PAGE}/999999").status_code == 404
