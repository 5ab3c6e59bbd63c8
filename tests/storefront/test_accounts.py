"""Shoppers' accounts: created, verified by mail, signed in to, ended; nothing reveals who is known."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.models import Customer, OutboxMessage, ShopperSession, ShopperSignup
from shop.services import clock
from shop.services.customers.records import find_customer
from shop.services.shoppers.accounts import purge_signups
from shop.services.shoppers.links import purge_links
from shop.services.shoppers.sessions import purge_sessions
from shop.worker.jobs.outbox import send_due_messages
from tests import factories
from tests.factories import PASSWORD
from tests.support.clients import ShopClient
from tests.support.codes import read_mails

AUTH = "/api/v1/storefront/auth"
OTHER_PASSWORD = "kahawa-chungu-3"
TOKEN = re.compile(r"set-password\?token=([0-9a-f]{64})")


@pytest.fixture
def email() -> str:
    """An e-mail without an account."""
    return f"{factories.unique('amina')}@example.com"


@pytest.fixture
def jane(inside: Callable[..., Any]) -> Customer:
    """A customer with a password."""
    found: Customer = inside(factories.make_customer, password=PASSWORD, first_name="Jane")
    return found


def register(client: ShopClient, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post(f"{AUTH}/register", json={"email": email, "password": password, **more})


def login(client: ShopClient, email: str, password: str = PASSWORD, address: str = "192.0.2.1", **more: Any) -> Any:
    sent = {"email": email, "password": password}
    return client.post(f"{AUTH}/login", json=sent, environ_overrides={"REMOTE_ADDR": address}, **more)


def me(client: ShopClient) -> Any:
    return client.get(f"{AUTH}/me").json["data"]["customer"]


@pytest.fixture
def mailed_token(app: Any, inside: Callable[..., Any]) -> Callable[[str], str]:
    """Return the token of the link that was mailed last to an e-mail."""
    assert app.config["MAIL_FOLDER"]
    inside(lambda: db.session.execute(select(1)))

    def read(email: str) -> str:
        texts = [text for to, _, text in read_mails(app) if to == email and "set-password" in text]
        return TOKEN.findall(texts[-1])[-1]  # type: ignore[no-any-return]

    return read


@pytest.fixture(autouse=True)
def _storefront(api: Any) -> None:
    answer = api.put("/settings/shop/storefront_url", {"value": "https://duka.example.com/store/"})
    assert answer.status_code == 200


def test_a_new_account_is_signed_in_at_once_and_not_proved(client, email):
    answer = register(client, email.upper(), first_name=" Amina ", last_name="Otieno", phone="0712345678")
    assert answer.status_code == 201
    shown = answer.json["data"]["customer"]
    assert shown | {"created_at": ""} == {
        "id": None,
        "email": email,
        "first_name": "Amina",
        "last_name": "Otieno",
        "phone": "+254712345678",
        "email_verified": False,
        "created_at": "",
    }
    assert me(client) == shown


def test_asking_for_an_account_makes_no_customer(client, inside, email):
    register(client, email)
    assert inside(find_customer, email=email) is None


def test_the_mailed_link_proves_the_email_and_ends_the_session(client, inside, email, mailed_token):
    register(client, email, first_name="Amina")
    set_ = {"token": mailed_token(email), "password": OTHER_PASSWORD}
    assert client.post(f"{AUTH}/set-password", json=set_).json["message"] == "Password set"
    assert me(client) is None, "what was typed before the proof counts for nothing"
    assert login(client, email).status_code == 401
    shown = login(client, email, OTHER_PASSWORD).json["data"]["customer"]
    assert (shown["email_verified"], shown["first_name"]) == (True, "Amina")
    assert shown["id"] == inside(find_customer, email=email).id
    assert client.post(f"{AUTH}/set-password", json=set_).json["code"] == "link_over"


def test_a_link_leads_to_the_shops_own_storefront(app, client, email):
    register(client, email)
    text = next(text for to, _, text in read_mails(app) if to == email)
    assert re.search(r"https://duka\.example\.com/store/set-password\?token=[0-9a-f]{64}", text)


def test_without_a_storefront_the_mail_holds_the_token_itself(app, api, client, email):
    api.put("/settings/shop/storefront_url", {"value": ""})
    register(client, email)
    text = next(text for to, _, text in read_mails(app) if to == email)
    token = re.findall(r"[0-9a-f]{64}", text)[-1]
    done = client.post(f"{AUTH}/set-password", json={"token": token, "password": PASSWORD})
    assert done.status_code == 200


def test_known_and_unknown_are_answered_byte_for_byte_alike(app, shop, inside, jane, email):
    guest = inside(factories.make_customer)

    def answers(address: str) -> list[bytes]:
        client = ShopClient.at(app, shop.host)
        asked = register(client, address), me(client), login(client, address, "wrong-password")
        forgotten = client.post(f"{AUTH}/forgot-password", json={"email": address})
        texts = [asked[0].data, repr(asked[1]).encode(), asked[2].data, forgotten.data]
        return [re.sub(rb"20\d\d-[0-9T:.-]+Z", b"T", text.replace(address.encode(), b"E")) for text in texts]

    assert answers(jane.email) == answers(guest.email) == answers(email)


def test_known_and_unknown_take_the_same_statements(app, inside, client, jane, email, statements):
    def cost(address: str) -> list[list[str]]:
        found = []
        for ask in (
            lambda: client.post(f"{AUTH}/forgot-password", json={"email": address}),
            lambda: login(client, address, "wrong-password"),
            lambda: register(client, address),
        ):
            client.delete_cookie("tuza_shopper", domain=client.host)
            with statements() as seen:
                ask()
            found.append(seen)
        return found

    cost(f"warm-{email}")  # the address itself is counted from here on
    assert cost(jane.email) == cost(email)


def test_wrong_passwords_cost_two_hashes_for_any_email(client, jane, email, monkeypatch):
    from shop.services.shoppers import accounts

    counted = []
    real = accounts.password_matches
    monkeypatch.setattr(accounts, "password_matches", lambda *args: counted.append(args) or real(*args))
    for address in (jane.email, email):
        counted.clear()
        assert login(client, address, "wrong-password").status_code == 401
        assert len(counted) == 2


def test_a_forgotten_password_of_an_unknown_address_sends_no_mail(app, client, inside, email):
    client.post(f"{AUTH}/forgot-password", json={"email": email})
    assert [to for to, _, _ in read_mails(app) if to == email] == []
    states = select(OutboxMessage.state).where(OutboxMessage.recipient == email)
    assert inside(lambda: list(db.session.scalars(states))) == ["dropped"]


def test_a_second_registration_of_an_account_is_answered_by_mail_alone(app, client, inside, jane):
    assert register(client, jane.email, OTHER_PASSWORD, first_name="Mallory").status_code == 201
    assert me(client)["id"] is None
    text = next(text for to, _, text in read_mails(app) if to == jane.email)
    assert "You already have an account" in text
    assert login(client, jane.email).json["data"]["customer"]["id"] == jane.id
    assert inside(find_customer, email=jane.email).first_name == "Jane"


def test_an_unproved_account_can_be_signed_in_to_again(client, email):
    register(client, email)
    client.post(f"{AUTH}/logout")
    assert me(client) is None
    assert login(client, email).json["data"]["customer"]["email_verified"] is False
    assert me(client)["email"] == email


def test_a_registration_with_a_foreign_email_gives_nothing_after_its_owner_verifies_it(
    app, shop, client, inside, mailed_token
):
    guest = inside(factories.make_customer, points=500)
    thief = ShopClient.at(app, shop.host)
    register(thief, guest.email, "the-thiefs-own")
    client.post(f"{AUTH}/forgot-password", json={"email": guest.email})
    token = mailed_token(guest.email)
    assert client.post(f"{AUTH}/set-password", json={"token": token, "password": PASSWORD}).status_code == 200
    assert me(thief) is None
    assert login(thief, guest.email, "the-thiefs-own").status_code == 401


def test_a_new_link_voids_the_one_before(client, jane, mailed_token):
    client.post(f"{AUTH}/forgot-password", json={"email": jane.email})
    first = mailed_token(jane.email)
    client.post(f"{AUTH}/forgot-password", json={"email": jane.email})
    answer = client.post(f"{AUTH}/set-password", json={"token": first, "password": PASSWORD})
    assert (answer.status_code, answer.json["code"]) == (400, "link_over")


def test_a_link_is_over_after_an_hour(client, jane, mailed_token, monkeypatch):
    client.post(f"{AUTH}/forgot-password", json={"email": jane.email})
    token = mailed_token(jane.email)
    later = clock.now() + timedelta(minutes=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    answer = client.post(f"{AUTH}/set-password", json={"token": token, "password": PASSWORD})
    assert answer.json["code"] == "link_over"


def test_a_link_of_another_shop_is_none(app, client, jane, mailed_token):
    client.post(f"{AUTH}/forgot-password", json={"email": jane.email})
    token = mailed_token(jane.email)
    with app.app_context():
        other = factories.make_shop()
        factories.make_customer(jane.email)
    sent = {"token": token, "password": OTHER_PASSWORD}
    assert client.post(f"{AUTH}/set-password", json=sent, base_url=other.url).status_code == 400
    assert client.post(f"{AUTH}/set-password", json=sent).status_code == 200


@pytest.mark.parametrize("password", ["short", "password123", "x" * 201])
def test_a_poor_password_is_refused_and_leaves_the_link_good(client, jane, mailed_token, password):
    client.post(f"{AUTH}/forgot-password", json={"email": jane.email})
    token = mailed_token(jane.email)
    refused = client.post(f"{AUTH}/set-password", json={"token": token, "password": password})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "password")
    assert register(client, f"x{jane.email}", password).status_code == 400
    assert client.post(f"{AUTH}/set-password", json={"token": token, "password": PASSWORD}).status_code == 200


def test_the_cookie_is_for_http_alone_and_the_shops_own_pages(make_private_app):
    app = make_private_app(SESSION_COOKIE_SECURE=True)
    with app.app_context():
        shop = factories.make_shop()
        jane = factories.make_customer(password=PASSWORD)
    client = ShopClient.at(app, shop.host)
    answer = login(client, jane.email)
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Secure", "Max-Age=2592000"} <= set(cookie.split("; "))
    assert answer.headers["Cache-Control"] == "no-store"


def test_signing_in_replaces_a_token_that_was_planted(app, shop, client, jane):
    register(client, jane.email)
    planted = client.carried
    assert login(client, jane.email).status_code == 200
    assert client.carried != planted
    thief = ShopClient.at(app, shop.host)
    thief.carry(planted)
    assert me(thief) is None
    thief.carry("a-token-of-the-thiefs-own-making")
    login(thief, jane.email)
    assert thief.carried != "a-token-of-the-thiefs-own-making"


def test_tokens_are_kept_only_as_hashes(client, inside, jane):
    login(client, jane.email)
    kept = inside(lambda: db.session.scalars(select(ShopperSession.token_hash)).all())
    assert client.carried not in kept
    assert all(len(text) == 64 for text in kept)


def test_signing_out_ends_the_session_for_good(client, jane):
    login(client, jane.email)
    token = client.carried
    answer = client.post(f"{AUTH}/logout")
    assert "tuza_shopper=;" in answer.headers["Set-Cookie"]
    client.carry(token)
    assert me(client) is None


def test_a_new_password_ends_every_session(app, shop, api, client, jane, mailed_token):
    phone, laptop = ShopClient.at(app, shop.host), ShopClient.at(app, shop.host)
    for browser in (phone, laptop):
        assert login(browser, jane.email).status_code == 200
    client.post(f"{AUTH}/forgot-password", json={"email": jane.email})
    client.post(f"{AUTH}/set-password", json={"token": mailed_token(jane.email), "password": OTHER_PASSWORD})
    assert (me(phone), me(laptop)) == (None, None)
    assert login(phone, jane.email, OTHER_PASSWORD).status_code == 200
    assert api.put(f"/customers/{jane.id}/password", {"password": PASSWORD}).json["message"] == "Password updated"
    assert me(phone) is None
    assert login(phone, jane.email, OTHER_PASSWORD).status_code == 401
    assert login(phone, jane.email).status_code == 200


def test_a_session_is_over_after_thirty_days(client, jane, monkeypatch):
    login(client, jane.email)
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert me(client) is None


def test_a_session_of_another_shop_is_not_found(app, client, jane):
    login(client, jane.email)
    with app.app_context():
        other = factories.make_shop()
    client.set_cookie("tuza_shopper", client.carried, domain=other.host)
    assert client.get(f"{AUTH}/me", base_url=other.url).json["data"]["customer"] is None


def test_sign_in_is_throttled_by_account_and_address_without_locking_the_account(client, jane, email):
    for address in (jane.email, email):
        for _ in range(10):
            assert login(client, address, "wrong-password").status_code == 401
        stopped = login(client, address, PASSWORD)
        assert stopped.status_code == 429
        assert 0 < int(stopped.headers["Retry-After"]) <= 900
    assert login(client, jane.email, address="198.51.100.7").status_code == 200


def test_sign_in_is_throttled_for_an_address_over_all_accounts(make_private_app):
    app = make_private_app(SIGN_INS_PER_ADDRESS_15_MINUTES=3)
    with app.app_context():
        shop = factories.make_shop()
    client = ShopClient.at(app, shop.host)
    statuses = [login(client, f"{number}@example.com").status_code for number in range(4)]
    assert statuses == [401, 401, 401, 429]


@pytest.mark.parametrize("path", ["register", "forgot-password"])
def test_mail_can_be_requested_five_times_an_hour_known_or_not(client, jane, email, path):
    for address in (jane.email, email):
        sent = {"email": address, "password": PASSWORD}
        statuses = [client.post(f"{AUTH}/{path}", json=sent).status_code for _ in range(6)]
        assert statuses[5] == 429
        assert 429 not in statuses[:5]


ORIGIN = "https://duka.example.com"
FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "https://duka.example.com.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Referer": "https://evil.example/page"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_write_by_a_session_from_a_foreign_page_is_refused(api, client, jane, headers):
    api.put("/settings/shop/allowed_origins", {"value": ORIGIN})
    assert login(client, jane.email, headers=headers).json["code"] == "origin"
    login(client, jane.email)
    for path in ("auth/logout", "checkout/create-order", "loyalty/preview"):
        refused = client.post(f"/api/v1/storefront/{path}", json={}, headers=headers)
        assert (refused.status_code, refused.json["code"]) == (403, "origin")
    assert me(client)["id"] == jane.id


def test_a_write_by_a_session_from_the_shops_own_pages_is_taken(api, client, shop, jane):
    api.put("/settings/shop/allowed_origins", {"value": ORIGIN})
    own = ({"Origin": ORIGIN}, {"Origin": shop.url}, {"Sec-Fetch-Site": "same-origin"}, {"Referer": f"{shop.url}/x"})
    for headers in own:
        assert login(client, jane.email, headers=headers).status_code == 200
        answer = client.post(f"{AUTH}/logout", headers=headers)
        assert answer.status_code == 200
    answer = client.get(f"{AUTH}/me", headers={"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"


def test_old_sessions_links_and_unproved_accounts_are_swept_away(client, app, shop, email, monkeypatch):
    register(client, email)
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    with app.app_context():
        use_shop(shop.id)
        with transaction():
            assert [purge_links(), purge_sessions(), purge_signups()] == [1, 1, 1]
        for model in (ShopperSession, ShopperSignup):
            assert db.session.scalars(select(func.count(model.id))).one() == 0


def test_no_mail_is_sent_about_a_link_that_was_used_meanwhile(app, client, inside, jane, api):
    client.post(f"{AUTH}/forgot-password", json={"email": jane.email})
    api.put(f"/customers/{jane.id}/password", {"password": OTHER_PASSWORD})
    with app.app_context():
        while send_due_messages(app.config):
            pass
    assert [to for to, _, _ in read_mails(app) if to == jane.email] == []
