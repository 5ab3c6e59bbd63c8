"""The pages of received payments."""

import io
from uuid import uuid4

import pytest

from shop.domain.statuses import Role
from shop.services.customers.records import create_customer
from shop.services.loyalty.ledger import find_balance
from shop.services.orders.repository import get_order
from shop.services.payment_matching.matching import receive_payment
from shop.services.payments.config import PaymentConfig
from tests import factories
from tests.services.payment_matching.test_matching import HASHED, paid, stored
from tests.support.payments import connect_initiator

PAGE = "/staff/payments"


@pytest.fixture
def waiting(inside):
    """Return a payment of an unknown payer, and its page."""
    payment = paid(payer=HASHED, account="GRACE")
    inside(receive_payment, payment)
    return payment, f"{PAGE}/{inside(stored, payment).id}"


def test_payments_that_wait_are_listed_and_found(staff, waiting):
    payment, _ = waiting
    page = staff.get(PAGE).text
    for word in (payment.transaction_id, "960.00", "Payer 9f2c…e41a", "GRACE", "To claim"):
        assert word in page
    assert HASHED not in page
    for typed in (payment.transaction_id.lower(), "grace", "960.00"):
        assert payment.transaction_id in staff.get(PAGE, query_string={"q": typed}).text
    assert "No payments found" in staff.get(PAGE, query_string={"q": "nobody"}).text


def test_an_unknown_phone_is_masked(staff, inside):
    inside(receive_payment, paid(payer="0799123456", payer_name="Grace A."))
    page = staff.get(PAGE).text
    assert "Grace A." in page
    assert "0799 ••• 456" in page
    assert "123 456" not in page


def test_a_payment_is_claimed_for_a_customer_and_undone(staff, inside, waiting):
    _, address = waiting
    jane = inside(create_customer, phone="0712345678", first_name="Jane")
    assert "Jane" in staff.get(address, query_string={"q": "jane"}).text
    assert staff.send(f"{address}/claim", customer_id=str(jane.id)).status_code == 303
    assert inside(find_balance, jane.id) == 960
    assert "Undo claim" in staff.get(address).text
    assert "already used" in staff.send(f"{address}/claim", customer_id=str(jane.id)).text
    assert staff.send(f"{address}/undo").status_code == 303
    assert inside(find_balance, jane.id) == 0


def test_an_order_of_the_same_amount_is_suggested(staff, inside, waiting):
    _, address = waiting
    order = inside(lambda: factories.make_order(factories.make_customer(first_name="Grace"), 96_000))
    assert order.order_number in staff.get(address).text
    assert staff.send(f"{address}/claim", order_id=str(order.id)).status_code == 303
    assert inside(get_order, order.id).payment_status == "paid"


def test_money_is_marked_as_sent_back_with_a_reference(staff, waiting):
    _, address = waiting
    assert staff.send(f"{address}/returned", reference=" ").status_code == 422
    assert staff.send(f"{address}/returned", reference="SGH8").status_code == 303
    assert "Sent back" in staff.get(address).text


def test_a_statement_is_uploaded_and_the_day_shown(staff, inside):
    receipt = f"T{uuid4().hex[:9].upper()}"
    rows = f'Receipt No.,Completion Time,Paid In\n{receipt},06-01-2026 23:02:12,"1,250.00"\n'
    token = staff.token()
    sent = {"csrf_token": token, "file": (io.BytesIO(rows.encode()), "statement.csv")}
    answer = staff.client.post(f"{PAGE}/statement", data=sent, content_type="multipart/form-data")
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?day=2026-01-06")
    page = staff.get(answer.location).text
    for word in (receipt, "1 payment in the statement.", "1,250.00", "1 to look at"):
        assert word in page


def test_other_amounts_and_rows_that_cannot_be_read_are_named(staff):
    receipt = f"T{uuid4().hex[:9].upper()}"
    head = "Receipt No.,Completion Time,Paid In"
    for rows in (f"{receipt},06-01-2026 23:02:12,10.00", f"{receipt},06-01-2026 23:02:12,15.00\nTKL,yesterday,20.00"):
        sent = {"csrf_token": staff.token(), "file": (io.BytesIO(f"{head}\n{rows}\n".encode()), "statement.csv")}
        answer = staff.client.post(f"{PAGE}/statement", data=sent, content_type="multipart/form-data")
        page = staff.get(answer.location).text
    for words in (f"The statement has another amount for: {receipt}.", "Row 3 could not be read", "None was missing."):
        assert words in page
    assert page.count('class="toast-tz"') == 1


def test_a_file_that_is_no_statement_says_what_is_missing(staff):
    sent = {"csrf_token": staff.token(), "file": (io.BytesIO(b"name\nTea\n"), "x.csv")}
    answer = staff.client.post(f"{PAGE}/statement", data=sent, content_type="multipart/form-data")
    assert (answer.status_code, "Receipt No." in answer.text) == (422, True)


def test_clerks_claim_and_send_nothing_back(browse, inside, waiting):
    _, address = waiting
    clerk = browse()
    clerk.sign_in(inside(factories.make_staff, role=Role.CLERK).email)
    assert clerk.get(address).status_code == 200
    assert clerk.send(f"{address}/returned", reference="SGH8").status_code == 403


def test_money_is_sent_back_by_mpesa_and_asked_about(app, staff, inside, daraja, monkeypatch, waiting):
    _, page = waiting
    monkeypatch.setitem(app.config, "DARAJA_URL", daraja.url)
    assert "no initiator" in staff.get(page).text
    inside(connect_initiator, PaymentConfig.of(app.config))
    assert staff.send(f"{page}/reverse/ask").status_code == 422
    assert "Send back by M-Pesa" in staff.get(page).text
    assert staff.send(f"{page}/reverse").status_code in {302, 303}
    shown = staff.get(page).text
    assert "M-Pesa is sending the money back." in shown
    assert "Ask M-Pesa now" in shown
    assert "Claim for an order or a customer" not in shown
    assert staff.send(f"{page}/reverse/ask").status_code in {302, 303}
    commands = [sent["CommandID"] for sent in daraja.requests]
    assert commands == ["TransactionReversal", "TransactionStatusQuery"]


def test_a_receipt_entered_for_two_orders_is_shown_everywhere(staff, inside):
    first, second = (inside(factories.make_order, inside(factories.make_customer), 50_000) for _ in range(2))
    for order, reference in ((first, "s0ajkPBHE5"), (second, "S0AJKPBHE5")):
        staff.send(f"/staff/orders/{order.id}/paid", reference=reference)
        page = staff.get(f"/staff/orders/{order.id}").text
    assert f"Marked paid. Reference S0AJKPBHE5 is already on order {first.order_number}." in page
    assert "The payment’s reference is also on another order" in page
    assert f">{second.order_number}</a>" in staff.get(f"/staff/orders/{first.id}").text
    listed = staff.get(PAGE).text
    assert "References on several orders" in listed
    assert f"Check order {second.order_number}" in listed
    line = {"line-0-name": "Soap", "line-0-quantity": "1", "line-0-price": "5"}
    created = staff.send("/staff/orders/new", do="create", pay="now", reference="s0AJKPBHE5", **line)
    page = staff.get(created.headers["Location"]).text
    assert f"is already on order {first.order_number}, {second.order_number}." in page
