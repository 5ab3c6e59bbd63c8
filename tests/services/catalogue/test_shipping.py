"""Delivery methods and the countries they serve."""

import pytest

from shop.services.errors import InvalidInput
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER


@pytest.fixture
def methods(ctx):
    """A rider in Kenya, a dearer courier everywhere in East Africa."""
    rider = factories.make_shipping("Rider", 20000, countries=["KE"])
    courier = factories.make_shipping("Courier", 45000, countries=["KE", "UG"])
    return {"rider": rider.id, "courier": courier.id, None: None}


def deliver(country, method_id=None):
    addresses = [] if country is None else [PostalAddress("shipping", name="Jane", country=country)]
    cart = [(factories.make_product(price_cents=10000), 1)]
    order = factories.place(factories.make_customer(), cart, addresses=addresses, shipping_method_id=method_id).order
    return order.shipping_method, order.shipping_cents


@pytest.mark.parametrize(
    ("country", "method", "delivered"),
    [
        ("Kenya", None, ("Rider", 20000)),
        ("ke", None, ("Rider", 20000)),
        ("", None, ("Rider", 20000)),
        ("Uganda", None, ("Courier", 45000)),
        ("UGA", "courier", ("Courier", 45000)),
        ("KE", "courier", ("Courier", 45000)),
        (None, None, (None, 0)),
        (None, "rider", ("Rider", 20000)),
    ],
)
def test_the_cheapest_that_serves_the_address_or_the_chosen_one(methods, country, method, delivered):
    assert deliver(country, methods[method]) == delivered


@pytest.mark.parametrize(("country", "method"), [("Germany", None), ("DE", "rider"), ("Uganda", "rider"), ("Oz", None)])
def test_a_country_that_is_not_served_is_refused(methods, country, method):
    with pytest.raises(InvalidInput) as refused:
        deliver(country, methods[method])
    assert refused.value.code == "shipping_country_not_served"


def test_the_shop_decides_what_an_order_without_a_method_costs(methods):
    change_setting("delivery_without_method", "free", TESTER)
    assert deliver("Germany") == (None, 0)
    change_setting("delivery_without_method", "refuse", TESTER)
    with pytest.raises(InvalidInput) as refused:
        deliver("KE")
    assert refused.value.code == "shipping_method_required"


def test_a_shop_without_methods_delivers_without_charge(ctx):
    assert deliver("Germany") == (None, 0)
