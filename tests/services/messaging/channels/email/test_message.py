"""The headers and the body of a mail."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from flask import Flask

from shop.services.messaging.channels.base import RenderedMessage
from shop.services.messaging.channels.email.message import build_message
from tests.support.smtp import text_of


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def mail_of(
    name: str, subject: str = "Hello", recipient: str = "jane@example.com", text: str = "Hello"
) -> EmailMessage:
    mail = RenderedMessage(
        outbox_id=7,
        created_at=datetime(2026, 1, 15, 10, tzinfo=UTC),
        kind="otp_code",
        recipient=recipient,
        sender_name=name,
        reply_to="mama@duka.example",
        subject=subject,
        text=text,
        html="<p>Hello</p>",
    )
    sent: EmailMessage = message_from_bytes(build_message(mail, "Tuza <shop@tuza.example>").as_bytes(), policy=default)
    return sent


NAMES = [
    "Duka\r\nBcc: everybody@example.com",
    "Duka\nBcc: everybody@example.com\n\nA body",
    "Duka\u2028Bcc: everybody@example.com\x0b\x85",
    'Duka" <thief@example.com>, "x',
    "Duka <thief@example.com>",
    "Müller, Söhne & Töchter; 食料品店 " * 4,
    "Supermarketandgroceries" * 8,
    "=?utf-8?q?Duka?=",
    "",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_cannot_break_out_of_its_header(name: str) -> None:
    mail = mail_of(name, subject=f"Your order at {name}")
    assert set(mail.keys()) == {
        "From",
        "To",
        "Reply-To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "MIME-Version",
        "Content-Type",
    }
    assert [address.addr_spec for address in mail["From"].addresses] == ["shop@tuza.example"]
    assert [address.addr_spec for address in mail["To"].addresses] == ["jane@example.com"]


def test_names_arrive_as_they_are_written() -> None:
    assert mail_of("Müller, Söhne & Co").get("From").addresses[0].display_name == "Müller, Söhne & Co"


def test_an_international_domain_is_written_as_dns_has_it() -> None:
    assert mail_of("Duka", recipient="jane@dükka.example")["To"] == "jane@xn--dkka-0ra.example"


@pytest.mark.parametrize("text", ["Hello", "Habari ya leo, “Müller” " * 200, "x" * 5000])
def test_lines_fit_the_limit_of_mail_servers_and_arrive_whole(text: str) -> None:
    mail = mail_of("Duka", text=text)
    assert max(map(len, mail.as_bytes().splitlines())) <= 998
    assert text_of(mail).strip() == text.strip()
