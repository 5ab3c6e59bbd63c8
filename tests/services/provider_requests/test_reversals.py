"""Reversals of payments: only the result marks the money as sent back."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import AuditEntry
from shop.services import clock
from shop.services.customers.records import create_customer
from shop.services.errors import Conflict, InvalidInput
from shop.services.loyalty.ledger import find_balance
from shop.services.orders.refunds import refund_order
from shop.services.orders.repository import get_order
from shop.services.orders.review_flags import list_flags, list_open_flags
from shop.services.payment_matching.claims import claim_for_customer, mark_returned
from shop.services.payment_matching.matching import receive_payment
from shop.services.payments.credentials import save_credentials
from shop.services.provider_requests.reversals import reverse_payment
from shop.services.provider_requests.status import query_missing
from shop.services.till.sales import Sale, record_sale
from tests.factories import TESTER
from tests.services.payment_matching.test_matching import HASHED, paid, stored
from tests.support.daraja_results import TIMEOUT, result_body, reversal_result, status_result
from tests.support.payments import FACTS, SECRETS


@pytest.fixture
def waiting(inside, policy):
    payment = paid(payer=HASHED)
    inside(receive_payment, payment)
    return inside(stored, payment)


def state_of(inside, payment):
    return inside(stored, payment).state


def test_a_payment_is_reversed_once_by_the_first_success(inside, policy, daraja, deliver, requests, waiting):
    inside(reverse_payment, waiting.id, TESTER, policy)
    [sent] = daraja.requests
    wanted = ("TransactionReversal", waiting.transaction_id, "960", "11", "174379", "tuza")
    names = ("CommandID", "TransactionID", "Amount", "RecieverIdentifierType", "ReceiverParty", "Initiator")
    assert tuple(sent[name] for name in names) == wanted
    assert (requests(), state_of(inside, waiting)) == ([("reversal", "accepted", "")], "unmatched")
    late = (reversal_result(sent), reversal_result(sent), reversal_result(sent, 2001))
    assert [deliver(sent, body) for body in late] == [200] * 3
    assert (requests(), state_of(inside, waiting)) == ([("reversal", "done", "0")], "returned")
    returned = select(func.count(AuditEntry.id)).where(AuditEntry.action == "payment.returned")
    assert inside(lambda: db.session.scalars(returned).one()) == 1


def test_a_payment_cannot_be_used_while_it_is_sent_back(inside, policy, waiting):
    inside(reverse_payment, waiting.id, TESTER, policy)
    jane = inside(create_customer, phone="+254712000009")
    for attempt in (
        lambda: reverse_payment(waiting.id, TESTER, policy),
        lambda: claim_for_customer(waiting.id, jane.id, TESTER),
        lambda: record_sale(
            Sale(str(uuid4()), 96_000, "mpesa", jane.id, reference=waiting.transaction_id.lower()), TESTER
        ),
    ):
        with pytest.raises(Conflict) as refused:
            inside(attempt)
        assert refused.value.code == "reversal_requested"
    inside(mark_returned, waiting.id, "SKE52PAWR9", TESTER)
    assert state_of(inside, waiting) == "returned"


@pytest.mark.parametrize("code", [34, "R000002", 2001])
def test_a_failed_reversal_says_why_and_leaves_the_payment(inside, policy, daraja, deliver, requests, waiting, code):
    inside(reverse_payment, waiting.id, TESTER, policy)
    deliver(daraja.requests[0], reversal_result(daraja.requests[0], code))
    assert (requests(), state_of(inside, waiting)) == ([("reversal", "failed", str(code))], "unmatched")
    deliver(daraja.requests[0], reversal_result(daraja.requests[0]))
    assert state_of(inside, waiting) == "returned"


@pytest.mark.parametrize(("how", "state"), [("lost", "requested"), ("phone", "failed"), ("503", "failed")])
def test_a_lost_answer_is_not_a_failure(inside, policy, daraja, deliver, requests, waiting, how, state):
    daraja.request_fails.append(how)
    inside(reverse_payment, waiting.id, TESTER, policy)
    assert [each[1] for each in requests()] == [state]
    if how == "lost":
        deliver(daraja.requests[0], reversal_result(daraja.requests[0]))
        assert state_of(inside, waiting) == "returned"


def test_asking_again_finds_that_it_was_reversed(inside, policy, daraja, deliver, requests, waiting):
    inside(reverse_payment, waiting.id, TESTER, policy)
    assert deliver(daraja.requests[0], TIMEOUT, timeout=True) == 200
    assert requests() == [("reversal", "requested", "timeout")]
    with clock.moved_to(clock.now() + timedelta(minutes=16)):
        inside(reverse_payment, waiting.id, TESTER, policy)
    deliver(daraja.requests[1], reversal_result(daraja.requests[1], "R000001"))
    assert (requests()[-1], state_of(inside, waiting)) == (("reversal", "done", "R000001"), "returned")


@pytest.mark.parametrize(
    ("status", "state", "became"),
    [("Completed", "done", "returned"), ("Cancelled", "failed", "unmatched"), ("Pending", "accepted", "unmatched")],
)
def test_a_missing_result_is_queried(app, inside, policy, daraja, deliver, requests, waiting, status, state, became):
    inside(reverse_payment, waiting.id, TESTER, policy)
    for minutes in (5, 16, 20):
        with app.app_context(), clock.moved_to(clock.now() + timedelta(minutes=minutes)):
            query_missing(policy)
    named = daraja.requests[0]["OriginatorConversationID"]  # other shops of the database may ask as well
    [question] = [sent for sent in daraja.requests if sent.get("OriginalConversationID") == named]
    deliver(question, status_result(question, TransactionStatus=status, ReceiptNo="SKE52PAWR9"))
    assert (requests()[0][1], state_of(inside, waiting)) == (state, became)


def test_forged_results_change_nothing(inside, client, policy, daraja, deliver, requests, waiting):
    inside(reverse_payment, waiting.id, TESTER, policy)
    [sent] = daraja.requests
    other = {**sent, "OriginatorConversationID": "71840-0-1", "ConversationID": "AG_other"}
    assert deliver(sent, result_body(other)) == 200
    assert client.post("/api/v1/storefront/payments/results/" + "0" * 64, json=result_body(sent)).status_code == 404
    assert deliver(sent, {"Result": "done"}) == 400
    assert deliver(sent, {"Result": {"ResultCode": None}}) == 400
    assert (requests(), state_of(inside, waiting)) == ([("reversal", "accepted", "")], "unmatched")


def test_without_an_initiator_nothing_is_sent(inside, policy, daraja, requests, waiting):
    def forget():
        with transaction():
            save_credentials("mpesa", FACTS, SECRETS, policy.keys)

    inside(forget)
    with pytest.raises(InvalidInput, match="Nothing was sent"):
        inside(reverse_payment, waiting.id, TESTER, policy)
    assert (daraja.requests, requests()) == ([], [])


@pytest.fixture
def sold(inside, policy, daraja, deliver, waiting):
    """The order of a sale that took a payment after M-Pesa had said that its reversal failed."""
    inside(reverse_payment, waiting.id, TESTER, policy)
    deliver(daraja.requests[0], reversal_result(daraja.requests[0], 2001))
    jane = inside(create_customer, phone="+254712000009")
    sale = Sale(str(uuid4()), 96_000, "mpesa", jane.id, reference=waiting.transaction_id)
    return inside(record_sale, sale, TESTER).order


def test_a_sale_whose_money_was_sent_back_after_all_is_refunded(inside, daraja, deliver, waiting, sold):
    [sent] = daraja.requests
    assert [deliver(sent, reversal_result(sent)) for _ in range(2)] == [200, 200]
    order, [flag] = inside(get_order, sold.id), inside(list_flags, sold.id)
    assert (order.payment_status, order.refunded_cents, state_of(inside, waiting)) == ("refunded", 96_000, "returned")
    assert (inside(find_balance, order.customer_id), flag.kind, flag.amount_cents) == (0, "reversed", 96_000)
    assert len(inside(list_open_flags, 5)) == 1


def test_money_that_staff_gave_back_already_is_not_given_back_again(inside, daraja, deliver, waiting, sold):
    inside(refund_order, sold.id, None, "", TESTER)
    [sent] = daraja.requests
    assert deliver(sent, reversal_result(sent)) == 200
    assert (inside(get_order, sold.id).refunded_cents, state_of(inside, waiting)) == (96_000, "returned")
    assert [flag.kind for flag in inside(list_flags, sold.id)] == ["reversed"]
