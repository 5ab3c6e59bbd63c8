"""Claims of received payments, and their undoing."""

from datetime import timedelta

import pytest

from shop.domain.statuses import PaymentStatus
from shop.services import clock
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.records import create_customer
from shop.services.errors import Conflict, InvalidInput, NotFound, TooOften
from shop.services.loyalty.ledger import find_balance
from shop.services.orders.repository import get_order
from shop.services.payment_matching.claims import (
    claim_for_customer,
    claim_for_order,
    claim_own,
    mark_returned,
    undo_claim,
)
from shop.services.payment_matching.matching import receive_payment
from tests import factories
from tests.factories import TESTER
from tests.services.payment_matching.test_matching import HASHED, PHONE, count_awards, paid, stored

KEY = "k" * 32


@pytest.fixture
def jane(ctx):
    return create_customer(phone=PHONE, first_name="Jane")


@pytest.fixture
def payment(jane):
    payment = paid(payer=HASHED)
    receive_payment(payment)
    return payment


def test_a_claim_is_a_sale_and_makes_the_payer_known(jane, payment):
    claimed = claim_for_customer(stored(payment).id, jane.id, TESTER)
    assert (claimed.state, claimed.matched_by, claimed.handled_by) == ("matched", "staff", TESTER.label)
    assert find_balance(jane.id) == 960
    later = paid(payer=HASHED)
    assert (receive_payment(later), stored(later).matched_by, find_balance(jane.id)) == ("matched", "payer", 1920)


def test_a_payment_is_claimed_once(jane, payment):
    claim_for_customer(stored(payment).id, jane.id, TESTER)
    with pytest.raises(Conflict) as refused:
        claim_for_customer(stored(payment).id, jane.id, TESTER)
    assert (refused.value.code, find_balance(jane.id)) == ("payment_settled", 960)


def test_an_undone_claim_takes_the_points_and_the_payer_back(jane, payment):
    claim_for_customer(stored(payment).id, jane.id, TESTER)
    assert undo_claim(stored(payment).id, TESTER).state == "unmatched"
    assert find_balance(jane.id) == 0
    assert receive_payment(paid(payer=HASHED)) == "unmatched"
    claim_for_customer(stored(payment).id, jane.id, TESTER)
    assert find_balance(jane.id) == 960


def test_a_claim_cannot_be_undone_after_ten_minutes(jane, payment):
    with pytest.raises(Conflict, match="not claimed"):
        undo_claim(stored(payment).id, TESTER)
    claim_for_customer(stored(payment).id, jane.id, TESTER)
    with clock.moved_to(clock.now() + timedelta(minutes=11)), pytest.raises(Conflict) as refused:
        undo_claim(stored(payment).id, TESTER)
    assert refused.value.code == "too_late_to_undo"


def test_a_claim_for_an_order_accepts_another_amount_and_can_be_undone(jane):
    order = factories.make_order(jane, 240_000)
    short = paid(200_000, order.order_number)
    assert receive_payment(short) == "short"
    claim_for_order(stored(short).id, order.id, TESTER)
    assert (get_order(order.id).payment_status, stored(short).state) == (PaymentStatus.PAID, "matched")
    undo_claim(stored(short).id, TESTER)
    assert (get_order(order.id).payment_status, stored(short).state) == (PaymentStatus.PENDING, "unmatched")
    assert find_balance(jane.id) == 0


def test_a_paid_order_takes_no_second_payment(jane, payment):
    order = factories.make_order(jane, 96_000, payment_status="paid")
    with pytest.raises(Conflict) as refused:
        claim_for_order(stored(payment).id, order.id, TESTER)
    assert (refused.value.code, stored(payment).state) == ("payment_does_not_fit", "unmatched")


def test_a_customer_claims_with_the_receipt_number(jane, payment):
    claimed = claim_own(payment.transaction_id.lower(), jane.id, KEY)
    assert (claimed.state, claimed.matched_by, find_balance(jane.id)) == ("matched", "customer", 960)
    with pytest.raises(Conflict):
        claim_own(payment.transaction_id, jane.id, KEY)


def test_a_customer_cannot_guess_receipt_numbers(jane):
    with pytest.raises(InvalidInput):
        claim_own("?", jane.id, KEY)
    for _ in range(10):
        with pytest.raises(NotFound):
            claim_own("SGH7X2K9QP", jane.id, KEY)
    with pytest.raises(TooOften):
        claim_own("SGH7X2K9QP", jane.id, KEY)


def test_the_customers_unpaid_order_of_that_amount_is_paid_first(jane):
    order = factories.make_order(jane, 96_000)
    payment = paid()
    assert receive_payment(payment) == "unmatched"
    assert claim_own(payment.transaction_id, jane.id, KEY).order_id == order.id
    assert (get_order(order.id).payment_status, count_awards()) == ("paid", 1)


def test_money_that_was_sent_back_is_settled(jane, payment):
    with pytest.raises(InvalidInput):
        mark_returned(stored(payment).id, " ", TESTER)
    assert mark_returned(stored(payment).id, "SGH8", TESTER).state == "returned"
    with pytest.raises(Conflict):
        claim_for_customer(stored(payment).id, jane.id, TESTER)


def test_a_deleted_customer_leaves_amounts_without_the_payer(jane, payment):
    claim_for_customer(stored(payment).id, jane.id, TESTER)
    by_phone = paid(payer_name="Jane Doe", account="JANE")
    receive_payment(by_phone)
    delete_customer(jane.id, TESTER)
    for each in (payment, by_phone):
        row = stored(each)
        assert (row.phone, row.payer_id, row.payer_name, row.account) == (None, None, "", "")
        assert row.amount_cents == 96_000
    assert receive_payment(paid(payer=HASHED)) == "unmatched"
