"""Receipts of till sales that M-Pesa has not confirmed are asked for until they are known."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import ReceivedPayment
from shop.services import clock
from shop.services.customers.records import create_customer
from shop.services.errors import InvalidInput
from shop.services.loyalty.ledger import find_balance
from shop.services.provider_requests.status import query_missing, query_receipt
from shop.services.till.sales import Sale, record_sale
from tests.factories import TESTER
from tests.support.daraja_results import status_result
from tests.support.payments import PHONE


@pytest.fixture
def receipt(inside, policy):
    """The receipt of a sale at the till that M-Pesa has not confirmed."""
    jane = inside(create_customer, phone=PHONE)
    receipt = f"t{uuid4().hex[:9].upper()}"
    inside(record_sale, Sale(str(uuid4()), 96_000, "mpesa", jane.id, reference=receipt), TESTER)
    return receipt.upper()


@pytest.fixture
def ask(app, policy, daraja, receipt):
    """Run the worker some minutes after the sale; return how often the receipt was asked for so far."""

    def ask(minutes):
        with app.app_context(), clock.moved_to(clock.now() + timedelta(minutes=minutes)):
            query_missing(policy)
        return [sent.get("TransactionID") for sent in daraja.requests].count(receipt)

    return ask


def known(inside, receipt):
    row = ReceivedPayment
    found = select(row.state, row.source, row.amount_cents).where(row.transaction_id == receipt)
    return inside(lambda: [tuple(each) for each in db.session.execute(found)])


def test_a_receipt_is_queried_until_it_is_known(inside, ask, daraja, deliver, requests, receipt):
    assert [ask(5), ask(16), ask(40), ask(80)] == [0, 1, 1, 2]
    sent = next(sent for sent in daraja.requests if sent.get("TransactionID") == receipt)
    assert (sent["CommandID"], sent["PartyA"], sent["IdentifierType"]) == ("TransactionStatusQuery", "174379", "4")
    assert [deliver(sent, status_result(sent)) for _ in range(3)] == [200] * 3
    assert (ask(150), known(inside, receipt)) == (2, [("matched", "query", 96_000)])
    assert requests()[0] == ("status", "done", "0")


def test_code_34_is_never_asked_again(ask, daraja, deliver, receipt):
    assert ask(16) == 1
    sent = next(sent for sent in daraja.requests if sent.get("TransactionID") == receipt)
    deliver(sent, status_result(sent, 34))
    assert [ask(90), ask(200)] == [1, 1]


@pytest.mark.parametrize(
    "changed",
    [
        {"ReceiptNo": "SGH7X2K9QQ"},
        {"TransactionStatus": "Cancelled"},
        {"Amount": "nothing"},
        {"DebitPartyName": "174379 - Mama Njeri", "CreditPartyName": "254712345678 - Jane Doe"},
        {"CreditPartyName": "600100 - Another shop"},
        {"DebitPartyName": None, "CreditPartyName": None},
    ],
    ids=["receipt", "cancelled", "amount", "sent", "other_shop", "nobody"],
)
def test_only_a_completed_payment_to_the_shop_is_recorded(inside, policy, daraja, deliver, receipt, changed):
    inside(query_receipt, receipt.lower(), TESTER, policy)
    [sent] = daraja.requests
    assert deliver(sent, status_result(sent, **changed)) == 200
    assert known(inside, receipt) == []


def test_a_payment_that_was_never_confirmed_is_found_by_its_receipt(inside, policy, daraja, deliver):
    jane = inside(create_customer, phone="+254712345001")
    receipt = f"T{uuid4().hex[:9].upper()}"
    inside(query_receipt, receipt, TESTER, policy)
    [sent] = daraja.requests
    deliver(sent, status_result(sent, DebitPartyName="254712345001 - Jane Doe"))
    assert (known(inside, receipt)[0][:2], inside(find_balance, jane.id)) == (("matched", "query"), 960)


def test_invalid_receipts_are_not_queried(inside, policy, daraja):
    with pytest.raises(InvalidInput) as refused:
        inside(query_receipt, "bank slip 7", TESTER, policy)
    assert (refused.value.errors[0].field, daraja.requests) == ("receipt", [])
