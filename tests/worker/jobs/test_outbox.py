"""The outbox and the worker: sent at least once, nothing lost, nothing for a rolled-back change."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.db.transaction import transaction
from shop.domain.codes import code_from_nonce
from shop.models import OtpChallenge, OutboxMessage
from shop.services import clock, outbox
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.errors import InvalidInput
from shop.services.loyalty.otp import OtpConfig, send_code
from shop.services.messaging.channels.base import Channel, RenderedMessage, Transport
from shop.services.messaging.channels.registry import list_channels
from shop.services.messaging.mails import mail_composer
from shop.worker.jobs import outbox as outbox_job
from shop.worker.jobs.outbox import send_due_messages
from tests import factories
from tests.support.smtp import MailServer

CHANNELS = ("email",)
LEASE = outbox.LEASE + timedelta(seconds=1)


@pytest.fixture
def server() -> Iterator[MailServer]:
    made = MailServer()
    yield made
    made.stop()


@pytest.fixture
def mailing(make_private_app: Callable[..., Flask], server: MailServer) -> Iterator[Flask]:
    """An application that sends to the server, inside a context of a new shop."""
    app = make_private_app(**server.config)
    with app.app_context():
        factories.make_shop()
        yield app


@pytest.fixture
def filing(private_app: Flask) -> Iterator[Flask]:
    """An application that writes mails to files, inside a context of a new shop."""
    with private_app.app_context():
        factories.make_shop()
        yield private_app


def files_of(app: Flask) -> list[Path]:
    return sorted(Path(app.config["MAIL_FOLDER"]).glob("*.eml"))


def messages() -> list[OutboxMessage]:
    with all_tenants(), transaction():
        return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def place_orders(count: int) -> None:
    product = factories.make_product()
    for _ in range(count):
        factories.place(factories.make_customer(), [(product, 1)])


def ask_for_code(app: Flask, email: str) -> None:
    send_code(email=email, phone=None, address="192.0.2.1", config=OtpConfig(app.config["SECRET_KEY"]))


def test_what_waits_is_sent_and_marked(mailing: Flask, server: MailServer) -> None:
    server.start()
    place_orders(3)
    assert send_due_messages(mailing.config) == 3
    assert [message.state for message in messages()] == ["sent"] * 3
    assert len(server.mails) == 3
    assert send_due_messages(mailing.config) == 0


def test_mail_outlives_a_server_that_is_down_for_a_while(mailing: Flask, server: MailServer) -> None:
    place_orders(25)
    moment = clock.now() + timedelta(seconds=1)
    for _ in range(4):
        with clock.moved_to(moment):
            while send_due_messages(mailing.config):
                pass
        moment += timedelta(minutes=20)
    assert {message.state for message in messages()} == {"waiting"}
    assert {message.attempts for message in messages()} == {4}
    assert {message.last_error for message in messages()} == {
        "The mail server cannot be reached (ConnectionRefusedError)."
    }
    server.start()
    with clock.moved_to(moment):
        assert send_due_messages(mailing.config) + send_due_messages(mailing.config) == 25
    assert len(server.mails) == 25
    assert {(message.state, message.last_error) for message in messages()} == {("sent", None)}


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 5), (2, 15), (3, 60), (4, 300), (5, 900), (6, 900), (49, 900), (50, 3600), (5000, 3600)],
)
def test_tries_grow_rarer_and_never_end(attempts: int, seconds: int) -> None:
    assert outbox.retry_delay(attempts) == timedelta(seconds=seconds)


def test_a_message_is_not_tried_before_its_time(mailing: Flask, server: MailServer) -> None:
    place_orders(1)
    start = clock.now() + timedelta(seconds=1)
    with clock.moved_to(start):
        assert send_due_messages(mailing.config) == 1
    with clock.moved_to(start + timedelta(seconds=4)):
        assert send_due_messages(mailing.config) == 0
    with clock.moved_to(start + timedelta(seconds=5)):
        assert send_due_messages(mailing.config) == 1


def test_workers_at_once_send_each_message_once(filing: Flask) -> None:
    place_orders(60)
    barrier = threading.Barrier(4)
    handled: list[int] = []

    def work() -> None:
        barrier.wait()
        done = 1
        while done:
            with filing.app_context():
                done = send_due_messages(filing.config)
                handled.append(done)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(handled) == 60
    assert len(files_of(filing)) == 60
    assert {(message.state, message.attempts) for message in messages()} == {("sent", 1)}


def test_a_claim_takes_the_requested_number_of_free_rows(filing: Flask) -> None:
    place_orders(5)
    first, second, third = outbox.claim(2, CHANNELS), outbox.claim(2, CHANNELS), outbox.claim(2, CHANNELS)
    assert [len(first), len(second), len(third)] == [2, 2, 1]
    assert len({message.id for message in (*first, *second, *third)}) == 5
    assert outbox.claim(2, CHANNELS) == []
    with clock.moved_to(clock.now() + LEASE):
        assert len(outbox.claim(10, CHANNELS)) == 5


class Killed(BaseException):
    """The process ends here."""


def test_killed_between_sending_and_marking_it_is_sent_again(
    mailing: Flask, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise Killed

    server.start()
    place_orders(1)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "mark_done", die)
        with pytest.raises(Killed):
            send_due_messages(mailing.config)
    assert send_due_messages(mailing.config) == 0
    with clock.moved_to(clock.now() + LEASE):
        assert send_due_messages(mailing.config) == 1
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_a_late_failure_does_not_undo_what_another_worker_sent(filing: Flask) -> None:
    place_orders(1)
    [slow] = outbox.claim(1, CHANNELS)
    with clock.moved_to(clock.now() + LEASE):
        assert send_due_messages(filing.config) == 1
        outbox.retry_later(slow, "too late")
    [message] = messages()
    assert (message.state, message.last_error) == ("sent", None)


def test_a_slow_server_does_not_outlive_the_lease(filing: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    place_orders(3)
    began = clock.now() + timedelta(seconds=1)
    moments = iter([began, began, began + outbox.LEASE])
    with monkeypatch.context() as patch:
        patch.setattr(outbox_job.clock, "now", lambda: next(moments, began + outbox.LEASE))
        assert send_due_messages(filing.config) < 3
    waiting = [message for message in messages() if message.state == "waiting"]
    assert waiting
    assert {message.attempts for message in waiting} == {0}


def test_nothing_is_sent_for_an_order_that_was_rolled_back(filing: Flask) -> None:
    product = factories.make_product(stock=1)
    customer = factories.make_customer()

    def place_and_break() -> None:
        with transaction():
            factories.place(customer, [(product, 1)])
            raise ConnectionError

    with pytest.raises(ConnectionError):
        place_and_break()
    with pytest.raises(InvalidInput):
        factories.place(customer, [(product, 1)], points=5)
    assert send_due_messages(filing.config) == 0
    assert messages() == []
    assert files_of(filing) == []


def test_one_bad_message_does_not_hold_the_others_up(filing: Flask) -> None:
    with transaction():
        outbox.enqueue("of_a_later_version", {}, recipient="jane@example.com")
    place_orders(2)
    assert send_due_messages(filing.config) == 3
    assert len(files_of(filing)) == 2
    bad = messages()[0]
    assert bad.state == "waiting"
    assert "LookupError" in (bad.last_error or "")


def test_deleting_a_customer_takes_their_waiting_mail_along(filing: Flask) -> None:
    product = factories.make_product()
    gone, stays = factories.make_customer(), factories.make_customer()
    for customer in (gone, stays):
        factories.place(customer, [(product, 1)])
        ask_for_code(filing, customer.email)
    delete_customer(gone.id, factories.TESTER)
    assert {message.recipient for message in messages()} == {stays.email}


def test_mail_of_a_customer_deleted_while_it_was_claimed_is_dropped(
    filing: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = factories.make_customer()
    factories.place(customer, [(factories.make_product(), 1)])
    claimed = outbox.claim(10, CHANNELS)
    delete_customer(customer.id, factories.TESTER)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "claim", lambda *_: claimed)
        send_due_messages(filing.config)
    assert files_of(filing) == []


def test_neither_codes_nor_people_show_in_logs_or_errors(
    mailing: Flask, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.refuses = "554 refused: {body}"
    server.start()
    customer = factories.make_customer("secretive@example.com")
    ask_for_code(mailing, customer.email)
    with transaction():
        nonce = db.session.scalars(select(OtpChallenge.nonce)).one()
    code = code_from_nonce(mailing.config["SECRET_KEY"], nonce)
    assert send_due_messages(mailing.config) == 1
    [message] = messages()
    assert message.last_error == "The mail server refused the mail (SMTP 554)."
    said = "".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records if "tuza" in record.name)
    assert "was not sent" in said
    for secret in (code, f"{code[:3]} {code[3:]}", nonce, customer.email):
        assert secret not in said


def test_without_a_server_mail_waits_in_production(make_private_app: Callable[..., Flask]) -> None:
    app = make_private_app(TUZA_ENV="production")
    with app.app_context():
        factories.make_shop()
        place_orders(1)
        assert send_due_messages(app.config) == 0
        assert [(message.state, message.attempts) for message in messages()] == [("waiting", 0)]


@pytest.mark.parametrize("recipient", ["jåne@example.com", "jane@dü kka.example", "jane", "a" * 300 + "@example.com"])
def test_an_address_that_cannot_be_mailed_does_not_hold_the_others_up(
    mailing: Flask, server: MailServer, recipient: str
) -> None:
    server.start()
    with transaction():
        outbox.enqueue("mail_trial", {}, recipient=recipient[:254])
    place_orders(2)
    assert send_due_messages(mailing.config) == 3
    assert [str(mail["Subject"]).startswith("Your order") for mail in server.mails if mail["To"] != recipient][-2:] == [
        True,
        True,
    ]
    assert [message.state for message in messages()][1:] == ["sent", "sent"]


class Recorder(Channel):
    """A channel that records its messages."""

    code = "recorder"
    templates = list_channels()["email"].templates

    def __init__(self) -> None:
        self.sent: list[RenderedMessage] = []

    def open(self, config: Mapping[str, Any]) -> AbstractContextManager[Transport]:
        return nullcontext(self)

    def send(self, message: RenderedMessage) -> None:
        self.sent.append(message)


def test_a_channel_without_its_setting_does_not_hold_other_channels_up(
    make_private_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_private_app(TUZA_ENV="production")
    recorder = Recorder()
    channels = {**list_channels(), "recorder": recorder}
    monkeypatch.setattr(outbox_job, "list_channels", lambda: channels)
    monkeypatch.setattr(mail_composer, "list_channels", lambda: channels)
    with app.app_context():
        factories.make_shop()
        place_orders(1)
        with transaction():
            outbox.enqueue("mail_trial", {}, recipient="+254712345678", channel="recorder")
        assert send_due_messages(app.config) == 1
        assert [(message.state, message.attempts) for message in messages()] == [("waiting", 0), ("sent", 1)]
    [message] = recorder.sent
    assert (message.recipient, message.html) == ("+254712345678", "")
    assert "Test e-mail" in message.subject


def test_a_channel_of_a_later_version_waits(filing: Flask) -> None:
    with transaction():
        outbox.enqueue("mail_trial", {}, recipient="jane", channel="pigeon")
    place_orders(1)
    assert send_due_messages(filing.config) == 1
    assert [(message.state, message.attempts) for message in messages()] == [("waiting", 0), ("sent", 1)]
