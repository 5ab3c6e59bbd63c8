"""One-time codes by WhatsApp: the template's shape, errors, and signed reports."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from shop.db.session import db
from shop.models import MessageDelivery, OutboxMessage
from shop.services.loyalty.otp import OtpConfig, send_code
from shop.services.messaging.accounts import find_callback_token, save_account
from shop.services.messaging.balances import check_account
from shop.worker.jobs.outbox import send_due_messages
from tests import factories
from tests.factories import TESTER
from tests.support.codes import newest_code
from tests.support.providers import APP_SECRET, TOKEN, WhatsApp

PHONE = "+254712345678"
FACTS = {"phone_number_id": "105954558954427", "template": "duka_code", "language": "en_US"}


@pytest.fixture
def provider() -> Iterator[WhatsApp]:
    made = WhatsApp()
    yield made
    made.stop()


@pytest.fixture
def writing(make_private_app: Callable[..., Flask], provider: WhatsApp) -> Iterator[Flask]:
    app = make_private_app(WHATSAPP_URL=provider.url)
    with app.app_context():
        factories.make_shop(message_channels="whatsapp,email")
        secrets = {"access_token": TOKEN, "app_secret": APP_SECRET}
        save_account("whatsapp", FACTS, secrets, TESTER, app.config["PAYMENT_KEYS"])
        yield app


def ask(app: Flask, email: str) -> None:
    send_code(email=email, phone=None, address="192.0.2.1", config=OtpConfig(app.config["SECRET_KEY"]))
    send_due_messages(app.config)
    send_due_messages(app.config)


def state() -> tuple[str, str, str]:
    db.session.expire_all()
    message = db.session.scalars(select(OutboxMessage)).one()
    return message.channel, message.state, db.session.scalars(select(MessageDelivery.state)).one()


def test_the_code_is_in_the_body_and_in_the_button(writing: Flask, provider: WhatsApp) -> None:
    factories.make_customer("jane@example.com", phone=PHONE)
    ask(writing, "jane@example.com")
    [sent] = provider.sent
    parameters = [{"type": "text", "text": newest_code(writing)}]
    assert sent == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "254712345678",
        "type": "template",
        "template": {
            "name": "duka_code",
            "language": {"code": "en_US"},
            "components": [
                {"type": "body", "parameters": parameters},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": parameters},
            ],
        },
    }
    token = find_callback_token("whatsapp", writing.config["PAYMENT_KEYS"])
    url = f"/callbacks/messages/{token}/whatsapp"
    status = {"id": "wamid.1", "status": "delivered", "recipient_id": "254712345678"}
    body = json.dumps({"entry": [{"changes": [{"value": {"statuses": [status]}}]}]}).encode()
    client = writing.test_client()
    assert client.post(url, data=body, headers={"X-Hub-Signature-256": "sha256=forged"}).status_code == 404
    assert state() == ("whatsapp", "sent", "accepted")
    signature = f"sha256={hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()}"
    assert client.post(url, data=body, headers={"X-Hub-Signature-256": signature}).status_code == 200
    assert state() == ("whatsapp", "sent", "delivered")
    question = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": token}
    assert client.get(url, query_string=question).text == "1158201444"
    assert client.get(url, query_string=question | {"hub.verify_token": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("code", "expected"), [(131026, ("email", "sent", "refused")), (132001, ("email", "sent", "refused"))]
)
def test_a_refused_code_goes_by_mail(
    writing: Flask, provider: WhatsApp, code: int, expected: tuple[str, str, str]
) -> None:
    factories.make_customer("jane@example.com", phone=PHONE)
    provider.next_errors.append(code)
    ask(writing, "jane@example.com")
    assert state() == expected


def test_a_wrong_token_and_an_outage_wait(writing: Flask, provider: WhatsApp) -> None:
    factories.make_customer("jane@example.com", phone=PHONE)
    provider.next_errors.append(130429)
    ask(writing, "jane@example.com")
    assert state() == ("whatsapp", "waiting", "waiting")
    save_account("whatsapp", FACTS, {"access_token": "wrong"}, TESTER, writing.config["PAYMENT_KEYS"])
    shop_id = db.session.scalars(select(OutboxMessage.shop_id)).one()
    assert "does not accept the access token" in (check_account(shop_id, "whatsapp", writing.config) or "")
