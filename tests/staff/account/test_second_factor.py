"""The second factor: set up, needed at sign-in, required by the owner, lost and reset."""

import html
import json
import re
from datetime import timedelta

import pyotp
import pytest

from shop.db.session import db
from shop.models import AuditEntry, StaffRecoveryCode, StaffTotp
from shop.services import clock
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import PASSWORD, TESTER
from tests.support.authenticator import Authenticator

SECRET = re.compile(r"<code class=\"text-break\">([A-Z2-7]+)</code>")
CODE = re.compile(r"<code>([a-z0-9]{4}(?:-[a-z0-9]{4}){3})</code>")
PAGE = "/staff/account/second-factor"
STEP = "/staff/sign-in/second-factor"


def code_now(secret):
    return pyotp.TOTP(secret).at(clock.now())


@pytest.fixture
def app_secret(staff):
    """The owner's authenticator app, set up."""
    secret = SECRET.search(staff.send(f"{PAGE}/app").text)[1]
    answer = staff.send(f"{PAGE}/app/confirm", code=code_now(secret))
    assert answer.status_code == 200
    staff.codes = CODE.findall(answer.text)
    return secret


@pytest.fixture
def later():
    """Move the clock by a minute, when the app shows another code."""
    with clock.moved_to(clock.now() + timedelta(minutes=1)):
        yield


def test_setting_up_an_app_shows_ten_recovery_codes_once(staff, app_secret):
    assert len(set(staff.codes)) == 10
    page = staff.get(PAGE).text
    assert "10 codes left" in page
    assert CODE.findall(page) == []


def test_a_wrong_first_code_sets_nothing_up(staff, browse, owner):
    staff.send(f"{PAGE}/app")
    assert staff.send(f"{PAGE}/app/confirm", code="000000").status_code == 422
    assert browse().sign_in(owner.email).location == "/staff/"


def test_the_secret_is_not_stored_in_clear(staff, app_secret, inside, owner):
    kept = inside(lambda: db.session.query(StaffTotp).filter_by(staff_user_id=owner.user_id).one().secret)
    assert app_secret not in kept


def test_the_password_alone_opens_nothing(browse, app_secret, owner, later):
    visitor = browse()
    assert visitor.sign_in(owner.email).location == STEP
    assert visitor.get("/staff/").status_code == 302
    assert visitor.get("/api/v1/customers").status_code == 401
    page = visitor.get(STEP)
    assert "one-time-code" in page.text


def test_the_code_of_the_app_opens_the_shop_and_counts_once(browse, app_secret, owner, later):
    first, second = browse(), browse()
    for browser in (first, second):
        browser.sign_in(owner.email)
    code = code_now(app_secret)
    assert first.send(STEP, code=code).location == "/staff/"
    assert first.get("/staff/").status_code == 200
    assert second.send(STEP, code=code).status_code == 422
    assert second.get("/staff/").status_code == 302


def test_where_one_wanted_to_go_is_kept(browse, app_secret, owner, later):
    visitor = browse()
    fields = {"csrf_token": visitor.token(), "email": owner.email, "password": PASSWORD}
    answer = visitor.client.post("/staff/sign-in?next=/staff/orders", data=fields)
    assert visitor.send(answer.location, code=code_now(app_secret)).location == "/staff/orders"


def test_a_recovery_code_counts_once(staff, browse, app_secret, owner):
    code = staff.codes[0].upper().replace("-", " ")
    for location in ("/staff/", None):
        visitor = browse()
        visitor.sign_in(owner.email)
        assert visitor.send(STEP, code=code).location == location
    assert "9 codes left" in staff.get(PAGE).text


def test_new_recovery_codes_void_the_old_ones(staff, browse, app_secret, owner):
    new = CODE.findall(staff.send(f"{PAGE}/codes", sure="1").text)
    assert len(new) == 10
    visitor = browse()
    visitor.sign_in(owner.email)
    assert visitor.send(STEP, code=staff.codes[0]).status_code == 422
    assert visitor.send(STEP, code=new[0]).location == "/staff/"


