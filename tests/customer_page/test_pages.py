"""The customer's own page: signing in, points, consents, requests, languages, and its size."""

import gzip
import json
import re
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import Consent, LoyaltyRegistration, PrivacyRequest, ShopperSession
from shop.queries.till.members import find_members
from shop.services import clock
from shop.services.shoppers.sessions import RECENT, SESSION_LIFE
from shop.services.shops.settings import change_settings
from tests import factories
from tests.support.codes import newest_code
from tests.support.pictures import png

MOST_BYTES = 50 * 1024


@pytest.fixture
def address(shop, inside):
    """The URL of the shop's page."""
    inside(change_settings, {"loyalty_points_enabled": "true"}, factories.TESTER)
    return f"/me/{shop.slug}"


@pytest.fixture
def jane(inside):
    return inside(
        factories.make_customer, "jane@example.com", points=1480, first_name="Jane", last_name="Doe", phone="0712345678"
    )


@pytest.fixture
def sign_in(app, client, address, inside):
    """Return a function that signs a customer in."""

    def go(customer):
        client.post(f"{address}/code", data={"identifier": customer.email})
        data = {"identifier": customer.email, "code": inside(newest_code, app)}
        assert client.post(f"{address}/sign-in", data=data).status_code == 303
        return customer

    return go


def test_a_visitor_gets_the_same_answer_in_every_case(client, address, jane):
    assert "Jane" not in client.get(address).text
    answers = []
    for who, other in (("jane@example.com", "jane@nowhere.com"), ("0712 345678", "0712 345679")):
        for identifier in (who, other):
            sent = client.post(f"{address}/code", data={"identifier": identifier})
            wrong = client.post(f"{address}/sign-in", data={"identifier": identifier, "code": "123456"})
            answers.append([(part.status_code, part.text.replace(identifier, "-")) for part in (sent, wrong)])
    assert all(answer == answers[0] for answer in answers[:2])
    assert answers[2] == answers[3]
    for path in ("consents", "requests", "registration", "till-code"):
        assert client.post(f"{address}/{path}").status_code == 401
    assert client.get(f"{address}/till-code").status_code == 303


def test_too_many_codes_are_refused_alike(client, address, jane):
    pages = []
    for email in (jane.email, "nobody@example.com"):
        client.post(f"{address}/code", data={"identifier": email})
        again = client.post(f"{address}/code", data={"identifier": email})
        assert again.status_code == 429
        pages.append(again.text.replace(email, "-"))
    assert pages[0] == pages[1]


def test_a_customer_sees_points_orders_and_a_code_that_the_till_reads(client, address, inside, jane, sign_in):
    milk = inside(factories.make_product, "Maziwa", 98000)
    order = inside(factories.place, jane, [(milk, 1)]).order
    sign_in(jane)
    page = client.get(address).text
    assert "Hello, Jane." in page
    assert "1,480" in page
    assert "KES 14.80" in page
    assert order.order_number in page
    number = re.search(r"QR code of your card: ([^\"]+)", page)[1].replace("&#43;", "+")
    found = inside(find_members, number)
    assert found.is_certain
    assert [member.id for member in found.members] == [jane.id]
    code = re.search(r'name="code" value="([^"]+)"', page)[1]
    status = client.post(f"/checkout/{address.removeprefix('/me/')}/order-status", data={"code": code})
    assert order.order_number in status.text


def test_history_has_older_entries(client, address, inside, jane, sign_in):
    inside(lambda: [factories.adjust_points(jane.id, 1, "x", factories.TESTER) for _ in range(12)])
    sign_in(jane)
    older = re.search(r'href="\?before=(\d+)"', client.get(address).text)[1]
    page = client.get(f"{address}?before={older}").text
    assert "Show newest" in page
    assert page.count("Changed by the shop") == 3
    assert client.get(f"{address}?before={'9' * 40}").status_code == 200


def test_consents_are_given_and_withdrawn_with_proof(client, address, inside, jane, sign_in):
    sign_in(jane)
    client.post(f"{address}/consents", data={"consent": ["marketing_sms", "loyalty_programme", "x"]})
    client.post(f"{address}/consents", data={"consent": ["marketing_sms"]})
    page = client.post(f"{address}/consents?lang=sw", follow_redirects=True).text
    assert "Kiswahili" in page
    rows = inside(lambda: db.session.scalars(select(Consent).order_by(Consent.id)).all())
    assert [(row.kind, row.given, row.source, row.text_version, row.recorded_by) for row in rows] == [
        ("marketing_sms", True, "account", "customer page 2026-11 en", "Customer"),
        ("marketing_sms", False, "account", "customer page 2026-11 sw", "Customer"),
    ]


