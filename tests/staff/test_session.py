"""How a session begins, what it is worth, and all the ways in which it ends."""

from datetime import timedelta

import pytest

from shop.services import clock
from shop.services.staff.accounts import find_member, sign_out_everywhere
from tests import factories
from tests.factories import PASSWORD


def test_nothing_planted_before_sign_in_lives_on(visitor, owner):
    token = visitor.token()
    with visitor.session() as session:
        session["planted"] = "by somebody else"
    visitor.sign_in(owner.email)
    with visitor.session() as session:
        assert "planted" not in session
    assert visitor.client.post("/staff/sign-out", data={"csrf_token": token}).status_code == 400
    assert visitor.get("/staff/").status_code == 200


def test_the_cookie_is_kept_from_scripts_and_other_sites(visitor, owner):
    cookie = visitor.sign_in(owner.email).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires=" not in cookie  # it goes with the browser


def test_a_device_can_stay_signed_in_for_thirty_days(visitor, owner):
    begun = clock.now()
    cookie = visitor.send("/staff/sign-in", email=owner.email, password=PASSWORD, keep="y").headers["Set-Cookie"]
    assert "Expires=" in cookie
    with clock.moved_to(begun + timedelta(days=29, hours=23)):
        assert visitor.get("/staff/").status_code == 200
    with clock.moved_to(begun + timedelta(days=30, minutes=1)):
        assert visitor.get("/staff/").status_code == 302


def test_signing_out_everywhere_ends_a_kept_session_too_but_for_this_one(browse, owner):
    here, there = browse(), browse()
    for browser in (here, there):
        browser.send("/staff/sign-in", email=owner.email, password=PASSWORD, keep="y")
    begun = clock.now()
    assert here.send("/staff/account/sign-out-everywhere").status_code == 303
    assert there.get("/staff/").status_code == 302
    with clock.moved_to(begun + timedelta(days=20)):
        assert here.get("/staff/").status_code == 200


def test_a_session_ends_after_twelve_hours(staff):
    begun = clock.now()
    with clock.moved_to(begun + timedelta(hours=11, minutes=59)):
        assert staff.get("/staff/").status_code == 200
    with clock.moved_to(begun + timedelta(hours=12, minutes=1)):
        assert staff.get("/staff/").status_code == 302


def test_files_and_the_api_do_not_touch_the_cookie(staff):
    for path in ("/static/css/tuza.css", "/api/v1/customers"):
        with staff.get(path) as answer:
            assert "Set-Cookie" not in answer.headers


def test_signing_out_ends_the_session(staff):
    answer = staff.send("/staff/sign-out")
    assert answer.location == "/staff/sign-in"
    assert "You’ve signed out." in staff.get("/staff/sign-in").text
    assert staff.get("/staff/").status_code == 302


def test_signing_out_needs_the_sessions_token(staff):
    assert staff.client.post("/staff/sign-out").status_code == 400
    assert staff.get("/staff/").status_code == 200


def test_signing_out_everywhere_ends_all_sessions(app, browse, owner):
    browsers = [browse(), browse()]
    for browser in browsers:
        browser.sign_in(owner.email)
    with app.app_context():
        sign_out_everywhere(owner.user_id)
    assert [browser.get("/staff/").status_code for browser in browsers] == [302, 302]
    assert browsers[0].get("/api/v1/customers").status_code == 401
    assert browsers[0].sign_in(owner.email).status_code == 302


@pytest.mark.parametrize(
    "identity", ["", "1", "1.2.3", "a.b.c.d", "1.1.1." + "9" * 30, "9" * 30 + ".1.1.1", "0.0.0.0", ".kept"]
)
def test_a_session_of_nobody_is_none(visitor, identity):
    with visitor.session() as session:
        session["_user_id"] = identity
    assert visitor.get("/staff/").status_code == 302


def test_a_session_is_not_tied_to_an_address(staff):
    moved = {"REMOTE_ADDR": "198.51.100.7"}
    assert staff.get("/staff/", environ_overrides=moved, headers={"User-Agent": "another"}).status_code == 200


@pytest.fixture
def second_shop(app, owner):
    """Another shop, in which the owner of the first is a clerk."""
    with app.app_context():
        shop = factories.make_shop("Duka la Pili")
        factories.make_staff(owner.email, role="clerk")
    return shop


def test_who_has_one_shop_is_not_asked_which(staff):
    assert "Change shop" not in staff.get("/staff/").text


def test_who_has_several_shops_can_change(staff, owner, second_shop):
    assert "Change shop" in staff.get("/staff/").text
    assert staff.send("/staff/shop", shop_id=str(second_shop.id)).location == "/staff/"
    with staff.session() as session:
        assert session["_user_id"].startswith(f"{owner.user_id}.{second_shop.id}.")
    assert "Duka la Pili · Tuza" in " ".join(staff.get("/staff/").text.split())


def test_changing_shop_does_not_make_the_session_longer(staff, second_shop):
    begun = clock.now()
    with clock.moved_to(begun + timedelta(hours=11)):
        staff.send("/staff/shop", shop_id=str(second_shop.id))
    with clock.moved_to(begun + timedelta(hours=13)):
        assert staff.get("/staff/").status_code == 302


def test_a_shop_one_does_not_belong_to_is_no_shop(app, staff, owner):
    with app.app_context():
        foreign = factories.make_shop()
    for shop_id in (str(foreign.id), "0", "-1", "x", "", "9" * 40, "²"):
        assert staff.send("/staff/shop", shop_id=shop_id).status_code == 404
    with app.app_context():
        assert find_member(owner.user_id, foreign.id) is None
    assert owner.shop_name in staff.get("/staff/").text
