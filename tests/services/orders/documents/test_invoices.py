"""Invoice numbers: once for an order, without a gap in a shop."""

import pytest

from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.services.errors import Conflict
from shop.services.orders.deletion import delete_order
from shop.services.orders.documents.invoices import find_invoice, invoice_name, issue_invoice
from shop.services.orders.lifecycle import cancel_order
from tests import factories
from tests.factories import TESTER, make_customer, make_product, place

pytestmark = pytest.mark.usefixtures("ctx")


def make():
    return place(make_customer(), [(make_product(), 1)]).order.id


def test_numbers_count_up_without_a_gap(shop):
    first, second, third = make(), make(), make()
    assert [issue_invoice(order, TESTER).number for order in (first, second, first)] == [1, 2, 1]
    with transaction() as session:
        assert issue_invoice(third, TESTER).number == 3
        session.rollback()
    assert find_invoice(third) is None
    assert issue_invoice(third, TESTER).number == 3
    other = factories.make_shop()
    use_shop(other.id)
    assert issue_invoice(make(), TESTER).number == 1
    use_shop(shop.id)
    assert issue_invoice(make(), TESTER).number == 4


def test_an_order_with_an_invoice_stays():
    order = make()
    issue_invoice(order, TESTER)
    with pytest.raises(Conflict) as refused:
        delete_order(order, TESTER)
    assert refused.value.code == "order_has_invoice"


def test_a_cancelled_order_gets_none():
    order = make()
    cancel_order(order, "Placed twice", TESTER)
    with pytest.raises(Conflict):
        issue_invoice(order, TESTER)


def test_a_number_is_written_with_zeros():
    assert invoice_name(42) == "INV-000042"
