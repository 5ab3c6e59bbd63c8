"""The checkout in another language: all its texts are in the catalogue."""

import pytest

from tests.support.marked import make_catalogue, unmarked_in_page
from tests.support.shopper import CheckoutShopper

DATA = (
    *("Duka la Majaribio", "Brown bread, 400 g", "Fresh milk", "Rider in Nairobi", "Cash on Delivery", "KES", "Tuza"),
    *("Wanjiku", "Kamau", "wanjiku@example.com", "ORD", "Kenya"),
)


@pytest.fixture
def engine_name():
    return "sqlite"  # what pages say does not depend on the database


@pytest.fixture
def app(make_private_app, tmp_path):
    return make_private_app(BABEL_TRANSLATION_DIRECTORIES=str(make_catalogue(tmp_path / "marked")))


def test_the_checkout_is_translated_from_opening_to_order(client, shop, catalogue):
    shopper = CheckoutShopper.at(client, shop.slug, f"{catalogue['bread']}:1,{catalogue['milk']}:2", lang="sw")
    pages = [shopper.page]
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "sw"
    pages.append(shopper.step("order", email="wrong"))
    pages.append(shopper.step("code", email="wanjiku@example.com"))
    assert [unmarked_in_page(page.replace(shop.slug, ""), DATA) for page in pages] == [[], [], []]


def test_a_checkout_that_cannot_be_opened_says_so_in_the_language(client, shop, catalogue):
    page = client.get(f"/checkout/{shop.slug}?lang=sw").text
    assert unmarked_in_page(page, DATA) == []
