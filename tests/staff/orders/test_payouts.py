"""Refunds sent by M-Pesa, on the order's page."""

import pytest

from shop.services.orders.lifecycle import set_payment_status
from shop.services.orders.refunds import refund_order
from shop.services.payments.config import PaymentConfig
from tests import factories
from tests.factories import TESTER
from tests.support.daraja_results import payout_result
from tests.support.payments import connect_initiator

BUTTON = "Ask M-Pesa now"


@pytest.fixture
def config(app, daraja, monkeypatch):
    monkeypatch.setitem(app.config, "DARAJA_URL", daraja.url)
    return PaymentConfig.of(app.config)


@pytest.fixture
def refund(inside, config):
    """A refund of KES 960 to be sent: the addresses of the order and of its payout."""

    def make():
        connect_initiator(config, payout_short_code="600992")
        order = factories.make_order(factories.make_customer(phone="+254712345678"), 96_000)
        set_payment_status(order.id, "paid", TESTER)
        made = refund_order(order.id, None, "broken", TESTER, is_sent=False).refunds[-1]
        return f"/staff/orders/{order.id}", f"/staff/orders/{order.id}/refunds/{made.id}/payout"

    return inside(make)


def sent_to(daraja, end):
    return [sent for sent in daraja.requests if sent["path"].endswith(end)]


def test_money_is_sent_and_asked_about_until_the_result_marks_it_sent(staff, daraja, client, refund):
    order, payout = refund
    assert staff.send(f"{payout}/ask").status_code == 409
    shown = staff.get(order).text
    assert 'value="0712 345678"' in shown
    assert BUTTON not in shown
    assert staff.send(payout, phone="0712 345 678").status_code == 303
    shown = staff.get(order).text
    assert "Sending" in shown
    assert BUTTON in shown
    assert staff.send(payout, phone="0712 345 678").status_code == 409
    assert staff.send(f"{payout}/ask").status_code == 303
    [sent], [question] = sent_to(daraja, "/paymentrequest"), sent_to(daraja, "/transactionstatus/v1/query")
    assert question["OriginalConversationID"] == sent["OriginatorConversationID"]
    assert client.post(sent["ResultURL"].split("/", 3)[3].join(("/", "")), json=payout_result(sent)).status_code == 200
    shown = staff.get(order).text
    assert "SG632NMUAB" in shown
    assert BUTTON not in shown
    assert staff.send(f"{payout}/ask").status_code == 409


def test_a_wrong_phone_and_a_refusal_are_said_above_the_order(staff, daraja, refund):
    order, payout = refund
    assert "Kenyan mobile number" in staff.send(payout, phone="12").text
    daraja.request_fails.append("phone")
    refused = staff.send(payout, phone="0712 345 678")
    assert (refused.status_code, "No money was sent." in refused.text) == (409, True)
    assert "Failed" in staff.get(order).text


def test_an_amount_that_mpesa_cannot_send_is_not_offered(staff, inside, refund):
    def make():
        order = factories.make_order(factories.make_customer(phone="+254712345679"), 96_050)
        set_payment_status(order.id, "paid", TESTER)
        refund_order(order.id, None, "broken", TESTER, is_sent=False)
        return f"/staff/orders/{order.id}"

    page = staff.get(inside(make)).text
    assert "M-Pesa sends whole shillings only." in page
    assert "Send by M-Pesa" not in page
    assert "Send by M-Pesa" in staff.get(refund[0]).text


def test_a_refund_of_another_order_is_not_found(staff, inside, refund):
    other = inside(lambda: factories.make_order(factories.make_customer(), 100).id)
    number = refund[1].split("/")[5]
    assert staff.send(f"/staff/orders/{other}/refunds/{number}/payout/ask").status_code == 404


def test_clerks_send_no_money(browse, inside, refund):
    clerk = browse()
    clerk.sign_in(inside(factories.make_staff, role="clerk").email)
    assert BUTTON not in clerk.get(refund[0]).text
    assert [clerk.send(each, phone="0712 345 678").status_code for each in (refund[1], f"{refund[1]}/ask")] == [403] * 2
