"""The message that a registration was received, which a shop turns on."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import OutboxMessage
from shop.services.errors import TooOften
from shop.services.loyalty.registrations import RegistrationRequest, decide_registration, register_customer
from shop.services.messaging.mails.mail_composer import compose
from shop.services.outbox import ClaimedMessage
from shop.services.shops.settings import change_settings
from tests import factories
from tests.factories import TESTER

KIND = "registration_received"
REQUEST = RegistrationRequest("Jane Doe", "0712000001")


@pytest.fixture
def jane(ctx):
    change_settings({"message_registration_received": "true"}, TESTER)
    return factories.make_customer("jane@example.com", first_name="Jane", phone="0712000001")


def messages():
    found = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == KIND).order_by(OutboxMessage.id))
    return [
        ClaimedMessage(
            row.id, row.shop_id, row.kind, row.payload, row.recipient, 1, row.created_at, row.channel, row.phone
        )
        for row in found
    ]


def test_the_mail_until_the_registration_is_decided(jane):
    registration = register_customer(jane.id, REQUEST)
    (message,) = messages()
    mail = compose(message, "k" * 32)
    assert (mail.recipient, mail.subject) == ("jane@example.com", "Your loyalty registration at Duka la Majaribio")
    assert "Jane, we have received your registration" in mail.text
    assert "write to you about the decision" in mail.html
    decide_registration(registration.id, "approved", TESTER)
    assert compose(message, "k" * 32) is None


def test_the_sms_in_swahili(jane):
    change_settings({"message_channels": "sms,email", "customer_language": "sw"}, TESTER)
    register_customer(jane.id, REQUEST)
    sms = compose(messages()[0], "k" * 32)
    assert (sms.recipient, "tumepokea ombi lako la kujiunga" in sms.text) == ("+254712000001", True)


def test_it_is_off_by_default_and_limited_for_each_customer(jane):
    for _ in range(5):
        register_customer(jane.id, REQUEST)
    with pytest.raises(TooOften):
        register_customer(jane.id, REQUEST)
    assert len(messages()) == 5
    change_settings({"message_registration_received": "false"}, TESTER)
    register_customer(factories.make_customer("joe@example.com").id, REQUEST)
    assert len(messages()) == 5