def test_a_request_about_personal_data_reaches_the_shop_once(client, address, inside, jane, sign_in):
    sign_in(jane)
    sent = client.post(f"{address}/requests", data={"kind": "access", "note": "All of it"}, follow_redirects=True)
    assert "The shop answers by" in sent.text
    again = client.post(f"{address}/requests", data={"kind": "access"})
    assert again.status_code == 409
    assert "is open already" in again.text
    assert client.post(f"{address}/requests", data={"kind": "x"}).status_code == 400
    rows = inside(lambda: db.session.scalars(select(PrivacyRequest)).all())
    assert [(row.kind, row.customer_id, row.by_customer) for row in rows] == [("access", jane.id, True)]


def test_a_shop_that_decides_who_takes_part_gets_a_registration(client, address, inside, jane, sign_in):
    inside(
        change_settings,
        {"loyalty_optin_required": "true", "loyalty_optin_id_required": "true"},
        factories.TESTER,
    )
    sign_in(jane)
    assert "Picture of your ID card" in client.get(address).text
    form = {"full_name": "Jane Doe", "phone": "0712 345678"}
    assert client.post(f"{address}/registration", data=form).status_code == 400
    form["id_image"] = (BytesIO(png(300, 200)), "id.png")
    sent = client.post(f"{address}/registration", data=form, follow_redirects=True)
    assert "The shop will decide soon." in sent.text
    rows = inside(lambda: db.session.scalars(select(LoyaltyRegistration)).all())
    assert [(row.customer_id, row.status, bool(row.id_image)) for row in rows] == [(jane.id, "pending", True)]


def test_the_language_is_kept_for_the_page(client, address):
    assert 'lang="sw"' in client.get(f"{address}?lang=sw").text
    assert '<html lang="sw">' in client.get(address).text
    assert '<html lang="en">' in client.get(f"{address}?lang=en").text


def test_forms_of_other_websites_are_refused(client, address, jane, sign_in):
    sign_in(jane)
    answer = client.post(f"{address}/consents", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


def test_a_session_of_another_shop_is_anonymous(app, client, jane, sign_in):
    sign_in(jane)
    with app.app_context():
        other = factories.make_shop(loyalty_points_enabled="true")
    page = client.get(f"/me/{other.slug}").text
    assert "Jane" not in page
    assert "Send me a code" in page
    assert client.get("/me/nobody").status_code == 404
    assert client.get("/me/a%00b").status_code == 404


def test_signing_out_ends_the_session(client, address, jane, sign_in):
    sign_in(jane)
    client.post(f"{address}/sign-out")
    assert "Jane" not in client.get(address).text


def test_the_page_can_be_installed(client, address):
    manifest = json.loads(client.get(f"{address}/manifest.webmanifest").data)
    assert manifest["start_url"] == manifest["scope"] == address
    assert manifest["display"] == "standalone"
    with client.get(manifest["icons"][0]["src"]) as icon:
        assert icon.status_code == 200


def test_the_first_load_is_below_50_kb(client, address, inside, jane, sign_in):
    """All that a browser loads for the page with a full history and orders, compressed, with 500 bytes of headers."""
    milk = inside(factories.make_product, "Maziwa", 100)
    inside(lambda: [factories.place(jane, [(milk, 1)]) for _ in range(10)])
    inside(lambda: [factories.adjust_points(jane.id, 1, "x", factories.TESTER) for _ in range(12)])
    sign_in(jane)
    page = client.get(address).text
    assert "<script" not in page
    loaded = re.findall(r'<link rel="(?:icon|manifest|stylesheet)"[^>]*href="([^"]+)"', re.sub(r"\s+", " ", page))
    assert len(loaded) == 4
    bodies = [page.encode()]
    for path in loaded:
        with client.get(path) as answer:
            bodies.append(answer.data)
    assert sum(len(gzip.compress(body)) + 500 for body in bodies) < MOST_BYTES


class TestTheCodeForTheTill:
    """A code on the customer's phone, which the person at the till enters."""

    def test_it_is_shown_with_its_validity_and_replaced(self, app, client, address, inside, jane, sign_in):
        sign_in(jane)
        assert "Show a code" in client.get(f"{address}/till-code").text
        pages = [client.post(f"{address}/till-code", follow_redirects=True).text for _ in range(2)]
        codes = [re.search(r'class="digits">(\d{3} \d{3})<', page)[1] for page in pages]
        assert codes[0] != codes[1]
        assert "Valid until" in pages[1]
        assert codes[1] in client.get(f"{address}/till-code").text
        assert codes[1].replace(" ", "") == inside(newest_code, app)

    def test_it_needs_a_recent_sign_in(self, client, address, inside, jane, sign_in):
        sign_in(jane)

        def age():
            with transaction() as session:
                old = clock.now() + SESSION_LIFE - RECENT - timedelta(minutes=1)
                session.execute(update(ShopperSession).values(expires_at=old))

        inside(age)
        client.post(f"{address}/till-code")
        page = client.get(f"{address}/till-code").text
        assert "Sign in again" in page
        assert 'class="digits"' not in page
        assert "1,480" in client.get(address).text
