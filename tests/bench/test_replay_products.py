"""The replay's products: an article that was sold at two prices is two products."""

from bench.replay.products import add_products


def test_an_article_with_two_prices_is_two_products(ctx):
    assert len(set(add_products([("1082185", "Bananas", 99), ("1082185", "Bananas", 120)]))) == 2
