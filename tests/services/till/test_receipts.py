"""Receipts sent from the till."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import OutboxMessage
from shop.services import clock
from shop.services.customers.records import create_customer
from shop.services.errors import Conflict, TooOften
from shop.services.messaging.mails.mail_composer import compose
from shop.services.outbox import ClaimedMessage
from shop.services.shops.settings import change_settings
from shop.services.till.receipts import find_receipt_channel, send_receipt
from shop.services.till.sales import Sale, record_sale, undo_sale
from tests.factories import TESTER

SALE = "6f1f6a5e-5d0c-4a86-9d0e-2f6f1a0c9b11"


@pytest.fixture
def order(ctx):
    jane = create_customer(phone="0712345678", first_name="Jane", actor=TESTER)
    return record_sale(Sale(SALE, 96_000, "cash", customer_id=jane.id), TESTER).order


def test_a_receipt_goes_by_sms_with_a_link_until_the_sale_is_undone(order):
    assert find_receipt_channel(order.customer_id) is None
    with pytest.raises(Conflict):
        send_receipt(order.id, TESTER)
    change_settings({"message_channels": "sms,email"}, TESTER)
    assert find_receipt_channel(order.customer_id) == "sms"
    for _ in range(3):
        send_receipt(order.id, TESTER)
    with pytest.raises(TooOften):
        send_receipt(order.id, TESTER)
    row = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "receipt")).first()
    message = ClaimedMessage(
        row.id, row.shop_id, row.kind, row.payload, None, 1, row.created_at, row.channel, row.phone
    )
    text = compose(message, "k" * 32).text
    assert f"your receipt for KES 960.00, {order.order_number}. Points: 960. " in text
    assert f"/order-status#{order.id}-" in text
    undo_sale(SALE, TESTER)
    assert compose(message, "k" * 32) is None


def test_a_receipt_without_points_says_0(order):
    change_settings({"message_channels": "sms,email", "loyalty_points_enabled": "false"}, TESTER)
    sale = record_sale(Sale(str(uuid4()), 5_000, "cash", customer_id=order.customer_id), TESTER)
    message = ClaimedMessage(1, 0, "receipt", {"order_id": sale.order.id}, None, 1, clock.now(), "sms", "+254712345678")
    assert "Points: 0. " in compose(message, "k" * 32).text
