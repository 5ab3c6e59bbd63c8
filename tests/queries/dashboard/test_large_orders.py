"""Unpaid orders that hold unusually much stock."""

from shop.queries.dashboard.large_orders import find_large_orders
from shop.services.orders.lifecycle import mark_paid, set_order_status
from tests import factories
from tests.factories import TESTER


def test_unconfirmed_orders_with_many_pieces_are_found_until_they_are_paid_or_confirmed(ctx):
    jane, milk = factories.make_customer(first_name="Jane"), factories.make_product(stock=1000)
    first, second, third = (factories.place(jane, [(milk, 30)]).order for _ in range(3))
    factories.place(jane, [(milk, 5)])
    assert [order.id for order in find_large_orders(25, 10)] == [third.id, second.id, first.id]
    assert find_large_orders(25, 1)[0][1:] == (third.order_number, "Jane", 30)
    set_order_status(first.id, "processing", TESTER)
    mark_paid(second.id, "", TESTER)
    assert [order.id for order in find_large_orders(25, 10)] == [third.id]
