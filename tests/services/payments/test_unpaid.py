"""Unpaid orders are cancelled once, with everything restored; also if the payment arrives at the same moment."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.db.tenant import in_shop
from shop.db.transaction import transaction
from shop.models import Coupon, Customer, Order, OutboxMessage, PaymentAttempt, PaymentFlag, Product
from shop.services import clock
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.verification import verify_ledger
from shop.services.messaging.mails.mail_composer import compose
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.repository import get_order
from shop.services.outbox import ClaimedMessage
from shop.services.payments.attempts import lock_attempt, open_attempt
from shop.services.payments.config import PaymentConfig
from shop.services.payments.providers.base import ProviderResult
from shop.services.payments.reconciliation import GRACE, end_unpaid, poll_pending
from shop.services.payments.settlement import settle
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER
from tests.support.daraja import FakeDaraja
from tests.support.payments import PHONE, connect_mpesa, end_attempts, place_unpaid, work_through
from tests.support.threads import all_at_once

LIMIT = timedelta(minutes=30)
PAID = ProviderResult("paid", "0", "Thank you.", 240000, "SGH7X2K9QP", "ws_CO_1")


@pytest.fixture
def policy(app):
    return PaymentConfig.of(app.config)


@pytest.fixture
def placed(ctx, policy):
    """An order with points, stock and a coupon's use."""
    connect_mpesa(policy)
    factories.make_coupon("KARIBU", usage_limit=5)
    placed = place_unpaid(points=500, stock=10, code="KARIBU")
    yield placed
    end_attempts()


def push_under_way(order_id, provider_id="ws_CO_1"):
    """An attempt whose push is pending."""
    with transaction():
        attempt, _ = open_attempt(get_order(order_id), "mpesa", 240000, PHONE)
        attempt.state, attempt.provider_id = "waiting", provider_id
    return attempt


def what_came_back(order_id):
    """Return points, stock and uses of the coupon as currently stored."""
    db.session.rollback()
    order = get_order(order_id)
    stock = db.session.scalars(select(Product.stock_quantity).where(Product.id == order.items[0].product_id)).one()
    uses = db.session.scalars(select(Coupon.usage_count).where(Coupon.id == order.coupon_id)).one()
    return find_balance(order.customer_id), stock, uses


def test_an_order_has_the_time_of_its_way_to_pay(placed):
    assert placed.order.pay_by - placed.order.order_date == LIMIT


def test_cash_on_delivery_waits_to_be_confirmed_or_for_ever_as_the_shop_says(ctx, policy):
    change_setting("unconfirmed_order_hours", 0, factories.TESTER)
    factories.make_payment("cod", "Cash on Delivery")
    order = factories.place(factories.make_customer(), [(factories.make_product(), 1)], payment_method="cod").order
    change_setting("unconfirmed_order_hours", 48, factories.TESTER)
    second = factories.place(factories.make_customer(), [(factories.make_product(), 1)], payment_method="cod").order
    with clock.moved_to(clock.now() + timedelta(days=365)):
        work_through(policy)
    assert (order.pay_by, get_order(order.id).status) == (None, "pending")
    assert (second.pay_by, get_order(second.id).status) == (None, "cancelled")


def test_an_unpaid_order_ends_with_everything_given_back_and_a_mail(placed, policy):
    order = placed.order
    assert what_came_back(order.id) == (0, 9, 1)
    with clock.moved_to(order.pay_by - timedelta(seconds=1)):
        assert not end_unpaid(order.id)
    with clock.moved_to(order.pay_by):
        work_through(policy)
        assert not end_unpaid(order.id), "once"
    ended = get_order(order.id)
    assert (ended.status, ended.payment_status) == ("cancelled", "pending")
    assert [note.content for note in ended.notes] == ["Not paid in time"]
    assert what_came_back(order.id) == (500, 10, 0)
    with transaction():
        kinds = [m.kind for m in db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))]
    assert kinds == ["order_placed", "order_unpaid"]


def test_the_mail_says_that_points_are_back(placed):
    with clock.moved_to(placed.order.pay_by):
        end_unpaid(placed.order.id)
    with transaction():
        row = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "order_unpaid")).one()
    waiting = ClaimedMessage(row.id, row.shop_id, row.kind, row.payload, row.recipient, 1, row.created_at)
    mail = compose(waiting, "k" * 32)
    for text in (mail.text, mail.html):
        assert placed.order.order_number in text
        assert "500 points" in text
        assert "not paid in time" in text
    assert mail.subject.endswith("was cancelled")


