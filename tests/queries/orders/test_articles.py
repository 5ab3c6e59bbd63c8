"""Articles for the form of an order: by name, by the name of a variant, by code."""

import pytest

from shop.db.session import db
from shop.queries.orders.articles import FOUND, find_by_code, get_articles, search_articles
from tests import factories


@pytest.fixture
def sugar(ctx):
    product = factories.make_product("Sukari Kabras", sku="SUKARI", tags=["nyumbani"])
    return [product, *(factories.make_variant(product, name) for name in ("1 kg", "500 g"))]


def names(found):
    return [article.name for article in found]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("sukari", ["Sukari Kabras (1 kg)", "Sukari Kabras (500 g)"]),
        ("SUKARI", ["Sukari Kabras (1 kg)", "Sukari Kabras (500 g)"]),
        ("kabras 500", ["Sukari Kabras (500 g)"]),
        ("sükari 1 kg", ["Sukari Kabras (1 kg)"]),
        ("nyumbani", ["Sukari Kabras (1 kg)", "Sukari Kabras (500 g)"]),
        ("mchele", []),
        (" ", []),
    ],
)
def test_variants_that_hold_every_word_are_found(sugar, typed, found):
    assert names(search_articles(typed)) == found


def test_articles_are_by_name_but_the_code_typed_is_first(ctx):
    for number in range(FOUND, -1, -1):
        factories.make_product(f"Chai {number:02}", sku=f"CHAI-{number}")
    assert names(search_articles("chai")) == [f"Chai {number:02}" for number in range(FOUND)]
    assert names(search_articles("CHAI-12"))[0] == "Chai 12"
    assert len(search_articles("CHAI-12")) == len({article.key for article in search_articles("CHAI-12")})


def test_hidden_products_are_not_found(ctx):
    factories.make_product("Chai", sku="CHAI", status="hidden")
    assert search_articles("chai") == []
    assert find_by_code("CHAI") is None


def test_the_code_of_a_product_with_variants_is_none_of_an_article(sugar):
    assert find_by_code("SUKARI") is None
    assert find_by_code("") is None


def test_a_code_is_found_however_it_is_typed_and_exactly_first(ctx):
    tea, milk = factories.make_product("Chai", sku="chai-7", barcode="６１６"), factories.make_product("Milk", sku="M")
    assert {find_by_code(code).product_id for code in ("CHAI-7", " ｃｈａｉ－７", "chai‑٧\u200b", "616")} == {tea.id}
    other = factories.make_product("Milk")
    other.sku = "m"
    db.session.flush()
    assert [find_by_code(code).product_id for code in ("M", "m")] == [milk.id, other.id]
    assert find_by_code("ｍ") is None


def test_articles_have_the_keys_of_a_form(sugar):
    product, kilo, _half = sugar
    assert list(get_articles([product.id], [kilo.id])) == [f"p{product.id}", f"v{kilo.id}"]
