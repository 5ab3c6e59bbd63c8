"""The best few matches of each kind."""

from shop.queries.search.results import SHOWN, search_shop
from tests import factories


def test_at_most_five_of_each_kind_are_returned(ctx):
    product = factories.make_product("Kamau tea", 10000)
    for number in range(SHOWN + 2):
        customer = factories.make_customer(f"kamau{number}@example.com", first_name="Kamau")
        factories.place(customer, [(product, 1)])
    found = search_shop("kamau")
    assert (len(found.customers), len(found.orders), len(found.products)) == (SHOWN, SHOWN, 1)


def test_a_blank_search_finds_nothing(ctx):
    factories.make_customer("jane@example.com")
    found = search_shop("  ")
    assert (found.customers, found.orders, found.products) == ([], [], [])
