"""The owner's pages of messages."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import MessageChannel, MessageText, OutboxMessage
from shop.services import clock, outbox
from shop.services.messaging.accounts import find_account, find_callback_token
from shop.services.messaging.channels.base import Receipt
from shop.services.messaging.deliveries import begin_delivery, end_delivery, report_delivery
from shop.services.messaging.mails.mail_composer import compose
from shop.services.outbox import ClaimedMessage
from shop.services.shops.settings import change_settings, get_settings
from tests.factories import TESTER
from tests.support.providers import API_KEY, AfricasTalking

PAGE = "/staff/settings/messages"
ACCOUNT = {"username": "duka", "sender": "DUKA", "api_key": API_KEY}


@pytest.fixture
def provider(app, monkeypatch):
    made = AfricasTalking()
    monkeypatch.setitem(app.config, "AFRICASTALKING_URL", made.url)
    yield made
    made.stop()


def order(inside):
    return inside(lambda: get_settings().values["message_channels"])


def test_an_account_is_saved_tested_and_removed(staff, inside, shop, app, provider):
    keys = app.config["PAYMENT_KEYS"]
    refused = staff.send(f"{PAGE}/channels/sms", **ACCOUNT | {"api_key": "", "sender": "a b"})
    assert refused.status_code == 422
    assert "Is needed" in refused.text
    assert staff.send(f"{PAGE}/channels/sms", **ACCOUNT).status_code == 303
    assert order(inside) == "sms,email"
    token = inside(find_callback_token, "sms", keys)
    page = staff.get(PAGE).text
    assert f"/callbacks/messages/{token}/report" in page
    assert API_KEY not in page
    assert staff.send(f"{PAGE}/channels/sms", username="duka", sender="", api_key="").status_code == 303
    account = inside(find_account, shop.id, "sms", keys)
    assert (account["api_key"], account["sender"], account["callback_token"]) == (API_KEY, "", token)
    assert staff.send(f"{PAGE}/channels/sms/test").status_code == 303
    assert "KES 412.40" in staff.get(PAGE).text
    provider.balance = "KES 12.3000"
    staff.send(f"{PAGE}/channels/sms/test")
    assert "The SMS balance is low" in staff.get("/staff/").text
    assert staff.send(f"{PAGE}/channels/sms/remove", sure="1").status_code == 303
    assert order(inside) == "email"
    assert inside(lambda: db.session.scalars(select(MessageChannel)).all()) == []


def test_a_limit_that_stops_messages_is_on_the_overview(staff, inside):
    inside(change_settings, {"message_monthly_limit": "5"}, TESTER)
    assert "limit of message cost is reached" not in staff.get("/staff/").text
    inside(change_settings, {"sms_segment_price": "6"}, TESTER)
    page = staff.get("/staff/").text
    assert "limit of message cost is reached" in page
    assert "0.00 / 5.00" in page


def test_a_wrong_key_is_said(staff, provider):
    staff.send(f"{PAGE}/channels/sms", **ACCOUNT | {"api_key": "wrong"})
    refused = staff.send(f"{PAGE}/channels/sms/test")
    assert refused.status_code == 422
    assert "does not accept the user name and API key" in refused.text


def test_the_order_is_saved(staff, inside):
    assert staff.send(f"{PAGE}/order", order="whatsapp,sms,email").status_code == 303
    assert order(inside) == "whatsapp,sms,email"
    assert staff.send(f"{PAGE}/order", order="pigeon").status_code == 422


def test_a_text_is_previewed_saved_and_reset(staff, inside):
    url = f"{PAGE}/texts/otp_code"
    preview = staff.send(url, language="en", body="{shop} “code” {code} 😀", preview="1")
    assert "Duka la Mama Njeri &#34;code&#34; 482913 😀" in preview.text
    assert "70 characters instead of 160" in preview.text
    for body, said in [("Hello", "the placeholder {code}"), ("{code} {pin}", "does not have: pin")]:
        refused = staff.send(url, language="en", body=body)
        assert (refused.status_code, said in refused.text) == (422, True)
    assert staff.send(url, language="en", body="{shop}: {code}").status_code == 303
    own = inside(lambda: db.session.scalars(select(MessageText)).one())
    assert (own.kind, own.language, own.body) == ("otp_code", "en", "{shop}: {code}")
    assert "Duka la Mama Njeri: 482913" in staff.get(f"{PAGE}/texts").text
    staff.send(url, language="en", body="{shop}: {code}", reset="1")
    assert inside(lambda: db.session.scalars(select(MessageText)).all()) == []
    assert "msimbo wako ni 482913" in staff.get(f"{PAGE}/texts?language=sw").text
    assert staff.get(f"{PAGE}/texts/pigeon").status_code == 404


def test_figures_and_the_list_of_messages(staff, inside, shop):
    def send():
        for number, state in enumerate(["delivered", "delivered", "failed"], 1):
            message = ClaimedMessage(number, shop.id, "otp_code", {}, None, 1, clock.now(), "sms")
            begin_delivery(message, 1)
            end_delivery(message, Receipt(f"ATXid_{number}", 8050, "KES"))
            report_delivery("sms", f"ATXid_{number}", state, "")
        outbox.enqueue("order_placed", {}, recipient=None, phone="+254712345678", channel="sms")
        db.session.commit()

    inside(send)
    page = staff.get(PAGE).text
    assert "66.6 %" in page
    assert "KES 2.42" in page  # three times 0.805, rounded up
    listed = staff.get(f"{PAGE}/sent").text
    assert "Order and how to pay" in listed
    assert "254712345678" not in listed


def test_the_limit_and_automatic_messages_are_saved(staff, inside):
    form = {"message_monthly_limit": "1,500", "sms_segment_price": "0.90", "message_points_earned": "1"}
    assert staff.send(f"{PAGE}/sending", **form | {"sms_segment_price": "x"}).status_code == 422
    assert staff.send(f"{PAGE}/sending", **form).status_code == 303
    values = inside(lambda: get_settings().values)
    assert [values[name] for name in (*form, "message_payment_received")] == ["1500", "0.90", "true", "false"]
    assert "Spent this month: 0.00 of 1,500.00." in staff.get(PAGE).text


def test_an_owner_gets_a_test_sms(staff, app, inside):
    assert staff.send(f"{PAGE}/trial", phone="07").status_code == 422
    assert staff.send(f"{PAGE}/trial", phone="0712 345678").status_code == 303
    row = inside(lambda: db.session.scalars(select(OutboxMessage)).one())
    message = ClaimedMessage(row.id, row.shop_id, row.kind, {}, None, 1, row.created_at, row.channel, row.phone)
    sent = inside(compose, message, "k" * 32)
    assert (sent.recipient, "this is a test SMS" in sent.text) == ("+254712345678", True)
    statuses = [staff.send(f"{PAGE}/trial", phone="0712345678").status_code for _ in range(5)]
    assert statuses == [303, 303, 303, 303, 422]
