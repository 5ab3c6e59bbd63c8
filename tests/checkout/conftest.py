"""Fixtures of the checkout's tests: a shop with products, and shoppers in its checkout."""

from collections.abc import Callable
from typing import Any

import pytest

from tests import factories
from tests.factories import ShopAtHand
from tests.support.clients import ShopClient
from tests.support.shopper import CheckoutShopper

HOST_PAGE = "https://soko.example.com"


@pytest.fixture
def catalogue(inside: Callable[..., Any]) -> dict[str, Any]:
    """A shop that sells bread at 65.00 and milk at 62.00, delivers for 200.00 and accepts M-Pesa and cash."""

    def fill() -> dict[str, Any]:
        bread = factories.make_product("Brown bread, 400 g", 6500, stock=500)
        milk = factories.make_product("Fresh milk", 6200)
        return {
            "bread": bread.id,
            "milk": milk.id,
            "large": factories.make_variant(milk, "1 l", 11000).id,
            "rider": factories.make_shipping("Rider in Nairobi", 20000, countries=["KE"]).id,
            "cash": factories.make_payment("cod", "Cash on Delivery").code,
        }

    found: dict[str, Any] = inside(fill)
    return found


@pytest.fixture
def shopper(client: ShopClient, shop: ShopAtHand, catalogue: dict[str, Any]) -> CheckoutShopper:
    """A shopper with one bread and two milks in the checkout, on its own page."""
    return CheckoutShopper.at(client, shop.slug, f"{catalogue['bread']}:1,{catalogue['milk']}:2")
