"""SMS by Africa's Talking: sent through the outbox to a stand-in, and reported by its calls."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import in_shop
from shop.domain.codes import code_from_nonce
from shop.domain.customers.privacy import ConsentKind, ConsentSource
from shop.models import MessageChannel, MessageDelivery, OtpChallenge, OutboxMessage
from shop.services import clock
from shop.services.customers.records import create_customer, update_customer
from shop.services.loyalty.otp import OtpConfig, send_code
from shop.services.messaging.accounts import find_callback_token, save_account
from shop.services.messaging.balances import check_account, is_balance_low, refresh_balances
from shop.services.messaging.channels.message_files import list_messages
from shop.services.privacy.consents import ConsentStatement, has_consent, list_consents, record_consent
from shop.services.shops.settings import change_setting
from shop.worker.jobs.outbox import send_due_messages
from tests import factories
from tests.factories import TESTER
from tests.support.providers import API_KEY, AfricasTalking

pytestmark = pytest.mark.one_engine

PHONE = "+254712345678"


@pytest.fixture
def provider() -> Iterator[AfricasTalking]:
    made = AfricasTalking()
    yield made
    made.stop()


@pytest.fixture
def texting(make_private_app: Callable[..., Flask], provider: AfricasTalking) -> Iterator[Flask]:
    """An application whose shop sends SMS first, then e-mail, in a context of the shop."""
    app = make_private_app(AFRICASTALKING_URL=provider.url)
    with app.app_context():
        factories.make_shop(message_channels="sms,email")
        save_account("sms", {"username": "duka", "sender": "DUKA"}, {"api_key": API_KEY}, TESTER, keys(app))
        yield app


def keys(app: Flask) -> list[str]:
    found: list[str] = app.config["PAYMENT_KEYS"]
    return found


def ask(app: Flask, **whose: str) -> None:
    given = {"email": None, "phone": None} | whose
    send_code(**given, address=factories.unique(), config=OtpConfig(app.config["SECRET_KEY"]))


def newest_code(app: Flask) -> str:
    nonce = db.session.scalars(select(OtpChallenge.nonce).order_by(OtpChallenge.id.desc())).first()
    return code_from_nonce(app.config["SECRET_KEY"], nonce or "")


def delivery() -> MessageDelivery:
    db.session.expire_all()
    return db.session.scalars(select(MessageDelivery).order_by(MessageDelivery.id.desc())).first()  # type: ignore[return-value]


def message() -> OutboxMessage:
    db.session.expire_all()
    return db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()  # type: ignore[return-value]


def send_all(app: Flask, later: timedelta = timedelta()) -> None:
    with clock.moved_to(clock.now() + later):
        while send_due_messages(app.config):
            pass


def report(app: Flask, token: str | None, **fields: str) -> int:
    return app.test_client().post(f"/callbacks/messages/{token}/report", data=fields).status_code


def test_a_code_goes_by_sms_with_its_cost_and_report(texting: Flask, provider: AfricasTalking) -> None:
    factories.make_customer("jane@example.com", phone=PHONE)
    ask(texting, email="jane@example.com")
    send_all(texting)
    [sms] = provider.sent
    assert (sms.to, sms.sender) == (PHONE, "DUKA")
    assert newest_code(texting) in sms.text
    found = delivery()
    assert (found.state, found.cost_e4, found.currency, found.segments) == ("accepted", 8000, "KES", 1)
    token = find_callback_token("sms", keys(texting))
    for status, state in [("Buffered", "accepted"), ("Success", "delivered"), ("Failed", "delivered")]:
        assert report(texting, token, id=sms.name, status=status, phoneNumber=PHONE) == 200
        assert delivery().state == state  # only a final status counts, and the first of them stays
    assert list(Path(texting.config["MAIL_FOLDER"]).glob("*.eml")) == []


def test_a_report_before_the_answer_counts_and_a_forged_one_does_not(texting: Flask, provider: AfricasTalking) -> None:
    factories.make_customer(phone=PHONE)
    token = find_callback_token("sms", keys(texting))
    provider.on_request = lambda fields: assert_received(texting, token, fields["id"])
    ask(texting, phone=PHONE)
    send_all(texting)
    assert (delivery().state, message().state) == ("delivered", "sent")
    assert report(texting, "x" * 43, id=provider.sent[0].name, status="Failed") == 404
    assert report(texting, token, id="ATXid_unknown", status="Failed") == 200
    assert report(texting, token, status="Success") == 200
    assert delivery().state == "delivered"


def assert_received(app: Flask, token: str | None, name: str) -> None:
    assert report(app, token, id=name, status="Success") == 200


@pytest.mark.parametrize("code", [401, 402, 403, 404, 406])
def test_a_refused_sms_goes_by_mail(texting: Flask, provider: AfricasTalking, code: int) -> None:
    factories.make_customer("jane@example.com", phone=PHONE)
    provider.next_codes.append(code)
    ask(texting, email="jane@example.com")
    send_all(texting)
    sent = message()
    assert (provider.sent, sent.channel, sent.state, sent.fallbacks) == ([], "email", "sent", [])
    assert (delivery().channel, delivery().state) == ("sms", "refused")
    assert f"({code})" in delivery().reason
    assert len(list(Path(texting.config["MAIL_FOLDER"]).glob("*-otp_code.eml"))) == 1


def test_a_refused_sms_without_another_channel_is_given_up_with_the_reason(
    texting: Flask, provider: AfricasTalking
) -> None:
    create_customer(phone=PHONE, actor=TESTER)
    provider.next_codes.append(403)
    ask(texting, phone=PHONE)
    send_all(texting)
    assert (message().state, message().last_error) == (
        "dropped",
        "Africa's Talking does not accept the number (403).",
    )


@pytest.mark.parametrize("code", [405, 407, 500, 501, 502])
def test_what_passes_is_sent_again(texting: Flask, provider: AfricasTalking, code: int) -> None:
    factories.make_customer(phone=PHONE)
    provider.next_codes.append(code)
    ask(texting, phone=PHONE)
    send_all(texting)
    assert (message().state, delivery().state, provider.sent) == ("waiting", "waiting", [])
    send_all(texting, timedelta(minutes=1))
    assert (message().state, delivery().state, len(provider.sent)) == ("sent", "accepted", 1)
    assert not delivery().may_repeat


@pytest.mark.parametrize(("error", "may_repeat"), [(503, False), (0, True)])
def test_an_outage_differs_from_a_missing_answer(
    texting: Flask, provider: AfricasTalking, error: int, may_repeat: bool
) -> None:
    factories.make_customer(phone=PHONE)
    provider.next_errors.append(error)
    ask(texting, phone=PHONE)
    send_all(texting)
    send_all(texting, timedelta(minutes=1))
    assert (message().state, delivery().may_repeat) == ("sent", may_repeat)
    assert len(provider.sent) == 1 + may_repeat


def test_a_code_that_waits_too_long_and_an_sms_that_failed_go_by_mail(texting: Flask, provider: AfricasTalking) -> None:
    factories.make_customer("jane@example.com", phone=PHONE)
    provider.next_errors.extend([503] * 3)
    ask(texting, email="jane@example.com")
    for minute in range(4):
        send_all(texting, timedelta(minutes=minute))
    assert (message().channel, message().state, provider.sent) == ("email", "sent", [])
    other = factories.make_customer("june@example.com", phone="+254712345679")
    ask(texting, phone=other.phone or "")
    send_all(texting)
    token = find_callback_token("sms", keys(texting))
    report(texting, token, id=provider.sent[0].name, status="Failed", failureReason="AbsentSubscriber")
    assert (delivery().state, delivery().reason) == ("failed", "AbsentSubscriber")
    send_all(texting)
    assert (message().channel, message().state, message().recipient) == ("email", "sent", "june@example.com")


def test_a_code_to_join_goes_to_an_unknown_phone(texting: Flask, provider: AfricasTalking) -> None:
    config = OtpConfig(texting.config["SECRET_KEY"])
    send_code(email=None, phone=PHONE, address="192.0.2.1", config=config, joining=True)
    send_all(texting)
    [sms] = provider.sent
    assert sms.to == PHONE
    assert f"your code to join is {newest_code(texting)}" in sms.text


def test_an_unverified_phone_gets_nothing(texting: Flask, provider: AfricasTalking) -> None:
    customer = factories.make_customer("jane@example.com", phone=PHONE)
    customer.phone_verified_at = None
    db.session.commit()
    ask(texting, email="jane@example.com")
    send_all(texting)
    assert (provider.sent, message().channel, message().phone) == ([], "email", None)


def test_the_answer_and_the_limits_are_those_of_mail(texting: Flask, provider: AfricasTalking) -> None:
    factories.make_customer("jane@example.com", phone=PHONE)
    client = texting.test_client()
    url = "/api/v1/storefront/loyalty/redemption/send-otp"
    asked = [{"phone": PHONE}, {"phone": "+254722000000"}, {"email": "jane@example.com", "channel": "sms"}]
    asked += [{"phone": PHONE, "channel": "whatsapp"}]
    answers = [client.post(url, json=body, headers={"Host": host(texting)}) for body in asked]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert len({answer.data for answer in answers[:3]}) == 1
    send_all(texting)
    assert len(provider.sent) == 1  # the second request for the same person is over the limit, silently


def host(app: Flask) -> str:
    from shop.models import ShopHost

    found: str = db.session.scalars(select(ShopHost.host)).first() or ""
    return found


def test_the_balance_is_kept_and_a_low_one_noticed(texting: Flask, provider: AfricasTalking) -> None:
    assert refresh_balances(texting.config) == 1
    row = db.session.scalars(select(MessageChannel)).one()
    assert (row.balance_e4, row.balance_currency) == (4_124_000, "KES")
    assert refresh_balances(texting.config) == 0
    assert not is_balance_low()
    change_setting("sms_low_balance", "500", TESTER)
    assert is_balance_low()
    save_account("sms", {"username": "duka"}, {"api_key": "wrong"}, TESTER, keys(texting))
    said = check_account(row.shop_id, "sms", texting.config)
    assert said == "Africa's Talking does not accept the user name and API key."


def test_stop_withdraws_the_consent_once(texting: Flask) -> None:
    customer = factories.make_customer(phone=PHONE)
    given = ConsentStatement(ConsentKind.MARKETING_SMS, True, ConsentSource.IN_PERSON, "spoken 1")
    record_consent(customer.id, given, TESTER)
    token = find_callback_token("sms", keys(texting))
    client = texting.test_client()
    for text in ("Thanks!", "Stop.", "STOP"):
        fields = {"from": PHONE, "to": "22384", "text": text, "id": "x", "date": "2026-11-30 10:00:00", "linkId": "y"}
        assert client.post(f"/callbacks/messages/{token}/incoming", data=fields).status_code == 200
    with in_shop(customer.shop_id):
        said = list_consents(customer.id)
        assert [(one.given, one.source) for one in said] == [(False, "message"), (True, "in_person")]
        assert not has_consent(customer.id, ConsentKind.MARKETING_SMS)


def test_without_an_account_messages_become_files_in_development(private_app: Flask, tmp_path: Path) -> None:
    private_app.config["MESSAGES_FOLDER"] = str(tmp_path)
    with private_app.app_context():
        factories.make_shop("Duka “la” Mama", message_channels="sms", customer_language="sw")
        customer = factories.make_customer(phone=PHONE)
        update_customer(customer.id, TESTER, first_name="Wanjikũ")
        ask(private_app, phone=PHONE)
        send_all(private_app)
        [written] = list_messages(str(tmp_path))
        assert (written.channel, written.to, written.segments) == ("sms", PHONE, 1)
        assert newest_code(private_app) in written.text
        assert written.text.startswith('Duka "la" Mama: ')
        page = private_app.test_client().get("/dev/messages")
        assert written.text.split(":")[1].strip() in page.text


def test_there_is_no_page_of_messages_in_production(make_private_app: Callable[..., Flask]) -> None:
    app = make_private_app(TUZA_ENV="production")
    assert app.test_client().get("/dev/messages").status_code == 404
