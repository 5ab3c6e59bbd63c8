"""Messages about payments received and points earned, which a shop turns on."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import OutboxMessage
from shop.services.messaging.mails.mail_composer import compose
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.outbox import ClaimedMessage
from shop.services.shops.settings import change_settings
from tests import factories
from tests.factories import TESTER

ON = {"message_payment_received": "true", "message_points_earned": "true"}


@pytest.fixture
def order(ctx):
    jane = factories.make_customer("jane@example.com", first_name="Jane", phone="0712000001")
    return factories.make_order(jane)


def messages():
    kinds = ("payment_received", "points_earned")
    rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind.in_(kinds)).order_by(OutboxMessage.kind))
    return [
        ClaimedMessage(
            row.id, row.shop_id, row.kind, row.payload, row.recipient, 1, row.created_at, row.channel, row.phone
        )
        for row in rows
    ]


def test_a_paid_order_says_so_with_points_and_balance(order):
    change_settings(ON | {"message_channels": "sms,email", "customer_language": "en"}, TESTER)
    set_payment_status(order.id, PaymentStatus.PAID, TESTER)
    paid, earned = (compose(message, "k" * 32) for message in messages())
    assert paid.recipient == "+254712000001"
    assert f"we have received KES 2,400.00 for order {order.order_number}" in paid.text
    assert "points +2,400. You have 2,400 points, worth KES 24.00." in earned.text
    change_settings({"message_channels": "email"}, TESTER)
    set_order_status(order.id, OrderStatus.CANCELLED, TESTER)
    assert compose(messages()[1], "k" * 32) is None


def test_the_mails(order):
    change_settings(ON, TESTER)
    set_payment_status(order.id, PaymentStatus.PAID, TESTER)
    paid, earned = (compose(message, "k" * 32) for message in messages())
    assert paid.subject == f"Payment received for order {order.order_number}"
    assert "Thank you, Jane. We have received your payment." in paid.text
    assert "<b>KES 2,400.00</b>" in paid.html
    assert "Jane, 2,400 points were added to your account." in earned.text
    assert "<b>2,400 points</b>, worth KES 24.00" in earned.html


def test_nothing_is_sent_unless_the_shop_wants_it(order):
    set_payment_status(order.id, PaymentStatus.PAID, TESTER)
    assert messages() == []


def test_points_that_are_worth_nothing_yet_have_no_worth(ctx):
    change_settings(ON | {"currency": "JPY"}, TESTER)
    order = factories.make_order(factories.make_customer("jane@example.com"), 1000)
    set_payment_status(order.id, PaymentStatus.PAID, TESTER)
    earned = compose(messages()[1], "k" * 32)
    assert "You now have 10 points." in earned.text
    assert "<b>10 points</b>." in earned.html
    assert "worth" not in earned.text + earned.html
