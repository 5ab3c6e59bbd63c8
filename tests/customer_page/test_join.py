"""Joining the programme on the shop's page."""

import re

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import Consent, Customer, LoyaltyRegistration, OutboxMessage
from shop.services.shops.settings import change_settings
from tests import factories
from tests.support.codes import newest_code, read_mails

AGREED = {"consent": ["loyalty_programme"]}


@pytest.fixture
def address(shop):
    """The URL of the form."""
    return f"/me/{shop.slug}/join"


@pytest.fixture
def join(app, client, address, inside):
    """Return a function that sends the form and then the code."""

    def go(**typed):
        sent = client.post(address, data=typed)
        assert sent.status_code == 200
        code = inside(newest_code, app)
        return client.post(f"{address}/code", data=typed | {"code": code}, follow_redirects=True)

    return go


@pytest.fixture
def by_sms(inside):
    """The shop sends codes by SMS, too."""
    inside(change_settings, {"message_channels": "sms,email"}, factories.TESTER)


def people(inside):
    rows = inside(lambda: db.session.scalars(select(Customer).order_by(Customer.id)).all())
    return [(row.email, row.phone, row.first_name, row.birthday, bool(row.phone_verified_at)) for row in rows]


def test_a_new_customer_joins_by_e_mail(app, client, inside, join):
    typed = {"email": "Amina@example.com", "phone": "0712 345678", "first_name": "Amina", "last_name": "Otieno"}
    page = join(**typed, birthday="1990-04-12", consent=["loyalty_programme", "marketing_email"])
    assert "Welcome!" in page.text
    assert "Hello, Amina." in page.text
    assert people(inside) == [("amina@example.com", "+254712345678", "Amina", "1990-04-12", False)]
    rows = inside(lambda: db.session.scalars(select(Consent).order_by(Consent.kind)).all())
    assert [(row.kind, row.given, row.source, row.text_version) for row in rows] == [
        ("loyalty_programme", True, "account", "customer page 2026-11 en"),
        ("marketing_email", True, "account", "customer page 2026-11 en"),
    ]


def test_the_mail_has_the_code(app, client, address, inside):
    client.post(address, data={"email": "amina@example.com"} | AGREED)
    to, subject, text = read_mails(app)[-1]
    code = inside(newest_code, app)
    assert to == "amina@example.com"
    assert f"{code[:3]} {code[3:]}" in subject
    assert "Enter it on the page where you joined." in text


def test_a_phone_that_the_code_went_to_is_verified(inside, by_sms, join):
    join(phone="0712345678", first_name="Amina", consent=["loyalty_programme", "marketing_sms", "marketing_email"])
    assert people(inside) == [(None, "+254712345678", "Amina", None, True)]
    kinds = inside(lambda: db.session.scalars(select(Consent.kind).order_by(Consent.kind)).all())
    assert kinds == ["loyalty_programme", "marketing_sms"]


def test_a_known_customer_is_signed_in_and_only_gaps_are_filled(inside, join):
    inside(factories.make_customer, "jane@example.com", first_name="Jane", points=500)
    page = join(email="jane@example.com", phone="0712345678", first_name="Mallory", last_name="Doe", **AGREED)
    assert "500" in page.text
    assert people(inside) == [("jane@example.com", "+254712345678", "Jane", None, False)]


@pytest.mark.parametrize("phone", ["0712345678", "0712345679"])
def test_a_shop_with_e_mail_alone_asks_for_an_address(client, address, inside, phone):
    inside(factories.make_customer, "jane@example.com", phone="0712345678")
    assert "Optional if you enter a phone." not in client.get(address).text
    answer = client.post(address, data={"phone": phone} | AGREED)
    assert answer.status_code == 400
    assert "Enter your e-mail address: the code goes there." in answer.text
    assert inside(lambda: db.session.scalars(select(OutboxMessage.id)).all()) == []


def test_nothing_is_stored_before_the_code(client, address, inside):
    sent = client.post(address, data={"email": "amina@example.com", "first_name": "Amina"} | AGREED)
    assert sent.status_code == 200
    wrong = client.post(f"{address}/code", data={"email": "amina@example.com", "code": "000000"} | AGREED)
    assert wrong.status_code == 400
    assert "This code is wrong or has expired." in wrong.text
    assert people(inside) == []


def test_known_and_unknown_people_get_the_same_answers(client, address, inside, by_sms):
    wanted = {"loyalty_optin_required": "true", "message_registration_received": "true"}
    inside(change_settings, wanted, factories.TESTER)
    inside(factories.make_customer, "jane@example.com", phone="0712345678")
    pairs = [("email", "jane@example.com", "new@example.com"), ("phone", "0712345678", "0712345679")]
    for name, *contacts in pairs:
        answers = []
        for contact in contacts:
            typed = {name: contact, "first_name": "Jane"} | AGREED
            parts = [client.post(address, data=typed), client.post(address, data=typed)]
            parts.append(client.post(f"{address}/code", data=typed | {"code": "000000"}))
            answers.append([(part.status_code, part.text.replace(contact, "-")) for part in parts])
        assert answers[0] == answers[1]
        assert [status for status, _ in answers[0]] == [200, 429, 400]
    assert inside(lambda: set(db.session.scalars(select(OutboxMessage.kind)))) == {"join_code"}


def test_programs_that_fill_in_every_field_get_no_code(client, address, inside):
    typed = {"email": "amina@example.com", "website": "https://spam.example"} | AGREED
    assert "We’ve sent a 6-digit code" in client.post(address, data=typed).text
    assert inside(lambda: db.session.scalars(select(OutboxMessage.id)).all()) == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Enter a phone number or an e-mail address."),
        ({"phone": "07"}, "Must be a phone number"),
        ({"email": "jane"}, "Must be an e-mail address"),
        ({"email": "jane@example.com", "birthday": "x"}, "Must be a day"),
        ({"email": "jane@example.com", "consent": []}, "Without this the shop cannot give you points."),
    ],
)
def test_a_wrong_form_says_what_is_wrong(client, address, by_sms, typed, words):
    answer = client.post(address, data=AGREED | typed)
    assert answer.status_code == 400
    assert words in answer.text
    assert client.post(f"{address}/code", data=AGREED | typed | {"code": "000000"}).status_code == 400


def test_a_shop_that_decides_who_takes_part_gets_the_registration(inside, by_sms, join):
    inside(change_settings, {"loyalty_optin_required": "true"}, factories.TESTER)
    page = join(phone="0712345678", first_name="Amina", last_name="Otieno", **AGREED)
    assert "The shop will decide soon." in page.text
    rows = inside(lambda: db.session.scalars(select(LoyaltyRegistration)).all())
    assert [(row.full_name, row.phone, row.status) for row in rows] == [("Amina Otieno", "+254712345678", "pending")]


def test_a_shop_without_points_has_no_form(client, address, inside):
    assert client.get(address).status_code == 200
    inside(change_settings, {"loyalty_points_enabled": "false"}, factories.TESTER)
    assert client.get(address).status_code == 404
    assert re.search(r'href="[^"]*/join"', client.get(address.removesuffix("/join")).text) is None
