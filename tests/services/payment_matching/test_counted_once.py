"""Payments that could count twice: accounts that fit several orders, and steps that meet or come in another order."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.payments.received import PaymentSource
from shop.models import OrderTransaction
from shop.services.customers.records import create_customer
from shop.services.errors import Conflict
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.verification import verify_ledger
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.repository import get_order
from shop.services.payment_matching.claims import claim_for_customer, claim_for_order, claim_own, mark_returned
from shop.services.payment_matching.matching import match_reference, match_waiting, receive_payment
from shop.services.payments.received import store_payment
from shop.services.till.sales import Sale, get_sale_of_order, record_sale, undo_sale
from tests import factories
from tests.factories import TESTER
from tests.services.payment_matching.test_matching import HASHED, PHONE, in_shop_of, is_waited_for, paid, stored

KEY = "k" * 32


@pytest.fixture
def jane(ctx):
    jane = create_customer(phone=PHONE, first_name="Jane")
    yield jane
    assert verify_ledger(ctx.id).is_clean


@pytest.fixture
def alike(jane, monkeypatch):
    """Two orders of different days whose numbers end alike."""
    numbers = iter(("ORD-250101-AA22A", "ORD-250102-AA22A"))
    monkeypatch.setattr("shop.services.orders.recording.draw_order_number", lambda *_: next(numbers))
    return factories.make_order(jane, 240_000), factories.make_order(jane, 96_000)


def counter_sale(customer, payment):
    return Sale(str(uuid4()), payment.amount_cents, "mpesa", customer.id, reference=payment.transaction_id)


def refused(call, *args):
    with pytest.raises(Conflict) as conflict:
        call(*args)
    return conflict.value.code


def test_of_orders_that_end_alike_the_unpaid_one_of_the_amount_is_paid(jane, alike):
    first, second = alike
    payments = [paid(order.total_cents, "AA22A") for order in (second, first)]
    assert [receive_payment(payment) for payment in payments] == ["matched"] * 2
    assert [stored(payment).order_id for payment in payments] == [second.id, first.id]
    again = paid(96_000, "aa22a")
    assert (receive_payment(again), find_balance(jane.id)) == ("unmatched", 3360)


def test_a_payment_of_a_cancelled_order_that_ends_as_another_is_no_sale(jane, alike):
    set_order_status(alike[1].id, "cancelled", TESTER)
    payment = paid(96_000, "AA22A")
    assert (receive_payment(payment), find_balance(jane.id)) == ("unmatched", 0)
    assert refused(claim_own, payment.transaction_id, jane.id, KEY) == "payment_names_order"
    assert refused(claim_for_order, stored(payment).id, alike[1].id, TESTER) == "payment_does_not_fit"
    assert mark_returned(stored(payment).id, "QX7", TESTER).state == "returned"
    assert find_balance(jane.id) == 0


def test_another_amount_for_one_of_two_orders_waits_for_staff(jane, alike):
    payment = paid(200_000, "AA22A")
    assert (receive_payment(payment), find_balance(jane.id)) == ("unmatched", 0)
    claim_for_order(stored(payment).id, alike[0].id, TESTER)
    assert (get_order(alike[0].id).payment_status, find_balance(jane.id)) == ("paid", 2400)


def test_a_mistyped_order_number_is_no_sale(jane):
    order = factories.make_order(jane, 240_000)
    other = order.order_number[:-1] + ("3" if order.order_number.endswith("2") else "2")
    assert (receive_payment(paid(100_000, other)), find_balance(jane.id)) == ("unmatched", 0)


@pytest.mark.parametrize("account", ["GRACE", "jane", "", "0712345678"])
def test_a_name_as_account_is_a_sale(jane, account):
    assert (receive_payment(paid(96_000, account)), find_balance(jane.id)) == ("matched", 960)


@pytest.mark.parametrize("typed", [str.lower, str.capitalize, str.upper, lambda code: f"{code[:5].lower()}{code[5:]}"])
def test_a_receipt_that_staff_typed_in_any_case_is_the_same_payment(jane, typed):
    order = factories.make_order(jane, 240_000)
    first, later = paid(240_000), paid(240_000, payer="")
    set_payment_status(order.id, "paid", TESTER, reference=typed(first.transaction_id))
    assert (receive_payment(first), stored(first).order_id, find_balance(jane.id)) == ("matched", order.id, 2400)
    assert receive_payment(later) == "unmatched"
    other = factories.make_order(jane, 240_000)
    set_payment_status(other.id, "paid", TESTER, reference=typed(later.transaction_id))
    assert (match_waiting(), stored(later).order_id, find_balance(jane.id)) == (1, other.id, 4800)


def test_the_same_payment_by_status_query_and_confirmation_counts_once(jane):
    payment = paid()
    asked = replace(payment, source=PaymentSource.QUERY)
    assert [receive_payment(each) for each in (asked, payment, asked)] == ["matched"] * 3
    assert (stored(payment).source, find_balance(jane.id)) == ("query", 960)


def test_a_claim_waits_for_the_confirmation_that_is_processed(app, ctx, jane):
    payment = paid()
    store_payment(payment)
    db.session.commit()
    claim = partial(refused, claim_for_customer, stored(payment).id, jane.id, TESTER)
    with ThreadPoolExecutor(1) as pool:
        with transaction():
            match_reference(payment.transaction_id)
            claimed = pool.submit(in_shop_of, app, ctx.id, claim)
            while not (is_waited_for() or claimed.done()):
                wait([claimed], timeout=0.05)
        assert claimed.result(30) == "payment_settled"
    assert find_balance(jane.id) == 960


def test_a_sale_waits_for_the_confirmation_of_its_payment(app, ctx, jane):
    payment = paid()
    store_payment(payment)
    db.session.commit()
    sell = partial(refused, record_sale, counter_sale(jane, payment), TESTER)
    with ThreadPoolExecutor(1) as pool:
        with transaction():
            match_reference(payment.transaction_id)
            sold = pool.submit(in_shop_of, app, ctx.id, sell)
            while not (is_waited_for() or sold.done()):
                wait([sold], timeout=0.05)
        assert sold.result(30) == "reference_used"
    assert find_balance(jane.id) == 960


def test_a_sale_whose_points_were_spent_keeps_its_payment(jane):
    payment = paid()
    receive_payment(payment)
    adjust_points(jane.id, -900, "Redeemed", TESTER)
    sale = get_sale_of_order(stored(payment).order_id).sale
    assert refused(undo_sale, sale.sale_id, TESTER) == "points_spent"
    assert (stored(payment).state, stored(payment).order_id, find_balance(jane.id)) == ("matched", sale.order_id, 60)


def test_an_undone_sale_is_counted_once_by_claim_or_till(jane):
    payment = paid()
    receive_payment(payment)
    undo_sale(get_sale_of_order(stored(payment).order_id).sale.sale_id, TESTER)
    claim_for_customer(stored(payment).id, jane.id, TESTER)
    assert (refused(record_sale, counter_sale(jane, payment), TESTER), find_balance(jane.id)) == ("reference_used", 960)
    moved = db.session.query(OrderTransaction.status).filter_by(reference=payment.transaction_id).all()
    assert sorted(status for (status,) in moved) == ["completed", "voided"]


def test_a_payment_that_was_sent_back_pays_no_sale(jane):
    payment = paid(payer=HASHED)
    receive_payment(payment)
    mark_returned(stored(payment).id, "QX7", TESTER)
    assert refused(record_sale, counter_sale(jane, payment), TESTER) == "payment_returned"
    assert refused(claim_for_customer, stored(payment).id, jane.id, TESTER) == "payment_settled"
    assert find_balance(jane.id) == 0
