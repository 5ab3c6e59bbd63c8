"""Reminders of abandoned carts."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.domain.customers.privacy import ConsentKind, ConsentSource
from shop.models import AbandonedCart, AuditEntry, OutboxMessage
from shop.services import clock
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.catalogue.products.records import update_product
from shop.services.errors import Conflict
from shop.services.messaging.cart_reminders import Hindrance, find_hindrance, get_left_cart, remind, set_stopped
from shop.services.messaging.mails.mail_composer import compose
from shop.services.outbox import ClaimedMessage
from shop.services.privacy.consents import ConsentStatement, record_consent
from shop.services.shoppers.abandoned_carts import CartLeft, keep_abandoned_cart
from tests import factories
from tests.factories import TESTER

EMAIL = "jane@example.com"


def leave(*, consent=False, email=EMAIL, **line):
    """Report an abandoned cart; return its id."""
    left = CartLeft([CartLine(**line)], email, reminder_consent=consent)
    keep_abandoned_cart(left, shopper=None, address=factories.unique(), secret_key="k" * 32)
    return db.session.scalars(select(AbandonedCart.id).order_by(AbandonedCart.id.desc())).first()


def state(customer, given):
    record_consent(
        customer.id, ConsentStatement(ConsentKind.MARKETING_EMAIL, given, ConsentSource.IN_PERSON, "spoken"), TESTER
    )


def hindrance_of(cart_id):
    db.session.expire_all()
    return find_hindrance(get_left_cart(cart_id))


def mail():
    row = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "cart_reminder")).one()
    return compose(
        ClaimedMessage(row.id, row.shop_id, row.kind, row.payload, row.recipient, 1, row.created_at), "k" * 32
    )


@pytest.fixture
def milk(ctx):
    return factories.make_product("Milk <fresh>", 6500)


def test_a_reminder_lists_the_cart_and_is_sent_once(milk):
    kilo = factories.make_variant(milk, "2 l", 12000)
    cart = leave(consent=True, product_id=milk.id, variant_id=kilo.id, quantity=3)
    remind(cart, TESTER)
    sent = mail()
    assert (sent.recipient, sent.subject) == (EMAIL, "Your cart at Duka la Majaribio")
    assert "3 × Milk <fresh> · 2 l: KES 360.00" in sent.text
    assert f"items={milk.id}.{kilo.id}:3" in sent.text
    assert "Milk &lt;fresh&gt;" in sent.html
    with pytest.raises(Conflict):
        remind(cart, TESTER)
    assert hindrance_of(cart) == Hindrance.REMINDED
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "cart.reminded")).one()


def test_a_reminder_needs_consent(milk):
    cart = leave(product_id=milk.id, quantity=1)
    assert hindrance_of(cart) == Hindrance.NO_CONSENT
    jane = factories.make_customer(EMAIL)
    state(jane, True)
    assert hindrance_of(cart) is None
    state(jane, False)
    assert hindrance_of(cart) == Hindrance.NO_CONSENT


def test_consent_withdrawn_after_the_cart_stops_its_mail(milk, monkeypatch):
    cart = leave(consent=True, product_id=milk.id, quantity=1)
    remind(cart, TESTER)
    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    state(factories.make_customer(EMAIL), False)
    assert mail() is None


def test_a_cart_without_an_address_gets_none(milk):
    assert hindrance_of(leave(consent=True, email=None, product_id=milk.id, quantity=1)) == Hindrance.NO_EMAIL


def test_a_stopped_reminder_that_waits_is_not_sent(milk):
    cart = leave(consent=True, product_id=milk.id, quantity=1)
    remind(cart, TESTER)
    set_stopped(cart, True, TESTER)
    assert (hindrance_of(cart), mail()) == (Hindrance.STOPPED, None)
    set_stopped(cart, False, TESTER)
    assert hindrance_of(cart) == Hindrance.REMINDED


def test_what_was_ordered_since_is_not_reminded_of(milk):
    cart = leave(consent=True, product_id=milk.id, quantity=1)
    factories.place(factories.make_customer(EMAIL), [(milk, 1)])
    assert hindrance_of(cart) == Hindrance.ORDERED


def test_a_cart_whose_products_are_not_for_sale_is_not_marked_as_reminded(milk):
    cart = leave(consent=True, product_id=milk.id, quantity=1)
    update_product(milk.id, {"status": "hidden"}, TESTER)
    assert hindrance_of(cart) == Hindrance.NOT_FOR_SALE
    with pytest.raises(Conflict):
        remind(cart, TESTER)
    assert get_left_cart(cart).cart.reminded_at is None
