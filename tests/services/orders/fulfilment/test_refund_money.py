"""Refunds whose money is to be sent: listed until they are marked."""

import pytest

from shop.services.errors import InvalidInput, NotFound
from shop.services.orders.fulfilment.notes import add_order_note
from shop.services.orders.fulfilment.refund_money import count_refunds_to_send, list_refunds_to_send, mark_refund_sent
from shop.services.orders.lifecycle import mark_paid, set_payment_status
from shop.services.orders.refunds import refund_order
from shop.services.orders.repository import get_order
from tests.factories import TESTER, make_customer, make_product, place

pytestmark = pytest.mark.usefixtures("ctx")


@pytest.fixture
def order():
    made = place(make_customer(), [(make_product(price_cents=50000), 1)]).order
    mark_paid(made.id, "", TESTER)
    return made


def test_a_refund_is_to_be_sent_until_it_is_marked(order):
    refunded = refund_order(order.id, 1000, "Broken", TESTER, is_sent=False)
    refund_order(order.id, 500, "Late", TESTER)
    refund = refunded.refunds[0]
    assert [(one.refund.id, one.order.id) for one in list_refunds_to_send()] == [(refund.id, order.id)]
    assert count_refunds_to_send() == 1
    assert mark_refund_sent(order.id, refund.id, " SGJ1Y8M4RT ", TESTER)
    assert not mark_refund_sent(order.id, refund.id, "", TESTER)
    after = get_order(order.id).refunds[0]
    assert (after.reference, after.sent_by) == ("SGJ1Y8M4RT", "Tester")
    assert count_refunds_to_send() == 0
    with pytest.raises(NotFound):
        mark_refund_sent(order.id + 1, refund.id, "", TESTER)


def test_programs_send_the_money_themselves(order):
    set_payment_status(order.id, "refunded", TESTER)
    assert count_refunds_to_send() == 0


def test_notes_are_internal_or_shared(order):
    assert not add_order_note(order.id, "Rang twice.", TESTER, is_shared=False)
    assert add_order_note(order.id, "On its way.", TESTER, is_shared=True)
    assert [(note.content, note.is_shared) for note in get_order(order.id).notes] == [
        ("Rang twice.", False),
        ("On its way.", True),
    ]
    with pytest.raises(InvalidInput):
        add_order_note(order.id, " ", TESTER, is_shared=True)
