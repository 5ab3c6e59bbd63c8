"""What mails say, how they are addressed, and which are not sent any more."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.db.transaction import transaction
from shop.domain.codes import code_from_nonce
from shop.domain.formats import format_amount
from shop.models import OtpChallenge, OutboxMessage
from shop.services import clock
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.images.logo import set_logo
from shop.services.loyalty.otp import OtpConfig, send_code
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.placement import Checkout, place_order
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.shops.settings import change_setting
from shop.worker.jobs.outbox import send_due_messages
from tests import factories
from tests.support.pictures import png
from tests.support.smtp import MailServer, text_of

pytestmark = pytest.mark.one_engine

SHOP = "Duka la Mama Njeri"


@pytest.fixture
def server() -> Iterator[MailServer]:
    made = MailServer()
    yield made
    made.stop()


@pytest.fixture
def mailing(make_private_app: Callable[..., Flask], server: MailServer) -> Iterator[Flask]:
    """An application that sends to the server, which is up, inside a context of Mama Njeri's shop."""
    server.start()
    app = make_private_app(**server.config)
    with app.app_context():
        factories.make_shop(SHOP, store_email="mama@duka.example", store_address="Kirichwa Road, Nairobi")
        yield app


def ask_for_code(app: Flask, email: str) -> None:
    send_code(email=email, phone=None, address="192.0.2.1", config=OtpConfig(app.config["SECRET_KEY"]))


def newest_code(app: Flask) -> str:
    with transaction():
        nonce = db.session.scalars(select(OtpChallenge.nonce).order_by(OtpChallenge.id.desc()).limit(1)).one()
    return code_from_nonce(app.config["SECRET_KEY"], nonce)


def states() -> list[str]:
    with all_tenants(), transaction():
        return list(db.session.scalars(select(OutboxMessage.state).order_by(OutboxMessage.id)))


def test_the_code_mail_names_shop_code_and_lifetime(mailing: Flask, server: MailServer) -> None:
    factories.make_customer("jane@example.com")
    ask_for_code(mailing, "jane@example.com")
    code = newest_code(mailing)
    groups = f"{code[:3]} {code[3:]}"
    assert send_due_messages(mailing.config) == 1
    [mail] = server.mails
    assert mail["Subject"] == f"{groups} is your code for {SHOP}"
    assert mail["To"] == "jane@example.com"
    assert groups in text_of(mail).splitlines()
    page = text_of(mail, "html")
    assert f">{code[:3]}<span" in page
    assert f">{code[3:]}</span>" in page
    for part in (text_of(mail), page):
        assert SHOP in part
        assert "10 minutes" in part
        assert "Don’t share it." in part
        assert "Kirichwa Road, Nairobi" in part
        assert "Reply to this e-mail" in part


def test_text_of_a_visitor_is_not_mailed_in_the_shops_name(mailing: Flask, server: MailServer) -> None:
    words = "Click http://evil.example now to win"
    lines = [CartLine(factories.make_product().id, 1)]
    address = [PostalAddress("shipping", name=words, street=words, city=words, country="KE")]
    place_order(Checkout("victim@example.com", lines, words, words, notes=words, addresses=address))
    send_due_messages(mailing.config)
    [mail] = server.mails
    for part in (mail["Subject"], mail["To"], text_of(mail), text_of(mail, "html")):
        assert "evil.example" not in str(part)


def test_a_mail_comes_from_the_shop_and_answers_go_to_it(mailing: Flask, server: MailServer) -> None:
    factories.make_customer("jane@example.com")
    ask_for_code(mailing, "jane@example.com")
    send_due_messages(mailing.config)
    [mail] = server.mails
    assert mail["From"].addresses[0].display_name == SHOP
    assert mail["From"].addresses[0].addr_spec == "shop@tuza.example"
    assert mail["Reply-To"] == "mama@duka.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@tuza.example>")
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert server.envelopes == [("shop@tuza.example", ["jane@example.com"])]


def test_a_shop_without_e_mail_and_address_leaves_these_lines_out(mailing: Flask, server: MailServer) -> None:
    factories.make_shop("Bila Anwani")
    factories.make_customer("jane@example.com")
    ask_for_code(mailing, "jane@example.com")
    send_due_messages(mailing.config)
    [mail] = server.mails
    assert mail["Reply-To"] is None
    assert "Reply to this" not in text_of(mail)
    assert "Kirichwa" not in text_of(mail, "html")


def test_each_shops_mail_speaks_for_that_shop(mailing: Flask, server: MailServer) -> None:
    product = factories.make_product()
    factories.place(factories.make_customer("jane@example.com"), [(product, 1)])
    factories.make_shop("Soko Mpya")
    product = factories.make_product()
    factories.place(factories.make_customer("jane@example.com"), [(product, 1)])
    send_due_messages(mailing.config)
    assert [mail["From"].addresses[0].display_name for mail in server.mails] == [SHOP, "Soko Mpya"]


def test_a_code_that_was_replaced_is_not_sent(mailing: Flask, server: MailServer) -> None:
    factories.make_customer("jane@example.com")
    ask_for_code(mailing, "jane@example.com")
    with clock.moved_to(clock.now() + timedelta(seconds=61)):
        ask_for_code(mailing, "jane@example.com")
        assert send_due_messages(mailing.config) == 2
    assert states() == ["dropped", "sent"]
    assert newest_code(mailing)[:3] in server.mails[0]["Subject"]


