"""``/dev/mail``: mails in development only, shown safely."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.services import clock
from shop.services.messaging.channels.base import RenderedMessage
from shop.services.messaging.channels.registry import list_channels

BEGAN = datetime(2026, 1, 15, 10, 0, 0, 123456, tzinfo=UTC)
NAME = "20260115T100000.123456Z-7-otp_code.eml"
HTML = "<p>Hello</p><script>alert(1)</script>"


def write(app: Flask, subject: str, moment: datetime = BEGAN, outbox_id: int = 7) -> None:
    mail = RenderedMessage(
        outbox_id=outbox_id,
        created_at=moment,
        kind="otp_code",
        recipient="jane@example.com",
        sender_name="Duka <b>la</b> Mama",
        reply_to=None,
        subject=subject,
        text="Hello in text",
        html=HTML,
    )
    with app.app_context(), clock.moved_to(moment), list_channels()["email"].open(app.config) as transport:
        transport.send(mail)


@pytest.fixture(scope="session")
def engine_name() -> str:
    """Mails are files: no database is read, so one engine is enough here."""
    return "sqlite"


@pytest.fixture
def development(make_private_app: Callable[..., Flask]) -> Flask:
    return make_private_app()


@pytest.fixture
def reader(development: Flask) -> FlaskClient:
    return development.test_client()


def test_before_the_first_mail_the_page_says_so(reader: FlaskClient) -> None:
    answer = reader.get("/dev/mail")
    assert answer.status_code == 200
    assert "There is no mail yet." in answer.text


def test_mails_are_listed_newest_first(development: Flask, reader: FlaskClient) -> None:
    for number in range(3):
        write(development, f"Mail <{number}>", BEGAN + timedelta(seconds=number), number)
    page = reader.get("/dev/mail").text
    assert page.index("Mail &lt;2&gt;") < page.index("Mail &lt;1&gt;") < page.index("Mail &lt;0&gt;")
    assert "jane@example.com" in page
    assert "15 Jan 2026 10:00:02 UTC" in page


def test_half_written_and_foreign_files_are_not_listed(development: Flask, reader: FlaskClient) -> None:
    write(development, "Real")
    folder = Path(development.config["MAIL_FOLDER"])
    for name in (".writing-x", "notes.eml", f".{NAME}"):
        (folder / name).write_text("Subject: Foreign\n\n")
    page = reader.get("/dev/mail").text
    assert "Real" in page
    assert "Foreign" not in page


def test_a_mail_is_one_whole_file_for_this_user_alone(development: Flask) -> None:
    write(development, "Hello")
    [file] = Path(development.config["MAIL_FOLDER"]).iterdir()
    assert file.name == NAME
    assert file.stat().st_mode & 0o077 == 0
    assert message_from_bytes(file.read_bytes())["Subject"] == "Hello"


def test_a_mail_has_a_page_with_its_text_and_its_html_in_a_sandbox(development: Flask, reader: FlaskClient) -> None:
    write(development, "Hello")
    answer = reader.get(f"/dev/mail/{NAME}")
    assert answer.status_code == 200
    assert "Hello in text" in answer.text
    assert "<iframe sandbox" in answer.text
    assert f'src="/dev/mail/{NAME}/html"' in answer.text
    assert "alert(1)" not in answer.text
    assert "<b>la</b>" not in answer.text


def test_the_html_part_can_do_nothing_but_be_looked_at(development: Flask, reader: FlaskClient) -> None:
    write(development, "Hello")
    answer = reader.get(f"/dev/mail/{NAME}/html")
    assert answer.text.strip() == HTML
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_file_itself_can_be_saved(development: Flask, reader: FlaskClient) -> None:
    write(development, "Hello")
    answer = reader.get(f"/dev/mail/{NAME}/raw")
    assert answer.mimetype == "message/rfc822"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{NAME}"'
    assert answer.data == (Path(development.config["MAIL_FOLDER"]) / NAME).read_bytes()


BAD_NAMES = [
    "20260115T100000.123456Z-8-otp_code.eml",
    "secret_key",
    "..",
    "../secret_key",
    "..%2fsecret_key",
    "%2e%2e%2fsecret_key",
    "..%5csecret_key",
    "%2fetc%2fpasswd",
    f"{NAME}%00",
    f"{NAME}%0a",
    "20260115T100000.123456Z-7-..%2f..%2fotp_code.eml",
    "99999999T999999.999999Z-7-otp_code.eml",
]


@pytest.mark.parametrize("name", BAD_NAMES)
@pytest.mark.parametrize("part", ["", "/html", "/raw"])
def test_no_name_leads_out_of_the_folder(development: Flask, reader: FlaskClient, name: str, part: str) -> None:
    write(development, "Hello")
    (Path(development.config["SHOP_INSTANCE"]) / "secret_key").write_text("not to be read")
    answer = reader.get(f"/dev/mail/{name}{part}")
    assert answer.status_code == 404
    assert "not to be read" not in answer.text


@pytest.mark.parametrize("config", [{"TUZA_ENV": "production"}, {"MAIL_SERVER": "mail.example.com"}])
@pytest.mark.parametrize("path", ["/dev/mail", f"/dev/mail/{NAME}", f"/dev/mail/{NAME}/html", f"/dev/mail/{NAME}/raw"])
def test_there_is_nothing_in_production_or_with_a_server(
    make_private_app: Callable[..., Flask], development: Flask, config: dict[str, str], path: str
) -> None:
    write(development, "Hello")
    app = make_private_app(MAIL_FOLDER=development.config["MAIL_FOLDER"], **config)
    assert app.test_client().get(path).status_code == 404