@pytest.mark.parametrize(
    ("setter", "word"),
    [(set_payment_status, "paid"), (set_order_status, "processing"), (set_order_status, "completed")],
)
def test_an_order_that_is_paid_or_taken_in_hand_does_not_end(placed, setter, word):
    setter(placed.order.id, word, TESTER)
    with clock.moved_to(placed.order.pay_by + timedelta(days=1)):
        assert not end_unpaid(placed.order.id)


def test_an_order_whose_payment_failed_for_good_ends_too(placed):
    set_payment_status(placed.order.id, "failed", TESTER)
    with clock.moved_to(placed.order.pay_by):
        assert end_unpaid(placed.order.id)
    assert what_came_back(placed.order.id) == (500, 10, 0)


def test_less_money_than_asked_stops_the_clock(placed):
    attempt = push_under_way(placed.order.id)
    over, short = placed.order.pay_by, ProviderResult("paid", "0", "", 100000, "SGH7X2K9QP", "ws_CO_1")
    assert settle(attempt.id, placed.order.id, short, "callback") == "short"
    with clock.moved_to(over + timedelta(days=1)):
        assert not end_unpaid(placed.order.id)


@pytest.mark.parametrize(("result", "status", "payment"), [("0", "pending", "paid"), ("1032", "cancelled", "pending")])
def test_a_push_under_way_is_asked_about_before_its_order_ends(
    app, placed, daraja, monkeypatch, result, status, payment
):
    monkeypatch.setitem(app.config, "DARAJA_URL", daraja.url)
    policy = PaymentConfig.of(app.config)
    push = daraja.take({"PhoneNumber": "254712345678", "Amount": 2400, "CallBackURL": "http://x/"})
    daraja.settle(push, result)
    with clock.moved_to(placed.order.pay_by - timedelta(seconds=5)):
        push_under_way(placed.order.id, push.checkout_request_id)
    with clock.moved_to(placed.order.pay_by):
        work_through(policy)
    assert daraja.queries == [push.checkout_request_id]
    order = get_order(placed.order.id)
    assert (order.status, order.payment_status) == (status, payment)


def test_a_prompt_without_a_result_blocks_its_order_for_minutes_only(placed):
    attempt = push_under_way(placed.order.id)
    with clock.moved_to(placed.order.pay_by + GRACE - timedelta(seconds=1)):
        assert not end_unpaid(placed.order.id)
    with clock.moved_to(placed.order.pay_by + GRACE):
        assert end_unpaid(placed.order.id)
    assert lock_attempt(attempt.id).state == "lapsed"
    assert settle(attempt.id, placed.order.id, PAID, "callback") == "late"
    assert what_came_back(placed.order.id) == (500, 10, 0)


ROUNDS = 6


