"""Concurrency with real threads and real commits: nothing happens twice, nothing is spent twice."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.domain.codes import code_from_nonce
from shop.models import LoyaltyEntry, Order, OtpChallenge, RedemptionToken
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.errors import Conflict, InvalidInput, StillRunning
from shop.services.idempotency import Request, StoredResponse, answer_once
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import InsufficientPoints, find_balance
from shop.services.loyalty.otp import OtpConfig, send_code, verify_code
from shop.services.loyalty.redemption import RedemptionRequest
from shop.services.loyalty.verification import verify_ledger
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.placement import Checkout, PlacedOrder, place_order
from shop.services.orders.refunds import RefundLine, refund_order
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER
from tests.support.threads import all_at_once

POLICY = OtpConfig("k" * 32, verifies_per_address_10_minutes=1000)
ASKER = 1
"""The last part of the address from which codes are asked for."""


@pytest.fixture(autouse=True)
def _clean_ledger(ctx):
    """After each race the ledger is verified."""
    yield
    db.session.rollback()
    assert verify_ledger(ctx.id).is_clean


@pytest.fixture
def race(app, ctx):
    """Run calls at the same moment; return what each returned or raised.

    The test's rows are expunged first, so that threads load their own.
    """

    def race(calls):
        for row in list(db.session):
            db.session.refresh(row)
        db.session.expunge_all()
        db.session.rollback()
        return all_at_once(app, ctx.id, calls)

    return race


def now(row):
    """Return a row as currently stored."""
    db.session.rollback()
    return db.session.get(type(row), row.id)


def codes(results):
    """Return the error codes; anything but a ShopError fails the test."""
    errors = [result for result in results if isinstance(result, BaseException)]
    for error in errors:
        if not isinstance(error, InvalidInput | Conflict | InsufficientPoints):
            raise error
    return [error.code for error in errors]


def count(model, *conditions):
    db.session.rollback()
    return db.session.scalars(select(func.count(model.id)).where(*conditions)).one()


def test_fifty_that_mark_an_order_paid_make_one_award(race):
    jane = factories.make_customer()
    order = factories.make_order(jane, 10000)
    results = race([lambda: set_payment_status(order.id, "paid", TESTER)] * 50)
    assert codes(results) == []
    assert (find_balance(jane.id), count(LoyaltyEntry)) == (100, 1)


def test_paid_and_completed_at_once_make_one_award(race):
    change_setting("loyalty_award_trigger", "either", TESTER)
    jane = factories.make_customer()
    order = factories.make_order(jane, 10000)
    paid = lambda: set_payment_status(order.id, "paid", TESTER)  # noqa: E731
    completed = lambda: set_order_status(order.id, "completed", TESTER)  # noqa: E731
    assert codes(race([paid, completed] * 10)) == []
    assert (find_balance(jane.id), count(LoyaltyEntry)) == (100, 1)


def test_thirty_two_orders_with_one_token_make_one(race):
    jane = factories.make_customer(points=32_000)
    milk = factories.make_product(price_cents=10000, stock=32)
    requested = Checkout(
        email=jane.email,
        lines=[CartLine(milk.id, 1)],
        redemption=RedemptionRequest(factories.make_token(jane.id), 1000),
    )
    assert codes(race([lambda: place_order(requested)] * 32)) == ["invalid_redemption_token"] * 31
    assert (find_balance(jane.id), now(milk).stock_quantity, count(Order)) == (31_000, 31, 1)
    assert factories.reload(jane).total_orders == 1


def test_thirty_two_orders_with_a_balance_for_ten_make_ten(race):
    jane = factories.make_customer(points=1090)
    milk = factories.make_product(price_cents=10000)
    requested = Checkout(email=jane.email, lines=[CartLine(milk.id, 1)])
    requests = [replace(requested, redemption=RedemptionRequest(factories.make_token(jane.id), 100)) for _ in range(32)]
    assert (
        codes(race([lambda requested=requested: place_order(requested) for requested in requests]))
        == ["insufficient_points"] * 22
    )
    assert (find_balance(jane.id), count(Order)) == (90, 10)
    assert count(RedemptionToken, RedemptionToken.used_at.is_not(None)) == 10


def test_twenty_orders_for_the_last_five_pieces_make_five(race):
    milk = factories.make_product(stock=5)
    calls = [lambda n=n: place_order(Checkout(f"p{n}@example.com", [CartLine(milk.id, 1)])) for n in range(20)]
    assert codes(race(calls)) == ["out_of_stock"] * 15
    assert (now(milk).stock_quantity, count(Order)) == (0, 5)


def test_twenty_orders_for_the_last_three_uses_of_a_coupon_make_three(race):
    milk = factories.make_product()
    coupon = factories.make_coupon(usage_limit=3)
    calls = [
        lambda n=n: place_order(Checkout(f"p{n}@example.com", [CartLine(milk.id, 1)], coupon_code=coupon.code))
        for n in range(20)
    ]
    assert codes(race(calls)) == ["coupon_used_up"] * 17
    assert (now(coupon).usage_count, count(Order)) == (3, 3)


def test_two_articles_ordered_in_either_order_do_not_deadlock(race):
    milk, bread = factories.make_product(stock=100), factories.make_product(stock=100)
    carts = [[CartLine(milk.id, 1), CartLine(bread.id, 1)], [CartLine(bread.id, 1), CartLine(milk.id, 1)]] * 10
    calls = [lambda n=n, c=c: place_order(Checkout(f"p{n}@example.com", c)) for n, c in enumerate(carts)]
    assert codes(race(calls)) == []
    assert now(milk).stock_quantity == 80


def test_one_new_customer_is_made_by_many_orders_at_once(race):
    milk = factories.make_product()
    results = race([lambda: place_order(Checkout("new@example.com", [CartLine(milk.id, 1)]))] * 16)
    assert codes(results) == []
    assert len({result.order.customer_id for result in results}) == 1
    assert factories.reload(results[0].order.customer).total_orders == 16


def test_sixteen_that_cancel_an_order_give_back_once(race):
    jane = factories.make_customer(points=500)
    milk = factories.make_product(price_cents=10000, stock=10)
    order = factories.place(jane, [(milk, 1)], points=300).order
    set_payment_status(order.id, "paid", TESTER)
    cancel = lambda: set_order_status(order.id, "cancelled", TESTER)  # noqa: E731
    fail = lambda: set_payment_status(order.id, "failed", TESTER)  # noqa: E731
    assert codes(race([cancel, fail] * 8)) == []
    assert (find_balance(jane.id), now(milk).stock_quantity) == (500, 10)


def test_refunds_at_once_never_give_more_than_was_paid(race):
    jane = factories.make_customer()
    order = factories.make_order(jane, 10000, payment_status="paid")
    results = race([lambda: refund_order(order.id, 3000, "", TESTER)] * 12)
    assert len(codes(results)) == 9
    db.session.rollback()
    assert db.session.scalars(select(Order.refunded_cents)).one() == 9000
    assert find_balance(jane.id) == 10


def test_refunds_at_once_return_each_piece_to_stock_once(race):
    milk = factories.make_product(price_cents=1000, stock=10)
    order = factories.place(factories.make_customer(), [(milk, 3)]).order
    set_payment_status(order.id, "paid", TESTER)
    one = [RefundLine(order.items[0].id, 2)]
    same = lambda: refund_order(order.id, one, "", TESTER, request_key="k", restock=True)  # noqa: E731
    other = lambda: refund_order(order.id, one, "", TESTER, restock=True)  # noqa: E731
    race([same, same, other] * 4)
    db.session.rollback()
    assert (db.session.scalars(select(Order.refunded_cents)).one(), now(milk).stock_quantity) == (2000, 9)


def test_points_taken_by_hand_at_once_never_go_below_zero(race):
    jane = factories.make_customer(points=100)
    results = race([lambda: adjust_points(jane.id, -30, "taken", TESTER)] * 12)
    assert codes(results) == ["insufficient_points"] * 9
    assert find_balance(jane.id) == 10


def open_code(jane):
    send_code(email=jane.email, phone=None, address=f"192.0.2.{ASKER}", config=POLICY)
    db.session.rollback()
    challenge = db.session.scalars(select(OtpChallenge).order_by(OtpChallenge.id.desc()).limit(1)).one()
    return challenge, code_from_nonce(POLICY.secret_key, challenge.nonce)


def try_code(jane, code, number=0):
    return verify_code(code, email=jane.email, phone=None, address=f"192.0.2.{number}", config=POLICY).token


def test_twenty_that_guess_at_once_get_no_sixth_try(race):
    jane = factories.make_customer()
    challenge, code = open_code(jane)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    guesses = [lambda: try_code(jane, wrong, ASKER)] * 19  # other addresses get 3 of the 5 tries
    results = race(guesses)
    assert codes(results) == []
    assert (set(results), now(challenge).tries) == ({None}, 5)
    assert try_code(jane, code, ASKER) is None


def test_the_right_code_twenty_times_at_once_gives_one_token(race):
    jane = factories.make_customer()
    _, code = open_code(jane)
    results = race([lambda n=n: try_code(jane, code, n) for n in range(20)])
    assert codes(results) == []
    assert len([token for token in results if token]) == 1
    assert count(RedemptionToken) == 1


def test_sixteen_requests_with_one_key_have_one_effect(race):
    jane = factories.make_customer()
    request = Request("key:1", "k1", "POST", "/adjust", b"{}")

    def ask():
        return answer_once(
            request,
            lambda: adjust_points(jane.id, 10, "once", TESTER)[0].points_balance,
            lambda balance: StoredResponse(200, f"balance {balance}"),
            lambda error: StoredResponse(400, error.code),
        )

    results = race([ask] * 16)
    answers = [result for result in results if isinstance(result, StoredResponse)]
    assert all(isinstance(result, StoredResponse | StillRunning) for result in results), results
    assert {(answer.status, answer.body) for answer in answers} == {(200, "balance 10")}
    assert len([answer for answer in answers if not answer.replayed]) == 1
    assert find_balance(jane.id) == 10


def test_one_setting_changed_by_many_at_once_has_one_row(race):
    calls = [lambda n=n: change_setting("loyalty_otp_ttl_minutes", n, TESTER) for n in range(1, 17)]
    assert codes(race(calls)) == []


def test_a_customer_deleted_while_shopping_leaves_whole_orders(race):
    jane = factories.make_customer("jane@example.com", points=10_000, first_name="Jane")
    milk = factories.make_product(price_cents=10000, stock=100)
    orders = [factories.make_order(jane, 10000) for _ in range(6)]
    requests = [
        Checkout(jane.email, [CartLine(milk.id, 1)], redemption=RedemptionRequest(factories.make_token(jane.id), 100))
        for _ in range(8)
    ]
    customer_id = jane.id
    calls = [lambda requested=requested: place_order(requested) for requested in requests]
    calls += [lambda order=order: set_payment_status(order.id, "paid", TESTER) for order in orders]
    calls.insert(5, lambda: delete_customer(customer_id, TESTER))
    results = race(calls)
    codes(results)
    placed = [result for result in results if isinstance(result, PlacedOrder)]
    assert count(Order) == 6 + len(placed)
    assert count(Order, Order.customer_id == customer_id) == 0
