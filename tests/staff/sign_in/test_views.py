"""Signing in: allowed, refused, and the page afterwards."""

import pytest

from shop.services.errors import NotSignedIn
from tests import factories

REFUSAL = "Wrong e-mail or password."


def test_the_page_asks_for_e_mail_and_password(visitor):
    page = visitor.get("/staff/sign-in")
    assert page.status_code == 200
    assert 'autocomplete="username"' in page.text
    assert 'autocomplete="current-password"' in page.text


def test_the_bare_address_leads_to_the_sign_in(visitor):
    assert visitor.get("/").location == "/staff/"
    assert visitor.get("/staff/").location == "/staff/sign-in"


def test_the_right_password_opens_the_shop(visitor, owner):
    answer = visitor.sign_in(owner.email)
    assert (answer.status_code, answer.location) == (302, "/staff/")
    home = visitor.get("/staff/")
    assert home.status_code == 200
    assert owner.shop_name in home.text


def test_the_e_mail_is_taken_in_any_case_and_with_blanks(visitor, owner):
    assert visitor.sign_in(f"  {owner.email.upper()} ").status_code == 302


def test_who_is_signed_in_does_not_see_the_form_again(staff):
    assert staff.get("/staff/sign-in").location == "/staff/"


def test_a_wrong_password_and_an_unknown_e_mail_are_refused_alike(visitor, owner):
    wrong = visitor.sign_in(owner.email, "not the password")
    unknown = visitor.sign_in(factories.unique("nobody") + "@example.com", "not the password")
    for answer in (wrong, unknown):
        assert answer.status_code == 422
        assert REFUSAL in answer.text
        assert 'role="alert"' in answer.text
        assert "not the password" not in answer.text
    assert owner.email in wrong.text


def test_a_member_of_no_shop_gets_a_message(app, visitor, owner):
    from shop.db.session import db
    from shop.db.tenant import all_tenants
    from shop.db.transaction import transaction
    from shop.models import Membership

    with app.app_context(), all_tenants(), transaction():
        db.session.query(Membership).filter_by(staff_user_id=owner.user_id).delete()
    answer = visitor.sign_in(owner.email)
    assert answer.status_code == 422
    assert "do not belong to any shop" in answer.text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Enter your e-mail"),
        ({"email": "a@example.com"}, "Enter your password"),
        ({"email": "a" * 255, "password": "x"}, "At most 254 characters"),
        ({"email": "a@example.com", "password": "x" * 201}, "At most 200 characters"),
        ({"email": "a\0@example.com", "password": "x"}, "control characters"),
        ({"email": "a@example.com", "password": "x\0"}, REFUSAL),
        ({"email": "🙂", "password": "🙂"}, REFUSAL),
    ],
)
def test_a_form_that_cannot_be_right_comes_back_with_a_sentence(visitor, fields, sentence):
    answer = visitor.send("/staff/sign-in", **fields)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_form_without_its_token_is_refused(visitor, owner):
    fields = {"email": owner.email, "password": factories.PASSWORD}
    answer = visitor.client.post("/staff/sign-in", data=fields)
    assert answer.status_code == 400
    assert answer.mimetype == "text/html"
    assert visitor.get("/staff/").status_code == 302


@pytest.mark.parametrize("path", ["/staff/sign-out", "/staff/shop"])
def test_what_changes_something_is_not_a_link(staff, path):
    assert staff.get(path).status_code == 405


@pytest.mark.parametrize("path", ["/staff/?week=2", "/api/docs", "/staff/nowhere#part"])
def test_sign_in_redirects_to_the_requested_page(visitor, owner, path):
    fields = {"csrf_token": visitor.token(), "email": owner.email, "password": factories.PASSWORD}
    answer = visitor.client.post("/staff/sign-in", query_string={"next": path}, data=fields)
    assert answer.location == path


def test_a_visitor_returns_to_the_requested_page_after_sign_in(visitor):
    assert visitor.get("/staff/?week=2").location == "/staff/sign-in?next=/staff/?week%3D2"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n//evil.example",
        "javascript:alert(1)",
        "evil.example",
        "///evil.example",
        "http:///staff/",
        "/" + "a" * 3000,
        "",
    ],
)
def test_one_is_never_led_elsewhere(visitor, owner, address):
    fields = {"csrf_token": visitor.token(), "email": owner.email, "password": factories.PASSWORD}
    answer = visitor.client.post("/staff/sign-in", query_string={"next": address}, data=fields)
    assert answer.location == "/staff/"
    assert visitor.get("/staff/sign-in", query_string={"next": address}).location == "/staff/"


def test_ten_tries_in_a_quarter_of_an_hour_then_one_waits(visitor, owner):
    for _ in range(10):
        assert visitor.sign_in(owner.email, "wrong").status_code == 422
    answer = visitor.sign_in(owner.email)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "Too many attempts." in answer.text


def test_only_failed_tries_count_and_each_account_has_one_limit_however_it_is_typed(visitor, owner):
    for typed in [owner.email, *(owner.email + invisible * n for n, invisible in enumerate("\u200b\u00ad\u2060 ", 1))]:
        assert visitor.sign_in(typed, "wrong").status_code == 422
    for _ in range(60):
        assert visitor.sign_in(owner.email).status_code == 302
        visitor.client.post("/staff/sign-out", data={"csrf_token": visitor.token()})
    for typed in [owner.email.upper()] * 5:
        assert visitor.sign_in(typed, "wrong").status_code == 422
    assert visitor.sign_in(owner.email).status_code == 429


def test_guessing_from_one_address_does_not_lock_other_addresses(visitor, owner, inside):
    for _ in range(11):
        visitor.sign_in(owner.email, "wrong")
    colleague = inside(factories.make_staff)
    assert visitor.sign_in(colleague.email, "wrong").status_code == 422
    assert visitor.sign_in(owner.email, address="192.0.2.2").status_code == 302


def test_one_address_may_not_try_one_account_after_the_other(visitor, monkeypatch):
    def refuse(_email, _password):
        raise NotSignedIn(REFUSAL)

    monkeypatch.setattr("shop.staff.sign_in.views.check_password", refuse)
    statuses = [visitor.sign_in(f"{number}@example.com", "wrong").status_code for number in range(51)]
    assert statuses == [422] * 50 + [429]
