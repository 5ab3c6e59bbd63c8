"""Mails that tell customers what staff changed on their account."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import OutboxMessage
from shop.services.actors import Actor
from shop.services.customers.records import update_customer
from shop.services.messaging.mails.mail_composer import compose
from shop.services.outbox import ClaimedMessage
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER

MARY = Actor("staff", 7, "Mary")
HELD = "To protect your points, they cannot be redeemed for 24 hours."


def last_mail():
    row = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    return compose(
        ClaimedMessage(row.id, row.shop_id, row.kind, row.payload, row.recipient, 1, row.created_at), "k" * 32
    )


@pytest.mark.parametrize(
    ("changed", "subject"),
    [
        ({"email": "new@example.com"}, "Your e-mail address at Duka la Majaribio was changed"),
        ({"phone": "0722000111"}, "Your phone number at Duka la Majaribio was changed"),
    ],
)
def test_a_change_notice_says_how_long_redemption_is_on_hold(ctx, changed, subject):
    jane = factories.make_customer("jane@example.com", phone="0712345678")
    update_customer(jane.id, MARY, **changed)
    mail = last_mail()
    assert (mail.recipient, mail.subject) == ("jane@example.com", subject)
    assert HELD in mail.text
    assert HELD in mail.html


def test_without_a_hold_nothing_is_said_of_one(ctx):
    change_setting("redemption_hold_hours", 0, TESTER)
    jane = factories.make_customer("jane@example.com", phone="0712345678")
    update_customer(jane.id, MARY, phone="0722000111")
    assert "cannot be redeemed" not in last_mail().text
