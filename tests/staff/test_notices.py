"""Mails to staff about their own account, and passwords that must be changed."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import OutboxMessage, StaffUser
from shop.services import clock
from shop.services.messaging.mails.mail_composer import compose
from shop.services.outbox import ClaimedMessage
from shop.services.passwords import hash_password
from shop.services.shops.settings import change_settings
from tests.factories import PASSWORD, TESTER


@pytest.fixture
def reported(inside, owner):
    """Return the notices mailed to the owner with their details, oldest first."""

    def find():
        rows = db.session.query(OutboxMessage).filter_by(kind="staff_notice", recipient=owner.email)
        return [row.payload for row in rows.order_by(OutboxMessage.id)]

    return lambda: inside(find)


def test_the_first_sign_in_and_a_known_browser_send_no_notice(staff, owner, reported):
    staff.send("/staff/sign-out")
    staff.sign_in(owner.email)
    assert reported() == []


def test_a_new_browser_sends_a_notice(staff, browse, owner, reported):
    browse().sign_in(owner.email, address="198.51.100.7")
    [notice] = reported()
    assert (notice["notice"], notice["address"]) == ("new_device", "198.51.100.7")
    assert abs(clock.real_now() - datetime.fromisoformat(notice["at"])) < timedelta(hours=1)


@pytest.mark.parametrize(("language", "when"), [("en", "4 Dec 2026, 00:30"), ("sw", "4 Des 2026, 00:30")])
def test_the_notice_of_a_new_device_says_when_in_the_zone_and_language_of_the_shop(ctx, language, when):
    change_settings({"shop_timezone": "Africa/Nairobi", "customer_language": language}, TESTER)
    details = {"notice": "new_device", "browser": "Firefox", "at": "2026-12-03T21:30:00+00:00"}
    message = ClaimedMessage(1, ctx.id, "staff_notice", details, "njeri@example.com", 1, clock.now())
    assert f"Firefox · {when}" in compose(message, "k" * 32).text


def test_a_changed_password_sends_a_notice(staff, reported):
    staff.send("/staff/account/password", old_password=PASSWORD, new_password="mandazi-na-chai-moto")
    assert reported() == [{"notice": "password_changed"}]


@pytest.mark.parametrize("notice", ["new_device", "password_changed", "second_factor_added", "second_factor_reset"])
def test_each_notice_has_words(ctx, notice):
    details = {"notice": notice, "browser": "Firefox", "system": "Linux", "address": "192.0.2.9"}
    message = ClaimedMessage(1, ctx.id, "staff_notice", details, "njeri@example.com", 1, clock.now())
    mail = compose(message, "k" * 32)
    assert "Firefox, Linux, 192.0.2.9" in mail.text
    assert "choose a new password at once" in mail.text
    assert mail.subject in mail.html


@pytest.mark.parametrize("old", ["duka12", "123456789012"])
def test_an_old_password_opens_the_shop_and_is_to_be_changed(browse, owner, inside, old):
    def weaken():
        with transaction() as session:
            changed = {"password_hash": hash_password(old)}
            session.execute(update(StaffUser).where(StaffUser.id == owner.user_id).values(**changed))

    inside(weaken)
    visitor = browse()
    assert visitor.sign_in(owner.email, old).location == "/staff/account"
    assert "Choose a new one of twelve characters or more" in visitor.get("/staff/account").text
    assert visitor.get("/staff/").status_code == 200