def test_money_in_the_very_second_of_the_end_is_kept_or_flagged_never_both_never_neither(app, ctx, policy):
    connect_mpesa(policy)
    factories.make_coupon("KARIBU")
    kept = 0
    for number in range(ROUNDS):
        placed = place_unpaid(points=500, stock=10, code="KARIBU")
        order_id, customer_id, over = placed.order.id, placed.order.customer_id, placed.order.pay_by + GRACE
        attempt_id = push_under_way(order_id, f"ws_{number}").id
        verdict = ProviderResult("paid", "0", "", 240000, f"R{number}", f"ws_{number}")

        def pay(attempt_id=attempt_id, order_id=order_id, verdict=verdict, over=over):
            with clock.moved_to(over):
                return settle(attempt_id, order_id, verdict, "callback")

        def end(order_id=order_id, over=over, alone=number < ROUNDS // 2):
            with clock.moved_to(over):
                return end_unpaid(order_id) if alone else poll_pending(policy)

        db.session.rollback()
        db.session.expunge_all()
        calls = [pay, end, pay, end] if number % 2 else [end, pay, end, pay]
        results = all_at_once(app, ctx.id, calls)
        for result in results:
            assert not isinstance(result, Exception), result
        db.session.rollback()
        order = get_order(order_id)
        flags = list(db.session.scalars(select(PaymentFlag.kind).where(PaymentFlag.order_id == order_id)))
        paid = order.payment_status == "paid"
        assert (order.status, flags) == (("pending", []) if paid else ("cancelled", ["late"]))
        earned = order.points_earned
        assert (what_came_back(order_id)[0], earned > 0) == ((earned, True) if paid else (500, False))
        assert what_came_back(order_id)[1] == (9 if paid else 10)
        mails = select(func.count(OutboxMessage.id)).where(
            OutboxMessage.kind == "order_unpaid",
            OutboxMessage.recipient == select(Customer.email).where(Customer.id == customer_id).scalar_subquery(),
        )
        assert db.session.scalars(mails).one() == (0 if paid else 1)
        kept += paid
    assert verify_ledger(ctx.id).is_clean


def test_many_workers_at_once_end_each_order_once(make_private_app):
    app = make_private_app()
    policy = PaymentConfig.of(app.config)
    with app.app_context():
        shop = factories.make_shop()
        connect_mpesa(policy)
        milk = factories.make_product(price_cents=10000, stock=100)
        for _ in range(12):
            jane = factories.make_customer(points=100)
            factories.place(jane, [(milk, 1)], points=100, payment_method="mpesa")
        over = clock.now() + LIMIT

    def work():
        with clock.moved_to(over):
            return poll_pending(policy)

    done = all_at_once(app, shop.id, [work] * 6)
    assert sum(done) == 12
    with app.app_context(), in_shop(shop.id):
        assert db.session.scalars(select(func.count()).where(Order.status == "cancelled")).one() == 12
        assert db.session.scalars(select(Product.stock_quantity)).one() == 100
        assert db.session.scalars(select(func.count()).where(OutboxMessage.kind == "order_unpaid")).one() == 12
        assert {find_balance(jane) for jane in db.session.scalars(select(Customer.id))} == {100}
        db.session.rollback()
        assert verify_ledger(shop.id).is_clean


def test_a_callback_received_concurrently_is_one_payment(app, ctx, policy):
    connect_mpesa(policy)
    placed = place_unpaid()
    order_id, attempt_id = placed.order.id, push_under_way(placed.order.id).id
    db.session.rollback()
    db.session.expunge_all()
    outcomes = all_at_once(app, ctx.id, [lambda: settle(attempt_id, order_id, PAID, "callback")] * 12)
    assert sorted(outcomes) == ["paid"] + ["repeated"] * 11
    assert len(get_order(order_id).transactions) == 1


def test_one_attempt_at_a_time_is_asked_about_by_one_worker(make_private_app, monkeypatch):
    app = make_private_app()
    server = FakeDaraja()
    server.start()
    monkeypatch.setitem(app.config, "DARAJA_URL", server.url)
    policy = PaymentConfig.of(app.config)
    try:
        with app.app_context():
            shop = factories.make_shop()
            connect_mpesa(policy)
            placed = place_unpaid()
            push = server.take({"PhoneNumber": "254712345678", "Amount": 2400, "CallBackURL": "http://x/"})
            server.settle(push, "0")
            push_under_way(placed.order.id, push.checkout_request_id)
            later = clock.now() + timedelta(seconds=40)

        def work():
            with clock.moved_to(later):
                return poll_pending(policy)

        all_at_once(app, shop.id, [work] * 4)
        assert server.queries == [push.checkout_request_id]
    finally:
        server.stop()


def test_no_connection_is_held_while_the_provider_is_asked(make_private_app, monkeypatch):
    app = make_private_app(SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 1, "max_overflow": 0, "pool_timeout": 1})
    server = FakeDaraja()
    server.start()
    monkeypatch.setitem(app.config, "DARAJA_URL", server.url)
    policy = PaymentConfig.of(app.config)
    seen = []

    def look(_name):
        """Runs in another thread: it needs the only connection."""

        def ask():
            with app.app_context():
                from shop.db.tenant import use_shop

                use_shop(shop.id)
                seen.append(db.session.scalars(select(PaymentAttempt.state)).one())

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(30)

    server.on_query = look
    try:
        with app.app_context():
            shop = factories.make_shop()
            connect_mpesa(policy)
            placed = place_unpaid()
            push = server.take({"PhoneNumber": "254712345678", "Amount": 2400, "CallBackURL": "http://x/"})
            server.settle(push, "0")
            push_under_way(placed.order.id, push.checkout_request_id)
            with clock.moved_to(clock.now() + timedelta(seconds=40)):
                poll_pending(policy)
            assert get_order(placed.order.id).payment_status == "paid"
        assert seen == ["waiting"]
    finally:
        server.stop()
