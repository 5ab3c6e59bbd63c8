"""M-Pesa by STK push from checkout to callback, with a fake Daraja server."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.models import LoyaltyEntry, PaymentEvent, PaymentFlag
from shop.services import clock
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.repository import get_order
from shop.services.payments.attempts import list_attempts
from shop.services.payments.config import PaymentConfig
from tests import factories
from tests.support.payments import PHONE, Caller, connect_mpesa, end_attempts, place_unpaid, work_through

PUBLIC = "/api/v1/storefront"


@pytest.fixture
def policy(app, daraja, inside, monkeypatch):
    monkeypatch.setitem(app.config, "DARAJA_URL", daraja.url)
    yield PaymentConfig.of(app.config)
    inside(end_attempts)


@pytest.fixture
def placed(inside, policy):
    inside(connect_mpesa, policy)
    return inside(place_unpaid)


@pytest.fixture
def pay(client, placed):
    def pay(gateway="mpesa", phone=PHONE, token=placed.payment_token):
        data = {"payment_token": token} | ({"phone": phone} if phone else {})
        body = {"order_id": placed.order.id, "gateway_name": gateway, "payment_data": data}
        return client.post(f"{PUBLIC}/checkout/process-payment", json=body)

    return pay


@pytest.fixture
def status(client, placed):
    def status():
        url = f"{PUBLIC}/orders/{placed.order.id}/payment-status"
        return client.get(url, query_string={"payment_token": placed.payment_token}).get_json()["data"]

    return status


@pytest.fixture
def call(client, daraja):
    return Caller(client, daraja)


@pytest.fixture
def flags(inside):
    def flags():
        rows = inside(lambda: list(db.session.scalars(select(PaymentFlag).order_by(PaymentFlag.id))))
        return [(flag.kind, flag.amount_cents) for flag in rows]

    return flags


@pytest.fixture
def outcomes(inside):
    found = select(PaymentEvent.source, PaymentEvent.outcome).order_by(PaymentEvent.id)
    return lambda: inside(lambda: [tuple(row) for row in db.session.execute(found)])


def awards(inside):
    return inside(lambda: db.session.scalars(select(func.count(LoyaltyEntry.id))).one())


def test_a_push_is_sent_paid_and_awarded_once(pay, status, call, daraja, inside, placed, outcomes):
    data = pay().get_json()["data"]
    assert (data["state"], data["reference"]) == ("waiting", f"{placed.order.order_number}-1")
    assert data["message"] == "Enter your M-Pesa PIN on 0712 345678 to pay KES 2,400.00."
    [push] = daraja.pushes
    assert (push.phone, push.amount) == ("254712345678", 2400)
    assert push.body["AccountReference"] == placed.order.order_number.removeprefix("ORD-")
    assert status()["attempt"]["state"] == "waiting"
    daraja.settle(push, "0")
    assert [call(push) for _ in range(3)] == [200, 200, 200]
    found = status()
    assert (found["payment_status"], found["transaction"]["reference"]) == ("paid", push.receipt)
    assert found["attempt"]["state"] == "paid"
    assert awards(inside) == 1
    assert outcomes() == [("push", "waiting"), ("callback", "paid")]


def test_asking_again_at_once_sends_no_second_push(pay, daraja):
    first, second = pay(), pay()
    assert first.get_json()["data"]["reference"] == second.get_json()["data"]["reference"]
    assert len(daraja.pushes) == 1


def test_another_phone_or_way_waits_for_the_first(pay, inside, daraja):
    inside(factories.make_payment, "cod", "Cash on Delivery")
    pay()
    for answer in (pay(phone="0722000000"), pay("cod")):
        assert (answer.status_code, answer.get_json()["code"]) == (409, "payment_under_way")
    assert len(daraja.pushes) == 1


def test_a_known_phone_is_not_prompted_automatically(pay, call, daraja):
    answer = pay(phone=None)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "phone_needed")
    assert daraja.pushes == []
    pay(phone="0722000000")
    call(daraja.pushes[0], "1032")
    pay(phone=None)
    assert daraja.pushes[1].phone == "254722000000", "the one that was given for this order"


@pytest.mark.parametrize("phone", ["+255754123456", "12", "020 1234567"])
def test_a_phone_that_mpesa_cannot_ask_is_refused(pay, daraja, phone):
    answer = pay(phone=phone)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (400, "payment_data.phone")
    assert daraja.pushes == []


def test_cents_round_up_to_the_shilling_that_was_begun(client, inside, policy, daraja, call, status, placed, flags):
    milk = inside(factories.make_product, price_cents=24550)
    order = inside(lambda: factories.place(factories.make_customer(), [(milk, 1)], payment_method="mpesa"))
    body = {"order_id": order.order.id, "gateway_name": "mpesa", "payment_token": order.payment_token}
    data = client.post(f"{PUBLIC}/checkout/process-payment", json=body | {"payment_data": {"phone": PHONE}}).get_json()
    assert data["data"]["amount"] == "246.00"
    call(daraja.pushes[0])
    assert inside(get_order, order.order.id).payment_status == "paid"
    assert flags() == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("1", "not enough money"),
        ("1032", "cancelled on the phone"),
        ("1037", "could not be reached"),
        ("2001", "PIN was wrong"),
        ("9999", "could not take the payment"),
    ],
)
def test_a_failed_payment_says_why_and_may_be_tried_again(pay, status, call, daraja, code, words):
    pay()
    call(daraja.pushes[0], code)
    found = status()
    assert (found["payment_status"], found["attempt"]["state"], found["attempt"]["code"]) == ("pending", "failed", code)
    assert words in found["attempt"]["message"]
    assert pay().get_json()["data"]["reference"].endswith("-2")
    call(daraja.pushes[1])
    assert status()["payment_status"] == "paid"


def test_a_success_after_a_failure_counts(pay, status, call, daraja, flags):
    pay()
    call(daraja.pushes[0], "1037")
    call(daraja.pushes[0])
    assert status()["payment_status"] == "paid"
    assert flags() == []


def test_a_failure_after_a_success_is_flagged_and_changes_nothing(pay, status, call, daraja, flags, outcomes):
    pay()
    call(daraja.pushes[0])
    assert [call(daraja.pushes[0], "1032") for _ in range(2)] == [200, 200]
    assert status()["payment_status"] == "paid"
    assert flags() == [("contradiction", 240000)]
    assert outcomes()[-1] == ("callback", "contradiction")


def test_less_money_than_asked_leaves_the_order_unpaid_for_people_to_decide(
    pay, status, call, daraja, flags, policy, inside
):
    pay()
    call(daraja.pushes[0], Amount=2000.5)
    found = status()
    assert (found["payment_status"], found["pay_by"]) == ("pending", None)
    assert "2000.50" in found["attempt"]["message"]
    assert flags() == [("short", 39950)]


def test_more_money_than_asked_pays_and_points_the_surplus_out(pay, status, call, daraja, flags):
    pay()
    call(daraja.pushes[0], Amount=2500)
    assert status()["payment_status"] == "paid"
    assert flags() == [("over", 10000)]


def test_a_second_payment_of_one_order_is_flagged_for_refund(pay, call, daraja, flags, inside):
    pay()
    call(daraja.pushes[0], "1032")
    pay()
    call(daraja.pushes[1])
    call(daraja.pushes[0])
    assert flags() == [("twice", 240000)]
    assert awards(inside) == 1


def test_a_second_receipt_on_one_push_is_flagged_for_refund(pay, call, daraja, flags):
    pay()
    call(daraja.pushes[0], MpesaReceiptNumber="SAA1")
    call(daraja.pushes[0], MpesaReceiptNumber="SAA2")
    assert flags() == [("twice", 240000)]


def test_the_word_on_another_request_is_not_believed(pay, status, call, daraja, flags):
    pay()
    call(replace(daraja.pushes[0], checkout_request_id="ws_CO_somebody_else"))
    assert status()["payment_status"] == "pending"
    assert flags() == [("unmatched", 240000)]


def test_a_receipt_pays_one_order_only(client, inside, pay, status, call, daraja, flags, placed):
    other = inside(place_unpaid)
    body = {"order_id": other.order.id, "gateway_name": "mpesa", "payment_token": other.payment_token}
    body["payment_data"] = {"phone": PHONE}
    client.post(f"{PUBLIC}/checkout/process-payment", json=body)
    call(daraja.pushes[0], MpesaReceiptNumber="SAA1")
    pay()
    call(daraja.pushes[1], MpesaReceiptNumber="SAA1")
    assert status()["payment_status"] == "pending"
    assert flags() == [("unmatched", 240000)]


@pytest.mark.parametrize(("setter", "word"), [(set_order_status, "cancelled"), (set_payment_status, "refunded")])
def test_money_for_an_order_that_ended_is_flagged_for_refund(pay, call, daraja, flags, inside, placed, setter, word):
    pay()
    if word == "refunded":
        inside(set_payment_status, placed.order.id, "paid", factories.TESTER)
    inside(setter, placed.order.id, word, factories.TESTER)
    call(daraja.pushes[0])
    order = inside(get_order, placed.order.id)
    assert word in {order.status, order.payment_status}
    assert order.payment_status != "paid"
    assert flags() == [("late", 240000)]
    assert awards(inside) == 2 * (word == "refunded"), "earned and taken back"


def test_a_callback_that_comes_before_the_answer_to_its_push_counts(pay, status, call, daraja, monkeypatch):
    take = daraja.take

    def take_and_call(body):
        push = take(body)
        call(push)
        return push

    monkeypatch.setattr(daraja, "take", take_and_call)
    pay()
    assert (status()["payment_status"], status()["attempt"]["state"]) == ("paid", "paid")


@pytest.mark.parametrize(
    ("how", "status_code", "code"),
    [
        ("429", 503, "payment_provider_away"),
        ("503", 503, "payment_provider_away"),
        ("busy", 503, "payment_not_begun"),
        ("merchant", 503, "payment_not_begun"),
        ("phone", 400, "phone_unknown"),
        ("amount", 503, "payment_not_begun"),
    ],
)
def test_a_push_that_is_refused_says_what_to_do_and_may_be_tried_again(pay, daraja, flags, how, status_code, code):
    daraja.push_fails.append(how)
    answer = pay()
    assert (answer.status_code, answer.get_json()["code"]) == (status_code, code)
    assert ("Retry-After" in answer.headers) == (status_code == 503)
    assert flags() == ([("refused", 0)] if how in {"merchant", "amount"} else [])
    assert pay().get_json()["data"]["reference"].endswith("-2")


@pytest.mark.parametrize("how", ["lost", "malformed", "array", "no_id", "500"])
def test_an_answer_that_was_lost_leaves_the_payment_under_way(pay, status, call, daraja, how):
    daraja.push_fails.append(how)
    assert pay().get_json()["data"]["state"] == "waiting"
    assert status()["attempt"]["state"] == "waiting"
    assert pay().get_json()["data"]["reference"].endswith("-1"), "no second push while the first may be out"
    with clock.moved_to(clock.now() + timedelta(seconds=91)):
        assert pay().get_json()["data"]["reference"].endswith("-2")


def test_a_push_whose_answer_was_lost_is_paid_by_its_callback(pay, status, call, daraja):
    daraja.push_fails.append("lost")
    pay()
    call(daraja.pushes[0])
    assert status()["payment_status"] == "paid"


def test_an_unavailable_provider_is_reported_as_such(pay, daraja):
    daraja.stop()
    answer = pay()
    assert (answer.status_code, answer.get_json()["code"]) == (503, "payment_provider_away")


def test_a_slow_provider_is_given_up_on_and_still_believed_later(app, pay, status, call, daraja, monkeypatch):
    monkeypatch.setitem(app.config, "DARAJA_TIMEOUT_SECONDS", 0.2)
    daraja.push_fails.append("slow")
    assert pay().get_json()["data"]["state"] == "waiting"
    daraja.released.set()
    call(daraja.pushes[0])
    assert status()["payment_status"] == "paid"


def test_wrong_credentials_are_pointed_out_to_the_shop(pay, daraja, flags):
    daraja.token_fails.append("wrong_key")
    answer = pay()
    assert (answer.status_code, answer.get_json()["code"]) == (503, "payment_not_begun")
    assert flags() == [("refused", 0)]


def test_a_token_that_ended_early_is_replaced(pay, daraja, call):
    pay()
    call(daraja.pushes[0], "1032")
    daraja.push_fails.append("401")
    assert pay().status_code == 200
    assert len(daraja.pushes) == 2


def test_one_phone_is_asked_only_so_often_whatever_the_order(client, inside, policy, daraja, call, placed):
    codes = []
    for _ in range(5):
        other = inside(place_unpaid)
        body = {"order_id": other.order.id, "gateway_name": "mpesa", "payment_token": other.payment_token}
        body["payment_data"] = {"phone": PHONE}
        codes.append(client.post(f"{PUBLIC}/checkout/process-payment", json=body).status_code)
    assert codes == [200] * 4 + [429]
    assert len(daraja.pushes) == 4


def test_a_callback_needs_its_secret_address(client, pay, daraja, status):
    pay()
    body = daraja.callback(daraja.pushes[0])
    known = urlsplit(daraja.pushes[0].callback_url).path
    for path in (known[:-1], f"{PUBLIC}/payments/callbacks/x", known.upper()):
        assert client.post(path, json=body).status_code == 404
    assert status()["payment_status"] == "pending"


def test_what_is_no_callback_is_refused_with_a_sentence(client, pay, daraja, status, subtests):
    pay()
    path = urlsplit(daraja.pushes[0].callback_url).path
    good = daraja.callback(daraja.pushes[0])["Body"]["stkCallback"]
    item = lambda name, value: {"CallbackMetadata": {"Item": [{"Name": name, "Value": value}]}}  # noqa: E731
    bad = [
        {},
        {"Body": []},
        {"Body": {"stkCallback": 5}},
        *({"Body": {"stkCallback": good | change}} for change in (
            {"ResultCode": None},
            {"ResultCode": True},
            {"ResultCode": "9" * 100},
            {"CheckoutRequestID": 7},
            {"CheckoutRequestID": "x" * 300},
            item("Amount", "much"),
            item("Amount", -1),
            item("Amount", 1.001),
            item("Amount", True),
            item("MpesaReceiptNumber", 7),
        )),
    ]  # fmt: skip
    for body in bad:
        with subtests.test(str(body)):
            answer = client.post(path, json=body)
            assert answer.status_code == 400
            assert answer.get_json()["message"]
    assert status()["payment_status"] == "pending"


def test_the_address_of_a_callback_stays_out_of_the_log(pay, call, daraja, caplog):
    caplog.set_level("INFO")
    pay()
    call(daraja.pushes[0])
    secret = daraja.pushes[0].callback_url.rsplit("/", 1)[-1]
    assert any("callbacks/…" in str(getattr(record, "fields", "")) for record in caplog.records)
    assert not any(secret in f"{record.getMessage()} {record.__dict__}" for record in caplog.records)


def test_another_shops_callback_settles_in_its_own_shop(app, client, daraja, pay, call, placed, inside):
    pay()
    with app.app_context():
        other = factories.make_shop()
    path = urlsplit(daraja.pushes[0].callback_url).path
    client.post(path, json=daraja.callback(daraja.pushes[0]), base_url=f"http://{other.host}")
    assert inside(get_order, placed.order.id).payment_status == "paid"


def test_deleting_the_customer_takes_their_phone_off_the_attempts(pay, inside, placed):
    pay()
    inside(delete_customer, placed.order.customer_id, factories.TESTER)
    assert [attempt.phone for attempt in inside(list_attempts, placed.order.id)] == [None]


def worked(app, policy, after):
    with app.app_context(), clock.moved_to(clock.now() + after):
        work_through(policy)


def test_a_prompt_without_callback_is_queried(app, pay, status, call, daraja, policy, outcomes):
    pay()
    push = daraja.pushes[0]
    worked(app, policy, timedelta(seconds=5))
    assert push.checkout_request_id not in daraja.queries
    worked(app, policy, timedelta(seconds=31))
    assert status()["attempt"]["state"] == "waiting", "still being processed"
    daraja.settle(push, "0")
    worked(app, policy, timedelta(seconds=90))
    found = status()
    assert (found["payment_status"], found["transaction"]["reference"]) == ("paid", found["attempt"]["reference"])
    call(push)
    assert status()["transaction"]["reference"] == push.receipt, "the callback brings the receipt"
    assert outcomes() == [("push", "waiting"), ("query", "paid"), ("callback", "noted")]


def test_a_failure_found_by_asking_ends_the_attempt(app, pay, status, daraja, policy):
    pay()
    daraja.settle(daraja.pushes[0], "1037")
    worked(app, policy, timedelta(seconds=31))
    assert (status()["attempt"]["state"], status()["attempt"]["code"]) == ("failed", "1037")


def test_a_new_try_after_a_while_asks_about_the_old_one_first(pay, daraja, status):
    pay()
    daraja.settle(daraja.pushes[0], "0")
    with clock.moved_to(clock.now() + timedelta(seconds=91)):
        assert pay().get_json()["data"]["state"] == "paid"
    assert len(daraja.pushes) == 1


@pytest.mark.parametrize("how", ["503", "500", "lost", "malformed"])
def test_a_query_that_fails_is_asked_again(app, pay, status, daraja, policy, how):
    pay()
    daraja.settle(daraja.pushes[0], "0")
    daraja.query_fails.append(how)
    worked(app, policy, timedelta(seconds=31))
    assert status()["attempt"]["state"] == "waiting"
    worked(app, policy, timedelta(seconds=100))
    assert status()["payment_status"] == "paid"