def test_recovery_codes_are_stored_as_hashes(staff, app_secret, inside, owner):
    rows = inside(lambda: db.session.query(StaffRecoveryCode).filter_by(staff_user_id=owner.user_id).all())
    assert not {row.code_hash for row in rows} & set(staff.codes)


def test_guessing_is_limited_for_the_person(browse, app_secret, owner, later):
    visitor = browse()
    visitor.sign_in(owner.email)
    for _ in range(5):
        assert visitor.send(STEP, code="000000").status_code == 422
    elsewhere = browse()
    elsewhere.sign_in(owner.email, address="192.0.2.77")
    answer = elsewhere.send(STEP, code=code_now(app_secret))
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_the_second_step_ends_after_ten_minutes_and_with_a_new_password(browse, app_secret, staff, owner):
    visitor = browse()
    visitor.sign_in(owner.email)
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        assert visitor.get(STEP).location == "/staff/sign-in"
    staff.send("/staff/account/password", old_password=PASSWORD, new_password="mandazi-na-chai-moto")
    assert visitor.send(STEP, code=code_now(app_secret)).location.startswith("/staff/sign-in")


def test_without_a_password_there_is_no_second_step(visitor):
    assert visitor.get(STEP).location == "/staff/sign-in"
    assert visitor.send(STEP, code="123456").location == "/staff/sign-in"


def test_removing_the_app_takes_the_recovery_codes_along(staff, browse, app_secret, owner):
    assert staff.send(f"{PAGE}/app/remove", sure="1").status_code == 303
    assert browse().sign_in(owner.email).location == "/staff/"
    assert "Recovery codes" not in staff.get(PAGE).text


@pytest.fixture
def required(inside):
    """The owner requires a second factor of all staff."""
    inside(change_setting, "staff_second_factor_required", True, TESTER)


def test_the_owner_requires_it_on_the_staff_page(staff, inside):
    staff.send("/staff/settings/staff/second-factor", required="on")
    assert "checked" in staff.get("/staff/settings/staff").text
    staff.send("/staff/settings/staff/second-factor")
    assert "checked" not in staff.get("/staff/settings/staff").text


def test_who_is_signed_in_works_on_until_the_next_sign_in(staff, required):
    assert staff.get("/staff/").status_code == 200


def test_the_next_sign_in_begins_with_the_setup(browse, owner, required):
    visitor = browse()
    assert visitor.sign_in(owner.email).location == PAGE
    assert visitor.get("/staff/orders").location == PAGE
    assert visitor.get("/api/v1/customers").status_code == 403
    assert "Your shop requires a second factor" in visitor.get(PAGE).text
    secret = SECRET.search(visitor.send(f"{PAGE}/app").text)[1]
    assert visitor.send(f"{PAGE}/app/confirm", code=code_now(secret)).status_code == 200
    assert visitor.get("/staff/orders").status_code == 200


def test_the_last_factor_stays_where_the_shop_requires_one(staff, app_secret, required):
    answer = staff.send(f"{PAGE}/app/remove", sure="1")
    assert answer.status_code == 422
    assert "requires a second factor" in answer.text
    assert "Sign-in asks for the code" in answer.text


@pytest.fixture
def colleague(app_secret, browse, inside):
    """Another owner, signed in."""
    browser = browse()
    browser.sign_in(inside(factories.make_staff).email)
    return browser


def test_an_owner_resets_the_factor_of_another_person(colleague, staff, browse, owner, inside):
    reset = f"/staff/settings/staff/{owner.user_id}/reset-second-factor"
    assert staff.send(reset, sure="1").status_code == 422
    assert colleague.send(reset, sure="1").status_code == 303
    assert browse().sign_in(owner.email).location == "/staff/"
    actions = inside(lambda: [row.action for row in db.session.query(AuditEntry).order_by(AuditEntry.id)])
    assert actions[-1] == "staff.second_factor_reset"


