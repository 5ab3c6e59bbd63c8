"""Orders that a rider has."""

import pytest

from shop.domain.statuses import Fulfilment
from shop.queries.orders.page import get_order_page
from shop.services import audit_log
from shop.services.audit_log import list_audit
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.fulfilment.delivery import send_out
from shop.services.orders.fulfilment.undo import undo_done
from shop.services.orders.lifecycle import cancel_order, complete_order
from shop.services.orders.repository import get_order
from tests.factories import TESTER, make_customer, make_product, place

pytestmark = pytest.mark.usefixtures("ctx")


@pytest.fixture
def order():
    return place(make_customer(), [(make_product(), 1)]).order


def test_a_rider_takes_an_order_and_another_one_may(order):
    assert send_out(order.id, " Otieno ", "0712 345 678", TESTER)
    out = get_order(order.id)
    assert (out.status, out.rider_name, out.rider_phone) == ("processing", "Otieno", "0712 345 678")
    assert not send_out(order.id, "Wafula", "", TESTER)
    after = get_order(order.id)
    assert (after.rider_name, after.rider_phone, after.out_for_delivery_at) == ("Wafula", None, out.out_for_delivery_at)
    complete_order(order.id, TESTER)
    undo_done(order.id, TESTER)
    assert get_order(order.id).status == "processing"


def test_going_out_is_one_entry_of_the_history_and_the_audit_log(order):
    send_out(order.id, "Otieno", "", TESTER)
    complete_order(order.id, TESTER)
    entries = [entry.action for entry in list_audit().entries if entry.subject == f"order:{order.id}"]
    assert entries == ["order.status", "order.out_for_delivery"]
    kinds = [(event.kind, event.word) for event in get_order_page(order.id).events]
    assert kinds == [("status", "completed"), ("out", ""), ("made", "storefront")]
    before = {"action": "order.status", "subject": f"order:{order.id}", "old": "pending", "new": "processing"}
    audit_log.record(TESTER, **before)  # as recorded by earlier versions
    assert [(event.kind, event.word) for event in get_order_page(order.id).events] == kinds


def test_what_is_closed_does_not_go_out(order):
    with pytest.raises(InvalidInput):
        send_out(order.id, "x" * 201, "", TESTER)
    cancel_order(order.id, "Placed twice", TESTER)
    with pytest.raises(Conflict):
        send_out(order.id, "Otieno", "", TESTER)


@pytest.mark.parametrize(
    ("status", "is_out", "word"),
    [
        ("pending", False, "to_pack"),
        ("processing", False, "to_pack"),
        ("processing", True, "out_for_delivery"),
        ("completed", True, "done"),
        ("cancelled", True, "cancelled"),
    ],
)
def test_the_words(status, is_out, word):
    assert Fulfilment.of(status, is_out=is_out) == word
