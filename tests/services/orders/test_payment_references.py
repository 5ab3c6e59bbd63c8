"""A payment's reference on two orders: accepted and flagged, in whatever case it was typed."""

from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from uuid import uuid4

import pytest

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.payments.received import ReceivedState
from shop.domain.text.cleaning import upper_case_forms
from shop.queries.orders.list import OrderFilters, list_orders
from shop.services import clock
from shop.services.errors import Conflict
from shop.services.orders.fulfilment.undo import undo_paid
from shop.services.orders.lifecycle import mark_paid
from shop.services.orders.manual.creation import create_manual_order
from shop.services.orders.manual.order import ManualLine, ManualOrder
from shop.services.orders.payment_references import find_paid_by
from shop.services.orders.recording import ExternalLine, ExternalOrder, record_order
from shop.services.orders.review_flags import list_flags, list_open_flags
from shop.services.payment_matching.matching import receive_payment
from shop.services.payments.received import Confirmation, find_user_of
from shop.services.till.sales import Sale, record_sale
from tests import factories
from tests.factories import TESTER
from tests.services.payment_matching.test_matching import in_shop_of, is_waited_for

pytestmark = pytest.mark.usefixtures("ctx")
MIXED, RECEIPT = "s0ajkPBHE5", "S0AJKPBHE5"


def paid(reference):
    order = factories.make_order(factories.make_customer(), 5000)
    mark_paid(order.id, reference, TESTER)
    return order


def test_the_second_order_with_a_receipt_is_paid_and_flagged():
    first, second, other = paid(MIXED), paid(RECEIPT), paid("S0AJKPBHE6")
    assert [flag.order_id for flag in list_open_flags(9, "same_reference")] == [second.id]
    flag = list_flags(second.id)[0]
    assert (flag.kind, flag.reference, flag.amount_cents) == ("same_reference", RECEIPT, 5000)
    assert [order.id for order in find_paid_by(RECEIPT.lower(), besides=second.id)] == [first.id]
    assert find_paid_by("S0AJKPBHE6") == [(other.id, other.order_number)]


def by_hand(reference, _order_id):
    entered = ManualOrder([ManualLine(1, name="Soap", price_cents=5000)], is_paid=True, payment_reference=reference)
    return create_manual_order(entered, TESTER, request_key=str(uuid4())).id


def marked(reference, order_id):
    mark_paid(order_id, reference, TESTER)
    return order_id


def recorded(reference, _order_id):
    soap = ExternalLine(1, name="Soap", price_cents=5000)
    sold = {"email": "jane@example.com", "payment_status": "paid", "payment_reference": reference}
    return record_order(ExternalOrder(lines=[soap], **sold), TESTER).id


@pytest.mark.parametrize("pay", [marked, by_hand, recorded])
def test_of_two_orders_that_get_a_receipt_at_the_same_time_one_is_flagged(app, ctx, pay):
    first, second = (factories.make_order(factories.make_customer(), 5000) for _ in range(2))
    db.session.commit()
    with ThreadPoolExecutor(1) as pool:
        with transaction():
            mark_paid(first.id, MIXED, TESTER)
            other = pool.submit(in_shop_of, app, ctx.id, partial(pay, RECEIPT, second.id))
            while not (is_waited_for() or other.done()):
                wait([other], timeout=0.05)
        paid_second = other.result(30)
    assert [flag.order_id for flag in list_open_flags(9, "same_reference")] == [paid_second]


def test_an_undone_payment_closes_its_flag_and_a_new_one_opens_another():
    paid(MIXED)
    second = paid(RECEIPT)
    undo_paid(second.id, TESTER)
    assert list_open_flags(9) == []
    mark_paid(second.id, MIXED, TESTER)
    assert len(list_open_flags(9)) == 1


def test_a_receipt_in_mixed_case_is_found_used_and_matched():
    order = paid(MIXED)
    assert find_user_of(RECEIPT) == order.id
    for typed in (RECEIPT, MIXED, MIXED.swapcase(), "s0AJkp"):
        assert [found.id for found in list_orders(OrderFilters(typed)).orders] == [order.id], typed
    with pytest.raises(Conflict, match=order.order_number):
        record_sale(
            Sale("6f1f6a5e-5d0c-4a86-9d0e-2f6f1a0c9b11", 5000, "mpesa", phone="0712345678", reference=RECEIPT), TESTER
        )
    assert receive_payment(Confirmation(RECEIPT, clock.now(), 5000)) == ReceivedState.MATCHED


def test_letters_beyond_ascii_are_found_as_typed():
    order = paid("Überweisung 7")
    assert find_paid_by("Überweisung 7") == [(order.id, order.order_number)]
    assert upper_case_forms("üb7") == {"ÜB7", "üB7"}