def test_a_person_of_another_shop_cannot_be_reset(app, staff):
    with app.app_context():
        factories.make_shop()
        stranger = factories.make_staff()
    answer = staff.send(f"/staff/settings/staff/{stranger.user_id}/reset-second-factor", sure="1")
    assert answer.status_code == 404


# --- Passkeys ---


@pytest.fixture
def passkey(staff):
    """A passkey of the owner."""
    key = Authenticator(f"http://{staff.client.host}")
    options = staff.send(f"{PAGE}/passkey-options").get_json()
    answer = staff.send(f"{PAGE}/passkeys", credential=json.dumps(key.create(options)), name="My phone")
    assert answer.status_code == 200, answer.text
    assert len(CODE.findall(answer.text)) == 10
    return key


def use(browser, key, change=None):
    headers = {"X-CSRFToken": browser.token()}
    options = browser.client.post("/staff/sign-in/passkey-options", headers=headers).get_json()
    answer = key.get(options)
    return browser.client.post("/staff/sign-in/passkey", json=change(answer) if change else answer, headers=headers)


def test_a_passkey_alone_signs_in(browse, passkey):
    visitor = browse()
    answer = use(visitor, passkey)
    assert (answer.status_code, answer.get_json()) == (200, {"location": "/staff/"})
    assert visitor.get("/staff/").status_code == 200


def test_a_passkey_is_the_second_factor_after_the_password(browse, passkey, owner):
    visitor = browse()
    assert visitor.sign_in(owner.email).location == STEP
    assert "Use a passkey" in visitor.get(STEP).text
    passkey.flags = 0x01  # present, not unlocked: the password was given before
    assert use(visitor, passkey).status_code == 200
    assert visitor.get("/staff/").status_code == 200


def test_a_passkey_that_is_not_unlocked_does_not_replace_the_password(browse, passkey):
    passkey.flags = 0x01
    visitor = browse()
    assert use(visitor, passkey).status_code == 422
    assert visitor.get("/staff/").status_code == 302


def test_an_answer_does_not_count_twice(browse, passkey):
    visitor = browse()
    headers = {"X-CSRFToken": visitor.token()}
    options = visitor.client.post("/staff/sign-in/passkey-options", headers=headers).get_json()
    answer = passkey.get(options)
    assert visitor.client.post("/staff/sign-in/passkey", json=answer, headers=headers).status_code == 200
    other = browse()
    again = other.client.post("/staff/sign-in/passkey", json=answer, headers={"X-CSRFToken": other.token()})
    assert again.status_code == 422


def test_a_passkey_of_another_person_is_no_second_factor(browse, passkey, inside, staff):
    other = inside(factories.make_staff)
    browser = browse()
    browser.sign_in(other.email)
    secret = SECRET.search(browser.send(f"{PAGE}/app").text)[1]
    browser.send(f"{PAGE}/app/confirm", code=code_now(secret))
    visitor = browse()
    assert visitor.sign_in(other.email).location == STEP
    assert use(visitor, passkey).status_code == 422


@pytest.mark.parametrize("answer", [{}, {"id": "x"}, [], {"id": "AA", "rawId": "AA", "type": "public-key"}])
def test_nonsense_is_refused(visitor, passkey, answer):
    assert use(visitor, passkey, lambda _real: answer).status_code == 422


def test_a_passkey_made_elsewhere_is_refused(staff):
    key = Authenticator("https://evil.example")
    options = staff.send(f"{PAGE}/passkey-options").get_json()
    answer = staff.send(f"{PAGE}/passkeys", credential=json.dumps(key.create(options)))
    assert answer.status_code == 422


def test_a_passkey_is_listed_and_removed(staff, passkey, browse, owner):
    page = html.unescape(staff.get(PAGE).text)
    assert "My phone" in page
    remove = re.search(rf'action="({PAGE}/passkeys/[0-9]+/remove)"', page)[1]
    assert staff.send(remove, sure="1").status_code == 303
    assert use(browse(), passkey).status_code == 422
    assert browse().sign_in(owner.email).location == "/staff/"
    assert staff.send(remove, sure="1").status_code == 404
