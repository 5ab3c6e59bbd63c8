"""Notifications of payments without a prompt (C2B), over HTTP."""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.models import LoyaltyEntry, ReceivedPayment
from shop.services import clock
from shop.services.customers.records import create_customer
from shop.services.errors import InvalidInput
from shop.services.loyalty.ledger import find_balance
from shop.services.payments.config import PaymentConfig
from shop.services.payments.registration import find_registration, register_addresses
from tests import factories
from tests.factories import TESTER
from tests.support.daraja import confirmation
from tests.support.payments import PHONE, connect_mpesa, end_attempts, place_unpaid

BASE = "/api/v1/storefront/payments/received"


@pytest.fixture
def policy(app, daraja, inside, monkeypatch):
    monkeypatch.setitem(app.config, "DARAJA_URL", daraja.url)
    policy = PaymentConfig.of(app.config)
    inside(connect_mpesa, policy)
    yield policy
    inside(end_attempts)


@pytest.fixture
def confirm(client, inside):
    token = inside(factories.make_payment_address)

    def confirm(**changed):
        return client.post(f"{BASE}/{token}/confirmation", json=confirmation(**changed))

    return confirm


def receipt():
    return f"T{uuid4().hex[:9].upper()}"


def payments(inside):
    return inside(lambda: list(db.session.scalars(select(ReceivedPayment).order_by(ReceivedPayment.id))))


def test_registered_addresses_confirm_payments(client, inside, policy, daraja):
    made = inside(register_addresses, "Cancelled", TESTER, policy)
    [sent] = daraja.registrations
    assert (made.state, sent["ResponseType"], sent["ShortCode"]) == ("registered", "Cancelled", made.short_code)
    for name in ("ConfirmationURL", "ValidationURL"):
        assert not any(word in sent[name].lower() for word in ("mpesa", "safaricom", "exe", "cmd", "sql", "query"))
        answer = client.post(urlsplit(sent[name]).path, json=confirmation(TransID=receipt()))
        assert (answer.status_code, answer.get_json()["ResultCode"]) == (200, 0)
    [stored] = payments(inside)
    assert (stored.amount_cents, stored.phone, stored.payer_name, stored.state) == (
        96_000,
        "+254712345678",
        "Jane Doe",
        "unmatched",
    )


def test_older_addresses_are_accepted_for_a_day(client, inside, policy, daraja):
    for _ in range(2):
        inside(register_addresses, "Completed", TESTER, policy)
    first, second = (urlsplit(sent["ConfirmationURL"]).path for sent in daraja.registrations)
    assert client.post(first, json=confirmation(TransID=receipt())).status_code == 200
    with clock.moved_to(clock.now() + timedelta(days=1, minutes=1)):
        assert client.post(first, json=confirmation(TransID=receipt())).status_code == 404
        assert client.post(second, json=confirmation(TransID=receipt())).status_code == 200


@pytest.mark.parametrize(("how", "state"), [("lost", "requested"), ("registered", "requested"), ("phone", "failed")])
def test_a_registration_that_failed_says_so(client, inside, policy, daraja, how, state):
    daraja.register_fails.append(how)
    made = inside(register_addresses, "Completed", TESTER, policy)
    assert (made.state, bool(made.result), inside(find_registration).id) == (state, True, made.id)
    for sent in daraja.registrations:  # the answer was lost: the addresses count
        path = urlsplit(sent["ConfirmationURL"]).path
        assert client.post(path, json=confirmation(TransID=receipt())).status_code == 200


def test_an_address_that_daraja_refuses_is_not_sent(app, inside, policy, daraja, monkeypatch):
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://mpesa.duka.example")
    with pytest.raises(InvalidInput, match="mpesa"):
        inside(register_addresses, "Completed", TESTER, PaymentConfig.of(app.config))
    assert daraja.registrations == []


def test_the_same_payment_is_one_payment_and_one_award(inside, confirm):
    jane = inside(create_customer, phone=PHONE)
    sent = receipt()
    for amount in ["960.00", "960.00", "5.00"]:
        assert confirm(TransID=sent, TransAmount=amount, MSISDN=PHONE[1:]).status_code == 200
    assert [payment.amount_cents for payment in payments(inside)] == [96_000]
    assert inside(find_balance, jane.id) == 960


def test_a_payer_may_be_64_hex_digits(inside, confirm):
    assert (
        confirm(TransID=receipt(), MSISDN="9F2C" + "0a" * 28 + "e41a", FirstName=None, LastName="").status_code == 200
    )
    [stored] = payments(inside)
    assert (stored.phone, stored.payer_id, stored.payer_name) == (None, "9f2c" + "0a" * 28 + "e41a", "")


@pytest.mark.parametrize(
    "wrong",
    [{"TransID": None}, {"TransID": "?"}, {"TransTime": "yesterday"}, {"TransAmount": "much"}, {"TransAmount": "0"}],
)
def test_what_is_no_payment_is_refused_with_a_sentence(inside, confirm, wrong):
    answer = confirm(**wrong)
    assert (answer.status_code, [error["field"] for error in answer.get_json()["errors"]]) == (400, list(wrong))
    assert payments(inside) == []


def test_an_unknown_address_is_not_found(client):
    for name in ("confirmation", "validation"):
        assert client.post(f"{BASE}/{'0' * 64}/{name}", json=confirmation()).status_code == 404


def test_the_secret_stays_out_of_the_log_and_an_unknown_sender_is_named(confirm, caplog):
    caplog.set_level("INFO")
    path = confirm(TransID=receipt()).request.path
    assert any("unknown address" in record.getMessage() for record in caplog.records)
    assert not any(path.split("/")[-2] in f"{record.getMessage()} {record.__dict__}" for record in caplog.records)


@pytest.mark.parametrize("first", ["confirmation", "callback"])
def test_a_prompt_and_its_confirmation_pay_once(client, inside, policy, daraja, confirm, first):
    placed = inside(place_unpaid)
    data = {"payment_token": placed.payment_token, "phone": PHONE}
    body = {"order_id": placed.order.id, "gateway_name": "mpesa", "payment_data": data}
    client.post("/api/v1/storefront/checkout/process-payment", json=body)
    [push] = daraja.pushes
    push.receipt = receipt()
    callback = lambda: client.post(urlsplit(push.callback_url).path, json=daraja.callback(push))  # noqa: E731
    sent = {"TransID": push.receipt, "TransAmount": "2400.00", "MSISDN": PHONE[1:]}
    both = [lambda: confirm(**sent), callback]
    for call in both if first == "confirmation" else reversed(both):
        assert call().status_code == 200
    [stored] = payments(inside)
    assert (stored.state, stored.order_id) == ("matched", placed.order.id)
    assert inside(lambda: db.session.scalars(select(func.count(LoyaltyEntry.id))).one()) == 1
