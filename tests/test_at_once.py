"""Concurrent requests to a real server with processes and threads: what must happen once happens once."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.domain.codes import code_from_nonce
from shop.models import (
    LoyaltyEntry,
    Order,
    OrderRefund,
    OrderTransaction,
    OtpChallenge,
    OutboxMessage,
    ReceivedPayment,
    RedemptionToken,
)
from shop.services.loyalty.verification import verify_ledger
from shop.services.orders.lifecycle import set_payment_status
from shop.services.orders.repository import get_order
from tests import factories
from tests.factories import PASSWORD, TESTER
from tests.support.csrf import TOKEN
from tests.support.daraja import confirmation
from tests.support.databases import TEST_CONFIG
from tests.support.served import ServedShop
from tests.support.server import Ask, Server

MANY = 50
CREATE = "/api/v1/storefront/checkout/create-order"
SEND = "/api/v1/storefront/loyalty/redemption/send-otp"
VERIFY = "/api/v1/storefront/loyalty/redemption/verify-otp"


@pytest.fixture
def shop(servers: Callable[[str], Server], engine_name: str) -> Iterator[ServedShop]:
    """A new shop; after the race its ledger is verified, and the server has not failed."""
    there = ServedShop(servers(engine_name))
    yield there
    assert verify_clean(there)
    assert '"level": "error"' not in there.server.log()


def verify_clean(shop: ServedShop) -> bool:
    with shop.server.app.app_context():
        return bool(verify_ledger(shop.made.id).is_clean)


def statuses(answers: list[Any]) -> dict[int, int]:
    return dict(Counter(answer.status for answer in answers))


def checkout(customer: Any, product: Any, token: str | None = None, points: int = 0) -> dict[str, Any]:
    body: dict[str, Any] = {
        "customer": {"email": customer.email},
        "items": [{"product_id": product.id, "quantity": 1}],
    }
    return body | ({"loyalty_redemption": {"token": token, "points": points}} if token else {})


def test_fifty_requests_that_mark_an_order_paid_are_one_payment_and_one_award(shop):
    jane = shop.inside(factories.make_customer)
    order = shop.inside(factories.make_order, jane, 10000)
    reported = [{"payment_status": "paid", "transaction_reference": f"REF{number}"} for number in range(MANY)]
    answers = shop.at_once([shop.admin("PATCH", f"/orders/{order.id}/payment-status", body) for body in reported])
    assert statuses(answers) == {200: MANY}
    assert (shop.balance(jane), shop.count(LoyaltyEntry), shop.count(OrderTransaction)) == (100, 1, 1)


def test_a_provider_that_calls_back_fifty_times_at_once_pays_and_awards_once(shop):
    jane = shop.inside(factories.make_customer)
    order = shop.inside(factories.make_order, jane, 24000)
    reported = {"CheckoutRequestID": "ws_CO_1", "ResultCode": 0, "ResultDesc": "Fine"}
    money = [{"Name": "Amount", "Value": 240}, {"Name": "MpesaReceiptNumber", "Value": "SGH7X2K9QP"}]
    body = {"Body": {"stkCallback": reported | {"CallbackMetadata": {"Item": money}}}}
    address = f"/api/v1/storefront/payments/callbacks/{shop.inside(factories.make_attempt, order.id)}"
    answers = shop.at_once([shop.public(address, body)] * MANY)
    assert statuses(answers) == {200: MANY}
    assert (shop.balance(jane), shop.count(LoyaltyEntry), shop.count(OrderTransaction)) == (240, 1, 1)


def test_a_payment_confirmed_fifty_times_at_once_is_one_payment_and_one_award(shop):
    jane = shop.inside(factories.make_customer, phone="0712345678")
    address = f"/api/v1/storefront/payments/received/{shop.inside(factories.make_payment_address)}/confirmation"
    body = confirmation(TransID="SGH7X2K9QP")
    answers = shop.at_once([shop.public(address, body)] * MANY)
    assert statuses(answers) == {200: MANY}
    assert (shop.count(ReceivedPayment), shop.count(OrderTransaction), shop.balance(jane)) == (1, 1, 960)


def test_fifty_requests_that_cancel_an_order_give_back_once(shop):
    jane = shop.inside(factories.make_customer, points=500)
    milk = shop.inside(factories.make_product, price_cents=10000, stock=10)
    order = shop.inside(factories.place, jane, [(milk, 1)], points=300).order
    shop.inside(set_payment_status, order.id, "paid", TESTER)
    answers = shop.at_once([shop.admin("PATCH", f"/orders/{order.id}/status", {"status": "cancelled"})] * MANY)
    assert statuses(answers) == {200: MANY}
    assert (shop.balance(jane), shop.inside(factories.stock_of, milk)) == (500, 10)


@pytest.mark.parametrize("what", ["refund", "adjust", "order"])
def test_fifty_requests_with_one_idempotency_key_have_one_effect(shop, what):
    jane = shop.inside(factories.make_customer)
    order = shop.inside(factories.make_order, jane, 10000, payment_status="paid")
    milk = shop.inside(factories.make_product)
    one = {"Idempotency_Key": "once"}
    ask, good = {
        "refund": (shop.admin("POST", f"/orders/{order.id}/refunds", {"amount": "10.00", "reason": "x"}, **one), 201),
        "adjust": (
            shop.admin("POST", "/marketing/loyalty/adjust", {"customer_id": jane.id, "points": 7, "note": "x"}, **one),
            200,
        ),
        "order": (shop.public(CREATE, checkout(jane, milk), **one), 201),
    }[what]
    answers = shop.at_once([ask] * MANY)
    done = [answer for answer in answers if answer.status == good]
    assert [answer.code for answer in answers if answer.status != good] == ["request_in_progress"] * (MANY - len(done))
    assert [answer.headers.get("idempotent-replayed") for answer in done].count(None) == 1
    assert len({answer.body for answer in done}) == 1
    again = shop.server.ask(ask)
    assert (again.status, again.body) == (good, done[0].body)
    effects = (shop.balance(jane), shop.count(OrderRefund), shop.count(Order))
    assert effects == {"refund": (90, 1, 1), "adjust": (107, 0, 1), "order": (100, 0, 2)}[what]


def test_thirty_two_orders_with_one_token_make_one(shop):
    jane = shop.inside(factories.make_customer, points=32_000)
    milk = shop.inside(factories.make_product, price_cents=10000)
    token = shop.inside(factories.make_token, jane.id)
    answers = shop.at_once([shop.public(CREATE, checkout(jane, milk, token, 1000))] * 32)
    assert statuses(answers) == {201: 1, 400: 31}
    assert {answer.code for answer in answers if answer.status == 400} == {"invalid_redemption_token"}
    assert (shop.balance(jane), shop.count(Order)) == (31_000, 1)


def test_thirty_two_orders_with_a_balance_for_ten_make_ten(shop):
    jane = shop.inside(factories.make_customer, points=1090)
    milk = shop.inside(factories.make_product, price_cents=10000)
    tokens = [shop.inside(factories.make_token, jane.id) for _ in range(32)]
    answers = shop.at_once([shop.public(CREATE, checkout(jane, milk, token, 100)) for token in tokens])
    assert statuses(answers) == {201: 10, 400: 22}
    assert {answer.code for answer in answers if answer.status == 400} == {"insufficient_points"}
    assert (shop.balance(jane), shop.count(Order)) == (90, 10)
    assert shop.count(RedemptionToken, RedemptionToken.used_at.is_not(None)) == 10


def signed_in(shop: ServedShop, email: str) -> dict[str, str]:
    """The headers of a browser with a signed-in staff member."""
    host = {"Host": shop.made.host}
    page = shop.server.ask(Ask("GET", "/staff/sign-in", headers=host))
    cookie = page.headers["set-cookie"].split(";")[0]
    token = TOKEN.search(page.body.decode())
    assert token
    form = f"csrf_token={token[1]}&email={email.replace('@', '%40')}&password={PASSWORD}".encode()
    typed = host | {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    entered = shop.server.ask(Ask("POST", "/staff/sign-in", form, typed))
    assert entered.status == 302
    cookie = entered.headers["set-cookie"].split(";")[0]
    inside = shop.server.ask(Ask("GET", "/staff/account", headers=host | {"Cookie": cookie}))
    token = TOKEN.search(inside.body.decode())
    assert token
    cookie = inside.headers.get("set-cookie", cookie).split(";")[0]
    return host | {"Cookie": cookie, "X-CSRFToken": token[1]}


def test_two_of_the_staff_that_take_points_at_once_never_take_more_than_there_are(shop):
    jane = shop.inside(factories.make_customer, points=100)
    people = [signed_in(shop, shop.inside(factories.make_staff).email) for _ in range(2)]
    body = {"customer_id": jane.id, "points": -30, "note": "taken"}
    answers = shop.at_once([Ask("POST", "/api/v1/marketing/loyalty/adjust", body, who) for who in people * 6])
    assert statuses(answers) == {200: 3, 400: 9}
    assert {answer.code for answer in answers if answer.status == 400} == {"insufficient_points"}
    assert shop.balance(jane) == 10


def test_rules_that_change_while_orders_come_in_leave_each_order_its_own(shop):
    milk = shop.inside(factories.make_product, price_cents=10000)
    people = [shop.inside(factories.make_customer) for _ in range(16)]
    asks = [shop.public(CREATE, checkout(person, milk)) for person in people]
    for place, rate in enumerate(["2", "3", "0.5", "1", "7", "2", "3", "5"]):
        key = "/settings/shop/loyalty_points_per_currency_unit"
        asks.insert(place * 3, shop.admin("PUT", key, {"value": rate}))
    answers = shop.at_once(asks)
    assert statuses(answers) == {201: 16, 200: 8}
    placed = [answer.json["data"]["order"] for answer in answers if answer.status == 201]
    paid = shop.at_once(
        [shop.admin("PATCH", f"/orders/{order['id']}/payment-status", {"payment_status": "paid"}) for order in placed]
    )
    earned = [answer.json["data"]["order"]["points_earned"] for answer in paid]
    assert earned == [order["loyalty"]["points_to_earn"] for order in placed]
    assert set(earned) <= {50, 100, 200, 300, 500, 700}


def test_a_customer_deleted_while_ordering_leaves_whole_orders(shop):
    jane = shop.inside(factories.make_customer, points=10_000, first_name="Jane")
    milk = shop.inside(factories.make_product, price_cents=10000, stock=100)
    tokens = [shop.inside(factories.make_token, jane.id) for _ in range(12)]
    asks = [shop.public(CREATE, checkout(jane, milk, token, 100)) for token in tokens]
    asks.insert(4, shop.admin("DELETE", f"/customers/{jane.id}"))
    answers = shop.at_once(asks)
    placed = [answer.json["data"]["order"]["id"] for answer in answers if answer.status == 201]
    assert answers[4].status == 200
    assert {answer.status for answer in answers} <= {200, 201, 400, 409}
    assert (shop.count(Order), shop.inside(factories.stock_of, milk)) == (len(placed), 100 - len(placed))
    assert shop.count(LoyaltyEntry, LoyaltyEntry.kind == "order_redeemed") == len(placed)
    assert [shop.inside(get_order, order_id).points_redeemed for order_id in placed] == [100] * len(placed)
    assert shop.count(Order, Order.customer_id == jane.id) == 0


def open_code(shop: ServedShop, email: str) -> str:
    """Request a code, and read the mail."""
    assert shop.server.ask(shop.public(SEND, {"email": email})).status == 200
    newest = select(OtpChallenge).order_by(OtpChallenge.id.desc()).limit(1)
    challenge = shop.inside(lambda: db.session.scalars(newest).one())
    return code_from_nonce(str(TEST_CONFIG["SECRET_KEY"]), challenge.nonce)


def test_forty_that_guess_from_forty_addresses_get_three_tries(shop):
    jane = shop.inside(factories.make_customer)
    code = open_code(shop, jane.email)
    wrong = [f"{(int(code) + 1 + number) % 10**6:06d}" for number in range(40)]
    guesses = [
        shop.public(VERIFY, {"email": jane.email, "code": guess}, address=f"203.0.113.{number}")
        for number, guess in enumerate(wrong)
    ]
    answers = shop.at_once(guesses)
    assert statuses(answers) == {400: 20, 429: 20}  # 20 an hour for one customer, whatever the address
    assert len({answer.body for answer in answers if answer.status == 400}) == 1
    assert shop.inside(lambda: db.session.scalars(select(OtpChallenge.tries)).one()) == 3
    right = shop.server.ask(shop.public(VERIFY, {"email": jane.email, "code": code}, address="198.51.100.1"))
    assert right.status == 429
    assert shop.count(RedemptionToken) == 0
    asker = shop.server.ask(shop.public(VERIFY, {"email": jane.email, "code": code}))
    assert asker.status == 200, "other people's tries do not keep the customer out"


def test_a_sixth_try_with_the_right_code_is_refused_like_a_wrong_one(shop):
    jane = shop.inside(factories.make_customer)
    code = open_code(shop, jane.email)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    guessed = shop.at_once([shop.public(VERIFY, {"email": jane.email, "code": wrong}) for _ in range(8)])
    right = shop.server.ask(shop.public(VERIFY, {"email": jane.email, "code": code}))
    assert {answer.body for answer in guessed} == {right.body}
    assert (right.status, right.code) == (400, "invalid_code")


def test_thirty_requests_for_a_code_send_one_mail(shop):
    jane = shop.inside(factories.make_customer, phone="0712345678")
    names = [{"email": jane.email}, {"email": f" {jane.email.upper()} "}, {"phone": "0712 345 678"}]
    asks = [shop.public(SEND, names[number % 3], address=f"192.0.2.{number}") for number in range(30)]
    answers = shop.at_once(asks)
    # known by two names: each may be asked about once, and the mailbox gets one mail
    assert statuses(answers) == {200: 2, 429: 28}
    assert shop.count(OutboxMessage, OutboxMessage.kind == "otp_code", OutboxMessage.recipient == jane.email) == 1


def test_the_limit_of_an_address_holds_across_processes(shop):
    asks = [shop.public(SEND, {"email": f"nobody{number}@example.com"}) for number in range(70)]
    assert statuses(shop.at_once(asks)) == {200: 60, 429: 10}
