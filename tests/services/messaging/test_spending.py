"""The month's limit of message cost: messages that can wait stop, codes do not, the owners get one mail."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import OutboxMessage
from shop.services import clock
from shop.services.messaging.accounts import save_account
from shop.services.messaging.channels.base import Receipt
from shop.services.messaging.deliveries import begin_delivery, end_delivery
from shop.services.messaging.spending import LimitReached, check_limit, find_reached_limit, get_segment_price_e4
from shop.services.outbox import ClaimedMessage
from shop.services.shops.settings import change_settings
from tests import factories
from tests.factories import TESTER


@pytest.fixture
def limited(ctx, app):
    """A shop with a limit of 2.00 of which 1.60 is spent."""
    save_account("sms", {"username": "duka"}, {"api_key": "key"}, TESTER, app.config["PAYMENT_KEYS"])
    change_settings({"message_monthly_limit": "2.00"}, TESTER)
    spend(ctx, 1)
    return ctx


def spend(ctx, number):
    message = ClaimedMessage(number, ctx.id, "otp_code", {}, None, 1, clock.now(), channel="sms", phone="+254712000001")
    begin_delivery(message, 2)
    end_delivery(message, Receipt(f"ATXid_{number}", 16000, "KES"))


def notices():
    rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "staff_notice"))
    return [(row.recipient, row.payload["notice"]) for row in rows]


def test_what_can_wait_stops_and_the_owners_get_one_mail(limited):
    owner = factories.make_staff()
    factories.make_staff(role="manager")
    assert get_segment_price_e4() == 8000
    assert find_reached_limit() is not None
    check_limit("otp_code", 5)
    check_limit("order_placed", 5)
    for _ in range(2):
        with pytest.raises(LimitReached):
            check_limit("customer_message", 1)
    assert notices() == [(owner.email, "message_limit_reached")]


def test_the_next_month_begins_at_nothing(limited):
    with clock.moved_to(clock.now() + timedelta(days=32)):
        check_limit("customer_message", 2)
        assert find_reached_limit() is None


def test_without_a_limit_nothing_stops(ctx):
    check_limit("customer_message", 1000)
    assert notices() == []
