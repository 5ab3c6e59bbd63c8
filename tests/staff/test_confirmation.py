"""Entering the password again before keys, payment methods, staff and exports."""

import re
from datetime import timedelta

import pytest

from shop.services import clock
from shop.services.staff.api_keys import list_api_keys
from tests.factories import PASSWORD
from tests.support.csrf import TOKEN

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
KEY = {"name": "Till 2", "permission": "read", "rate": "60", "days": "90"}


@pytest.fixture
def later():
    """Move the clock to eleven minutes after the sign-in."""
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        yield


def fields_of(page):
    return dict(HIDDEN.findall(page)) | {"csrf_token": TOKEN.search(page)[1]}


def test_nothing_is_asked_soon_after_the_sign_in(staff):
    assert staff.send("/staff/settings/keys", **KEY).status_code == 200


def test_a_form_is_kept_during_password_confirmation(staff, later, inside):
    asked = staff.send("/staff/settings/keys", **KEY)
    assert asked.status_code == 403
    assert "Confirm it’s you" in asked.text
    assert inside(list_api_keys) == []
    fields = fields_of(asked.text)
    assert {name: fields[name] for name in KEY} == KEY
    answer = staff.client.post("/staff/settings/keys", data={**fields, "confirmation_password": PASSWORD})
    assert answer.status_code == 200
    assert "Copy the secret now" in answer.text
    [key] = inside(list_api_keys)
    assert (key.name, key.may_write) == ("Till 2", False)


def test_a_wrong_password_keeps_the_form(staff, later, inside):
    fields = fields_of(staff.send("/staff/settings/keys", **KEY).text)
    answer = staff.client.post("/staff/settings/keys", data={**fields, "confirmation_password": "wrong"})
    assert answer.status_code == 422
    assert "This is not your password" in answer.text
    assert fields_of(answer.text)["name"] == "Till 2"
    assert inside(list_api_keys) == []


def test_it_is_required_once_in_ten_minutes(staff, later):
    fields = fields_of(staff.send("/staff/settings/keys", **KEY).text)
    staff.client.post("/staff/settings/keys", data={**fields, "confirmation_password": PASSWORD})
    assert staff.send("/staff/settings/keys", **KEY).status_code == 200
    assert staff.get("/staff/customers.csv").status_code == 200


@pytest.mark.parametrize("path", ["/staff/customers.csv?sort=name", "/staff/orders.csv", "/staff/ledger.csv"])
def test_an_export_continues_after_the_password(staff, later, path):
    asked = staff.get(path)
    assert asked.status_code == 403
    address = re.search(r'action="(/staff/confirm-password[^"]*)"', asked.text)[1]
    answer = staff.client.post(
        address, data={"csrf_token": TOKEN.search(asked.text)[1], "confirmation_password": PASSWORD}
    )
    assert (answer.status_code, answer.location) == (303, path)
    assert staff.get(path).mimetype == "text/csv"


def test_one_is_not_led_elsewhere(staff):
    answer = staff.send("/staff/confirm-password?next=//evil.example/", confirmation_password=PASSWORD)
    assert answer.location == "/staff/"


@pytest.mark.parametrize("path", ["staff/invite", "staff/1/role", "payments/cod"])
def test_staff_and_payment_methods_ask_too(staff, later, path):
    answer = staff.send(f"/staff/settings/{path}", email="a@example.com", role="owner")
    assert "Confirm it’s you" in answer.text


def test_a_question_that_a_script_has_asked_is_not_asked_again(staff, later):
    asked = staff.client.post(
        "/staff/settings/keys/1/revoke", data={"csrf_token": staff.token()}, headers={"HX-Request": "true"}
    )
    assert asked.headers["HX-Retarget"] == "#content"
    assert fields_of(asked.text)["sure"] == "1"


def test_guessing_is_limited(staff, later):
    for _ in range(11):
        assert staff.send("/staff/confirm-password", confirmation_password=PASSWORD).status_code == 303
    for _ in range(10):
        assert staff.send("/staff/confirm-password", confirmation_password="wrong").status_code == 422
    answer = staff.send("/staff/confirm-password", confirmation_password=PASSWORD)
    assert "Too many attempts" in answer.text
