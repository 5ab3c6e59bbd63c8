"""A payment in shillings fits no order in another currency."""

from shop.services.payment_matching.orders import list_fitting_orders
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER


def test_an_order_in_dinars_is_not_offered_for_shillings(ctx):
    change_setting("currency", "KWD", TESTER)
    order = factories.make_order(factories.make_customer(), 5000)
    assert (order.currency, list_fitting_orders(5000)) == ("KWD", [])
