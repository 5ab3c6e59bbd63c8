"""No response reveals whether a person is known to a shop: it is the same, byte for byte, for everyone."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.models import OutboxMessage, StaffToken
from shop.services import clock
from shop.services.shoppers.accounts import set_customer_password
from shop.services.staff.accounts import create_staff
from shop.worker.jobs.purges import purge_all
from tests import factories
from tests.factories import PASSWORD, TESTER
from tests.support.clients import ShopClient
from tests.support.contract import CheckedClient
from tests.support.csrf import csrf_token

PUBLIC = "/api/v1/storefront"
VARIES = ("X-Request-Id", "Date", "Set-Cookie", "Idempotent-Replayed")
"""Headers that differ from response to response, for every caller."""
CHANGING = [
    (re.compile(rb'(name="csrf_token"[^>]*value=")[^"]*'), rb"\1"),
    (re.compile(rb'(data-csrf=")[^"]*'), rb"\1"),
    (re.compile(rb'("created_at":")[^"]*'), rb"\1"),
    (re.compile(rb"(X-RateLimit-Reset: )\d+"), rb"\1"),
    (re.compile(rb"(Retry-After: )(?:[45]\d|60)\b"), rb"\1"),  # a minute from when it was first asked, a moment ago
]


@pytest.fixture
def known(inside):
    """A customer with an account, and a staff member, with one e-mail."""
    customer = inside(factories.make_customer, points=100)
    inside(set_customer_password, customer.id, PASSWORD, TESTER)
    inside(create_staff, customer.email, PASSWORD)
    return customer.email


def seen(answer, email):
    """Return what a response reveals, without values that change each time and the e-mail that was typed."""
    headers = sorted(f"{name}: {text}" for name, text in answer.headers if name not in VARIES)
    whole = "\n".join([answer.status, *headers, ""]).encode() + answer.data.replace(email.encode(), b"E-MAIL")
    for pattern, kept in CHANGING:
        whole = pattern.sub(kept, whole)
    return re.sub(rb"Content-Length: \d+\n", b"", whole), [cookie.split("=")[0] for cookie in cookies(answer)]


def cookies(answer):
    return answer.headers.getlist("Set-Cookie")


def ask_send(client, email):
    return client.post(f"{PUBLIC}/loyalty/redemption/send-otp", json={"email": email})


def ask_verify(client, email):
    return client.post(f"{PUBLIC}/loyalty/redemption/verify-otp", json={"email": email, "code": "000000"})


def ask_preview(client, email):
    return client.post(f"{PUBLIC}/loyalty/preview", json={"email": email, "items": [{"product_id": 1, "quantity": 1}]})


def ask_register(client, email):
    return client.post(f"{PUBLIC}/auth/register", json={"email": email, "password": "chai-na-mandazi-9"})


def ask_login(client, email):
    return client.post(f"{PUBLIC}/auth/login", json={"email": email, "password": "not this one 9"})


def ask_forgotten(client, email):
    return client.post(f"{PUBLIC}/auth/forgot-password", json={"email": email})


def ask_staff_sign_in(client, email):
    fields = {"csrf_token": csrf_token(client), "email": email, "password": "not this one 9"}
    return client.post("/staff/sign-in", data=fields)


def ask_staff_forgotten(client, email):
    return client.post("/staff/forgotten-password", data={"csrf_token": csrf_token(client), "email": email})


ASKS = [ask_send, ask_verify, ask_preview, ask_register, ask_login, ask_forgotten, ask_staff_sign_in]
ASKS += [ask_staff_forgotten]


@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__.removeprefix("ask_"))
def test_known_and_unknown_people_are_answered_byte_for_byte_alike(app, shop, known, ask):
    answers = []
    for number, email in enumerate((known, f"{factories.unique('nobody')}@example.com")):
        browser = CheckedClient.at(app, shop.host)
        browser.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        answers.append([seen(ask(browser, email), email) for _ in range(2)])  # the second must reveal nothing either
    assert answers[0] == answers[1]


def test_a_forgotten_password_of_an_unknown_address_writes_as_much_and_mails_nothing(private_app):
    with private_app.app_context():
        factories.make_shop()
        member = factories.make_staff()
        client = ShopClient.at(private_app, "shop.test")
        for email in (member.email, "nobody@example.com"):
            assert ask_staff_forgotten(client, email).status_code == 302
        with all_tenants():
            assert db.session.scalars(select(func.count(StaffToken.id))).one() == 2
            mailed = db.session.scalars(select(OutboxMessage.recipient).where(OutboxMessage.kind == "staff_reset"))
            assert sorted(mailed, key=str) == sorted([member.email, None], key=str)
        with clock.moved_to(clock.now() + timedelta(hours=2)):
            assert purge_all() > 0
        with all_tenants():
            assert db.session.scalars(select(func.count(StaffToken.id))).one() == 0
