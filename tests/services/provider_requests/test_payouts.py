"""Refunds sent by M-Pesa: each at most once, whatever happens to the answer and the result."""

from datetime import timedelta

import pytest

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import OrderRefund
from shop.services import clock
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.fulfilment.refund_money import count_refunds_to_send, mark_refund_sent
from shop.services.orders.lifecycle import set_payment_status
from shop.services.orders.refunds import refund_order
from shop.services.orders.repository import get_order
from shop.services.payments.credentials import save_credentials
from shop.services.provider_requests.payouts import send_refund
from shop.services.provider_requests.status import query_missing
from tests import factories
from tests.factories import TESTER
from tests.support.daraja_results import TIMEOUT, payout_result, result_body, status_result
from tests.support.payments import FACTS, INITIATOR, SECRETS

PHONE = "0712 345 678"


@pytest.fixture
def refund(inside):
    """A refund of KES 960 to be sent: ids of order and refund."""

    def make():
        order = factories.make_order(factories.make_customer(), 96_000)
        set_payment_status(order.id, "paid", TESTER)
        refunded = refund_order(order.id, None, "broken", TESTER, is_sent=False)
        return order.id, refunded.refunds[-1].id

    return inside(make)


@pytest.fixture
def send(inside, policy, refund):
    return lambda phone=PHONE: inside(send_refund, *refund, phone, TESTER, policy)


@pytest.fixture
def sent_refund(inside, refund):
    """Return the reference of the refund once its money was sent; None until then."""

    def read():
        found = db.session.get(OrderRefund, refund[1])
        assert count_refunds_to_send() == (1 if found.sent_at is None else 0)
        return found.reference if found.sent_at else None

    return lambda: inside(read)


def payouts(daraja):
    return [sent for sent in daraja.requests if sent["path"].endswith("/paymentrequest")]


def test_the_first_success_marks_the_refund_as_sent(inside, refund, send, daraja, deliver, requests, sent_refund):
    send()
    [sent] = payouts(daraja)
    names = ("CommandID", "PartyA", "PartyB", "Amount", "InitiatorName")
    assert tuple(sent[name] for name in names) == ("BusinessPayment", "600992", "254712345678", "960", "tuza")
    assert (requests(), sent_refund()) == ([("payout", "accepted", "")], None)
    with pytest.raises(Conflict) as refused:
        send()
    assert refused.value.code == "payout_requested"
    bodies = (payout_result(sent), payout_result(sent), payout_result(sent, 2001))
    assert [deliver(sent, body) for body in bodies] == [200] * 3
    assert (requests(), sent_refund()) == ([("payout", "done", "0")], "SG632NMUAB")
    with pytest.raises(Conflict) as refused:
        send()
    assert (refused.value.code, len(payouts(daraja))) == ("refund_sent", 1)


@pytest.mark.parametrize("how", ["lost", "merchant", "503", "malformed"])
def test_what_may_have_been_sent_is_never_sent_again(send, daraja, requests, sent_refund, how):
    daraja.request_fails.append(how)
    send()
    assert (requests()[0][:2], sent_refund()) == (("payout", "requested"), None)
    with pytest.raises(Conflict):
        send()


@pytest.mark.parametrize("how", ["phone", "wrong_key"])
def test_what_was_refused_may_be_sent_again(send, daraja, deliver, requests, sent_refund, how):
    (daraja.token_fails if how == "wrong_key" else daraja.request_fails).append(how)
    send()
    send()
    first = [each[:2] for each in requests()]
    deliver(payouts(daraja)[0], payout_result(payouts(daraja)[0], 1))
    assert (first, requests()[1:]) == ([("payout", "failed"), ("payout", "accepted")], [("payout", "failed", "1")])
    send()
    deliver(payouts(daraja)[1], payout_result(payouts(daraja)[1]))
    assert sent_refund() == "SG632NMUAB"
    assert len({sent["OriginatorConversationID"] for sent in payouts(daraja)}) == len(payouts(daraja)) == 2


@pytest.mark.parametrize(
    ("status", "ended"),
    [("Completed", ("done", "SG632NMUAB")), ("Cancelled", ("failed", None)), ("Pending", ("requested", None))],
)
def test_a_lost_result_is_asked_for(app, policy, send, daraja, deliver, requests, sent_refund, status, ended):
    daraja.request_fails.append("lost")
    send()
    [sent] = payouts(daraja)
    deliver(sent, TIMEOUT, timeout=True)
    with app.app_context(), clock.moved_to(clock.now() + timedelta(minutes=16)):
        query_missing(policy)
    named = sent["OriginatorConversationID"]
    [question] = [each for each in daraja.requests if each.get("OriginalConversationID") == named]
    parties = {"DebitPartyName": "600992 - Mama Njeri", "CreditPartyName": "254712345678 - Jane Doe"}
    deliver(question, status_result(question, TransactionStatus=status, ReceiptNo="SG632NMUAB", **parties))
    assert (requests()[0][1], sent_refund()) == ended


def test_a_late_success_keeps_a_mark_by_hand(inside, refund, send, daraja, deliver, requests, sent_refund):
    send()
    inside(mark_refund_sent, *refund, "BY HAND", TESTER)
    [sent] = payouts(daraja)
    deliver(sent, payout_result(sent))
    assert (requests()[0][1], sent_refund()) == ("done", "BY HAND")


def test_results_that_are_forged_or_not_final_change_nothing(send, daraja, deliver, requests, sent_refund):
    send()
    [sent] = payouts(daraja)
    deliver(sent, result_body({**sent, "OriginatorConversationID": "another", "ConversationID": "AG_other"}))
    waiting = payout_result(sent)
    waiting["Result"]["ResultType"] = 1
    deliver(sent, waiting)
    assert (requests(), sent_refund()) == ([("payout", "accepted", "")], None)


@pytest.mark.parametrize("phone", ["", "12", "+44 20 7946 0000", "0201234567"])
def test_money_goes_to_kenyan_mobiles_only(send, daraja, requests, phone):
    with pytest.raises(InvalidInput) as refused:
        send(phone)
    assert (refused.value.errors[0].field, requests(), daraja.requests) == ("phone", [], [])


def test_without_a_short_code_that_sends_nothing_is_sent(inside, policy, send, requests):
    def forget():
        with transaction():
            save_credentials("mpesa", FACTS, SECRETS | INITIATOR, policy.keys)

    inside(forget)
    with pytest.raises(InvalidInput, match="short code that sends money"):
        send()
    assert requests() == []


def test_cents_are_not_sent(inside, policy, daraja):
    def make():
        order = factories.make_order(factories.make_customer(), 96_050)
        set_payment_status(order.id, "paid", TESTER)
        refund_order(order.id, None, "broken", TESTER, is_sent=False)
        return order.id, get_order(order.id).refunds[-1].id

    with pytest.raises(InvalidInput, match="whole shillings"):
        inside(send_refund, *inside(make), PHONE, TESTER, policy)
    assert daraja.requests == []
