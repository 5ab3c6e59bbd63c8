"""The list of orders: what a search finds and in which order, the same for staff and the API."""

import pytest

from shop.queries.orders import search
from shop.queries.orders.list import NEWEST_RECORDED, OrderFilters, browse_orders, list_orders
from shop.services.errors import InvalidInput
from shop.services.orders.lifecycle import set_payment_status
from tests import factories


@pytest.fixture
def orders(ctx):
    jose = factories.make_customer("jose@example.com", first_name="José", last_name="O’Hara", phone="0765123456")
    josephine = factories.make_customer("anne@example.com", first_name="Anne-Marie", last_name="Josephine")
    made = {"jose": factories.make_order(jose, 3_000), "anne": factories.make_order(josephine, 1_000)}
    set_payment_status(made["jose"].id, "paid", factories.TESTER, reference="S0AJKPBHE5")
    return {name: order.id for name, order in made.items()} | {"number": made["anne"].order_number}


def both(typed, **more):
    """Return the staff list after comparing it with the API's."""
    browsed = [order.id for order in browse_orders(OrderFilters(typed, **more)).rows]
    listed = [order.id for order in list_orders(OrderFilters(typed, sort=NEWEST_RECORDED, **more)).orders]
    assert browsed == listed
    return browsed


@pytest.mark.parametrize("few", [2_000, 0], ids=["by ids", "scanned"])
@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("jose", ["jose", "anne"]),
        ("Jose\u0301 ohara", ["jose"]),
        ("o'hara, jose", ["jose"]),
        ("anne marie", ["anne"]),
        ("+254 (0)765 123456", ["jose"]),
        ("0765 123456", ["jose"]),
        ("5123", ["jose"]),
        ("S0AJKPBHE5", ["jose"]),
        ("s0ajk", ["jose"]),
        ("S0AJKPBHE6", []),
        ("nobody", []),
    ],
)
def test_staff_and_the_api_find_the_same_orders_best_matches_first(orders, monkeypatch, typed, names, few):
    monkeypatch.setattr(search, "FEW", few)
    assert both(typed) == [orders[name] for name in names]


def test_an_order_is_found_by_its_number_and_its_last_five_characters(orders):
    number = orders["number"]
    for typed in (number, number.lower(), number[4:], number[-5:], number[-5:].lower(), f" {number} "):
        assert both(typed) == [orders["anne"]], typed
    squeezed = number.replace("-", "")
    arabic = number.translate({ord("0") + n: 0x660 + n for n in range(10)})
    wide = "".join(chr(ord(char) + 0xFEE0) for char in number)
    spaced = number.replace("-", " ").lower()
    for typed in (squeezed, squeezed[3:].lower(), spaced, f"#{spaced}", arabic, wide, wide[-5:], number[:-1]):
        assert both(typed) == [orders["anne"]], typed
    assert set(both(squeezed[:7])) == set(both(number[:8]))
    assert set(both(number[:8])) == {orders["anne"], orders["jose"]}


def test_orders_are_sorted_by_total_and_paged_by_cursor(orders):
    filters = OrderFilters(sort="-total")
    first = list_orders(filters, limit=1)
    second = list_orders(filters, limit=1, cursor=first.next_cursor)
    assert [page.orders[0].id for page in (first, second)] == [orders["jose"], orders["anne"]]
    assert (first.total, second.next_cursor) == (2, None)


@pytest.mark.parametrize("cursor", ["x", "", "e30", "WyItdG90YWwiLDAsMSwyLDNd", "é"])
def test_what_is_no_cursor_is_refused(orders, cursor):
    with pytest.raises(InvalidInput):
        browse_orders(OrderFilters(), after=cursor)


def test_an_unknown_sort_order_is_refused(orders):
    with pytest.raises(InvalidInput):
        list_orders(OrderFilters(sort="email"))
