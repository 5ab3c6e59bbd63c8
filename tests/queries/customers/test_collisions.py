"""Customers with one e-mail or phone between them, as stored today or written as in earlier times."""

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.codes import new_token
from shop.queries.customers import collisions
from shop.queries.customers.collisions import list_collisions
from tests import factories


def stored(**values):
    """A customer as an earlier version stored them."""
    customer = factories.make_customer(f"{new_token()[:12]}@example.com")
    with transaction():
        for name, value in values.items():
            setattr(customer, name, value)
        db.session.flush()
    return customer.id


def found():
    return [(one.field, one.value, [customer.id for customer in one.customers]) for one in list_collisions()]


def test_customers_of_their_own_are_not_listed(ctx):
    stored(email="jane@example.com", phone="+254712345678")
    stored(email="john@example.com", phone="+254722345678")
    stored(email="Amina@Example.com", phone="0733 345 678")
    assert found() == []


def test_an_email_and_a_phone_of_earlier_times_collide_with_those_of_today(ctx):
    old = stored(email="Jane@BÜCHER.example", phone="0712 345-678")
    new = stored(email="jane@xn--bcher-kva.example", phone="+254712345678")
    trunk = stored(email=None, phone="+2540712345678")
    assert found() == [
        ("email", "jane@xn--bcher-kva.example", [old, new]),
        ("phone", "+254712345678", [old, new, trunk]),
    ]


def test_unreadable_values_never_conflict(ctx):
    for phone in ("12 34", "1234"):
        stored(phone=phone)
    assert found() == []


def test_the_customer_with_the_verified_phone_stays(ctx):
    first = stored(phone="+254712345678")
    verified = factories.make_customer(phone="0712345678").id
    assert found() == [("phone", "+254712345678", [verified, first])]


def test_a_value_of_very_many_shows_the_first(ctx, monkeypatch):
    monkeypatch.setattr(collisions, "SHOWN_CUSTOMERS", 2)
    ids = [stored(phone="+254700000000") for _ in range(3)]
    (one,) = list_collisions()
    assert (one.count, [customer.id for customer in one.customers]) == (3, ids[:2])