@pytest.mark.parametrize("change", [{"used_at": datetime(2026, 1, 1, tzinfo=UTC)}, {"tries": 5}])
def test_a_code_that_is_used_or_guessed_at_is_not_sent(
    mailing: Flask, server: MailServer, change: dict[str, Any]
) -> None:
    factories.make_customer("jane@example.com")
    ask_for_code(mailing, "jane@example.com")
    with transaction() as session:
        session.execute(update(OtpChallenge).values(**change))
    assert send_due_messages(mailing.config) == 1
    assert (states(), server.mails) == (["dropped"], [])


def test_a_code_that_expired_while_the_server_was_down_is_not_sent(mailing: Flask, server: MailServer) -> None:
    factories.make_customer("jane@example.com")
    ask_for_code(mailing, "jane@example.com")
    server.stop()
    send_due_messages(mailing.config)
    server.start()
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        send_due_messages(mailing.config)
    assert (states(), server.mails) == (["dropped"], [])


def test_a_code_that_is_sent_late_says_how_long_it_is_still_good(mailing: Flask, server: MailServer) -> None:
    factories.make_customer("jane@example.com")
    ask_for_code(mailing, "jane@example.com")
    with clock.moved_to(clock.now() + timedelta(minutes=9, seconds=30)):
        send_due_messages(mailing.config)
    assert "for 1 minute." in text_of(server.mails[0])


def test_the_code_of_an_unknown_person_is_not_sent(mailing: Flask, server: MailServer) -> None:
    ask_for_code(mailing, "nobody@example.com")
    assert send_due_messages(mailing.config) == 1
    assert (states(), server.mails) == (["dropped"], [])


def test_the_order_mail_shows_items_discounts_total_and_points(mailing: Flask, server: MailServer) -> None:
    customer = factories.make_customer("jane@example.com", points=5000, first_name="Jane")
    rice = factories.make_product("Rice & <b>beans</b>", 120000)
    milk = factories.make_product("Maziwa", 6550)
    factories.make_coupon("WELCOME10")
    placed = factories.place(customer, [(rice, 2), (milk, 1)], points=1480, coupon_code="WELCOME10")
    send_due_messages(mailing.config)
    [mail] = server.mails
    assert mail["Subject"] == f"Your order {placed.order.order_number} at {SHOP}"
    lines = text_of(mail).splitlines()
    for line in (
        "Rice & <b>beans</b>",
        "  2 × 1,200.00 = 2,400.00",
        "  1 × 65.50 = 65.50",
        "Subtotal: 2,465.50",
        "Coupon WELCOME10: −246.55",
        "1,480 points used: −14.80",
        "Total: KES 2,204.15",
        "This order earns 2,465 points once it is paid.",
    ):
        assert line in lines
    page = text_of(mail, "html")
    assert "Rice &amp; &lt;b&gt;beans&lt;/b&gt;" in page
    for part in ("−246.55", "−14.80", "2,204.15", "2,465 points", placed.order.order_number):
        assert part in page


def test_the_mail_of_an_order_that_was_paid_says_what_it_earned(mailing: Flask, server: MailServer) -> None:
    placed = factories.place(factories.make_customer(), [(factories.make_product("Maziwa", 6500), 2)])
    set_payment_status(placed.order.id, "paid", factories.TESTER)
    send_due_messages(mailing.config)
    assert "This order earned 130 points." in text_of(server.mails[0]).splitlines()


def test_an_order_without_discounts_or_loyalty_shows_neither(mailing: Flask, server: MailServer) -> None:
    change_setting("loyalty_points_enabled", False, factories.TESTER)
    factories.place(factories.make_customer(), [(factories.make_product(), 1)])
    send_due_messages(mailing.config)
    for part in (text_of(server.mails[0]), text_of(server.mails[0], "html")):
        for word in ("Subtotal", "Coupon", "points", "Discount"):
            assert word not in part


def test_an_order_cancelled_before_its_mail_went_out_is_not_confirmed(mailing: Flask, server: MailServer) -> None:
    placed = factories.place(factories.make_customer(), [(factories.make_product(), 1)])
    set_order_status(placed.order.id, "cancelled", factories.TESTER)
    send_due_messages(mailing.config)
    assert (states(), server.mails) == (["dropped"], [])


def test_the_server_gets_user_name_and_password(make_private_app: Callable[..., Flask], server: MailServer) -> None:
    server.login = ("tuza", "s3cret-password")
    server.start()
    for password, state in (("wrong-password", "waiting"), ("s3cret-password", "sent")):
        app = make_private_app(**server.config, MAIL_USERNAME="tuza", MAIL_PASSWORD=password)
        with app.app_context():
            factories.make_shop()
            factories.place(factories.make_customer(), [(factories.make_product(), 1)])
            send_due_messages(app.config)
            with all_tenants(), transaction():
                [message] = db.session.scalars(select(OutboxMessage))
            assert message.state == state
            assert password not in (message.last_error or "")
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "0.00"), (5, "0.05"), (240000, "2,400.00"), (-1480, "−14.80"), (9_999_999_999_999, "99,999,999,999.99")],
)
def test_amounts_read_as_people_write_them(cents: int, text: str) -> None:
    assert format_amount(cents, "KES") == text


def test_a_mail_shows_the_logo_by_a_full_address(mailing: Flask, server: MailServer) -> None:
    logo = set_logo(png(200, 50), factories.TESTER)
    factories.make_customer("jane@example.com")
    ask_for_code(mailing, "jane@example.com")
    assert send_due_messages(mailing.config) == 1
    [mail] = server.mails
    assert f'src="{mailing.config["PUBLIC_URL"]}{logo.path("png")}"' in text_of(mail, "html")
