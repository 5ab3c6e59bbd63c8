"""Paying in the checkout: M-Pesa with a fake Daraja server; and other methods if that fails."""

import re
from datetime import timedelta

import pytest

from shop.services import clock
from shop.services.payments.config import PaymentConfig
from tests.support.payments import Caller, connect_mpesa, end_attempts, work_through
from tests.support.shopper import CheckoutShopper


@pytest.fixture
def policy(app, daraja, inside, monkeypatch):
    monkeypatch.setitem(app.config, "DARAJA_URL", daraja.url)
    policy = PaymentConfig.of(app.config)
    inside(connect_mpesa, policy)
    yield policy
    inside(end_attempts)


@pytest.fixture
def ordered(client, shop, catalogue, policy):
    """A shopper who has just ordered for 265.00, with M-Pesa."""
    shopper = CheckoutShopper.at(client, shop.slug, str(catalogue["bread"]))
    shopper.fill("new@example.com", payment="mpesa")
    assert (
        "You’ll get a prompt on the phone number above"
        in CheckoutShopper.at(client, shop.slug, str(catalogue["bread"])).page
    )
    return shopper


def state(page):
    """Return the payment's state, whether the page keeps polling, and its text."""
    match = re.search(r'<div id="payment-state".*', page, re.DOTALL)
    assert match, page
    words = " ".join(re.sub(r"<[^>]*>", " ", match[0]).split())
    return re.search(r'data-payment="(\w+)"', match[0])[1], "data-poll" in match[0], words


def test_the_phone_is_asked_and_the_page_waits_until_it_is_paid(client, daraja, ordered):
    ordered.step("order")
    assert state(ordered.page)[:2] == ("pending", True)
    assert "Enter your M-Pesa PIN on 0712 000118 to pay KES 265." in state(ordered.page)[2]
    [push] = daraja.pushes
    assert (push.phone, push.amount) == ("254712000118", 265)
    ordered.step("payment")
    assert state(ordered.page)[:2] == ("pending", True)
    assert Caller(client, daraja)(push) == 200
    ordered.step("payment")
    assert state(ordered.page)[:2] == ("paid", False)
    assert "Payment received. Thank you!" in ordered.page
    ordered.step("order")  # pressed again after a lost answer
    assert ordered.order["payment_status"] == "paid"
    assert len(daraja.pushes) == 1


def test_a_payment_that_failed_is_tried_again_on_another_phone_and_in_cash(client, daraja, ordered):
    ordered.step("order")
    Caller(client, daraja)(daraja.pushes[0], "1032")
    ordered.step("payment")
    status, polls, words = state(ordered.page)
    assert (status, polls) == ("pending", False)
    assert "The payment was cancelled on the phone." in words
    ordered.step("payment", again="mpesa", pay_phone="0733 111 222")
    assert daraja.pushes[1].phone == "254733111222"
    assert state(ordered.page)[:2] == ("pending", True)
    Caller(client, daraja)(daraja.pushes[1], "1")
    ordered.step("payment", again="cod")
    assert "Pay KES 265.00 when your order arrives." in state(ordered.page)[2]
    assert len(daraja.pushes) == 2


def test_a_provider_that_is_away_does_not_take_the_order_along(daraja, ordered):
    daraja.push_fails.extend(["503"] * 5)
    ordered.step("order")
    assert ordered.status == 200
    assert ordered.order["order_number"]
    assert "Your order is placed, but the payment could not start" in state(ordered.page)[2]
    assert not state(ordered.page)[1]


def test_a_phone_that_m_pesa_cannot_ask_is_said_with_the_order_placed(daraja, ordered):
    ordered.step("order", phone="+447911123456")
    assert "Enter a Kenyan mobile number" in state(ordered.page)[2]
    assert daraja.pushes == []
    ordered.step("payment", again="mpesa", pay_phone="0712000118")
    assert state(ordered.page)[:2] == ("pending", True)


def test_an_order_whose_time_is_over_says_so(app, client, daraja, inside, policy, ordered):
    ordered.step("order")
    Caller(client, daraja)(daraja.pushes[0], "1037")
    with clock.moved_to(clock.now() + timedelta(minutes=31)):
        with app.app_context():
            work_through(policy)
        ordered.step("payment")
    assert "This order was cancelled because it wasn’t paid in time." in state(ordered.page)[2]


def test_before_there_is_an_order_there_is_nothing_to_pay(ordered):
    ordered.step("payment")
    assert (ordered.status, ordered.wrong()) == (404, {"problem": "Nothing was ordered yet."})
