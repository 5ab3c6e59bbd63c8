"""The mail about an adjustment of points."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import OutboxMessage
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.loyalty.adjustments import adjust_points
from shop.services.messaging.mails.mail_composer import compose
from shop.services.outbox import ClaimedMessage
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER


def mail_of(customer, points, note):
    _, entry = adjust_points(customer.id, points, note, TESTER, tell=True)
    row = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    message = ClaimedMessage(row.id, row.shop_id, row.kind, row.payload, row.recipient, 1, row.created_at)
    assert message.payload == {"entry_id": entry.id}
    return compose(message, "k" * 32)


@pytest.fixture
def jane(ctx):
    return factories.make_customer("jane@example.com", first_name="Jane", points=1480)


def test_what_was_added_why_and_what_there_is_now(jane):
    mail = mail_of(jane, 250, "Goodwill: Milk <was> sour")
    assert (mail.recipient, mail.subject) == ("jane@example.com", "250 points added at Duka la Majaribio")
    assert "Jane, 250 points were added to your account." in mail.text
    assert "Why: Goodwill: Milk <was> sour" in mail.text
    assert "You now have 1,730 points, worth KES 17.30." in mail.text
    assert "Milk &lt;was&gt; sour" in mail.html
    assert "<b>1,730 points</b>, worth KES 17.30" in mail.html


def test_what_was_taken_away(jane):
    mail = mail_of(jane, -1, "Typed twice")
    assert mail.subject == "1 point removed at Duka la Majaribio"
    assert "Jane, 1 point was removed from your account." in mail.text
    assert "You now have 1,479 points" in mail.text


def test_nothing_is_said_of_worth_while_points_are_off(jane):
    change_setting("loyalty_points_enabled", False, TESTER)
    mail = mail_of(jane, 1, "Welcome")
    assert "worth" not in mail.text + mail.html


def test_an_erased_customer_gets_no_mail(jane):
    _, entry = adjust_points(jane.id, 250, "Milk was sour", TESTER)
    delete_customer(jane.id, TESTER)
    left = ClaimedMessage(
        1, entry.shop_id, "points_adjusted", {"entry_id": entry.id}, "jane@example.com", 1, entry.created_at
    )
    assert compose(left, "k" * 32) is None
