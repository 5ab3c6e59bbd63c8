"""A message to many customers by SMS: the provider down for an hour, the worker interrupted many times."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.customers.bulk import BulkKind
from shop.models import BulkAction, MessageDelivery, OutboxMessage
from shop.services import clock
from shop.services.bulk.actions import start_bulk
from shop.services.bulk.steps import apply_to
from shop.services.messaging.accounts import save_account
from shop.services.messaging.channels.base import Receipt, RenderedMessage, Unreachable
from shop.services.messaging.channels.sms_africastalking.channel import SmsChannel
from shop.worker.jobs import outbox as outbox_job
from shop.worker.jobs.outbox import send_due_messages
from tests import factories
from tests.factories import TESTER
from tests.support.recipients import add_recipients, agreed_phones, withdraw

RECIPIENTS = 200
"""Ten times as many take ten times as long and show the same."""
OUTAGE = timedelta(hours=1)


class Killed(BaseException):
    """The worker's process ends here."""


@pytest.fixture
def app_with_shop(make_private_app: Callable[..., Flask]) -> Iterator[Flask]:
    app = make_private_app()
    with app.app_context():
        factories.make_shop(message_channels="sms")
        save_account("sms", {"username": "duka"}, {"api_key": "key"}, TESTER, app.config["PAYMENT_KEYS"])
        yield app


def enqueue(customers: list[int]) -> None:
    params = {"subject": "Offer", "body": "Fresh milk at KES 55 this week."}
    action_id = start_bulk(BulkKind.MESSAGE, params, {}, len(customers), TESTER)
    action = db.session.scalars(select(BulkAction).where(BulkAction.id == action_id)).one()
    with transaction():
        for customer_id in customers:
            apply_to(customer_id, action)


def test_each_gets_it_once_or_is_reported_and_none_without_consent(
    app_with_shop: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    received: Counter[str] = Counter()
    start, calls = clock.now(), Counter[str]()

    def deliver(_self: SmsChannel, message: RenderedMessage, *_: Any) -> Receipt:
        if clock.now() < start + OUTAGE:
            raise Unreachable("The provider cannot be reached (ConnectionRefusedError).")
        calls["sent"] += 1
        received[message.recipient] += 1
        if calls["sent"] % 9 == 0:
            raise Killed  # after the provider took the message, before that is recorded
        return Receipt(f"ATXid_{calls['sent']}", 8000, "KES")

    monkeypatch.setattr(SmsChannel, "deliver", deliver)
    monkeypatch.setattr(outbox_job, "count_mail", lambda *_: None)
    customers = add_recipients(range(RECIPIENTS))
    enqueue(customers)
    withdraw(customers)
    moment, kills = start + timedelta(seconds=1), 0
    for _ in range(200):
        with clock.moved_to(moment):
            try:
                while send_due_messages(app_with_shop.config):
                    pass
            except Killed:
                kills += 1
                db.session.rollback()
        moment += timedelta(minutes=5)
    assert kills > 15
    allowed = agreed_phones(range(RECIPIENTS))
    assert set(received) == allowed
    phones = select(OutboxMessage.phone, MessageDelivery.may_repeat)
    rows = db.session.execute(phones.join(MessageDelivery, MessageDelivery.outbox_id == OutboxMessage.id)).all()
    assert {phone for phone, may_repeat in rows if may_repeat} == {p for p, count in received.items() if count > 1}
    assert set(db.session.scalars(select(OutboxMessage.state))) == {"sent", "dropped"}
