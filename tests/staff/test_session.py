"""How a session starts, what it allows, and all the ways in which it ends."""

from datetime import timedelta

import pytest

from shop.services import clock
from shop.services.staff.accounts import find_member
from shop.services.staff.sessions import end_sessions
from tests import factories
from tests.factories import PASSWORD


def test_nothing_set_before_sign_in_is_kept(visitor, owner):
    token = visitor.token()
    with visitor.session() as session:
        session["planted"] = "by somebody else"
    visitor.sign_in(owner.email)
    with visitor.session() as session:
        assert "planted" not in session
    assert visitor.client.post("/staff/sign-out", data={"csrf_token": token}).status_code == 400
    assert visitor.get("/staff/").status_code == 200


def test_the_cookie_is_kept_from_scripts_and_other_sites(visitor, owner):
    cookies = visitor.sign_in(owner.email).headers.getlist("Set-Cookie")
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
    assert "Expires=" not in next(cookie for cookie in cookies if "tuza_session=" in cookie)  # it goes with the browser


def test_a_remembered_device_stays_signed_in_for_thirty_days_without_requests(visitor, owner):
    begun = clock.now()
    answer = visitor.send("/staff/sign-in", email=owner.email, password=PASSWORD, keep="y")
    assert any("tuza_session=" in cookie and "Expires=" in cookie for cookie in answer.headers.getlist("Set-Cookie"))
    with clock.moved_to(begun + timedelta(days=29, hours=23)):
        assert visitor.get("/staff/").status_code == 200
    with clock.moved_to(begun + timedelta(days=60)):
        assert visitor.get("/staff/").status_code == 302


def test_a_remembered_device_is_signed_out_after_ninety_days(visitor, owner):
    begun = clock.now()
    visitor.send("/staff/sign-in", email=owner.email, password=PASSWORD, keep="y")
    for days in (25, 50, 75, 89):
        with clock.moved_to(begun + timedelta(days=days)):
            assert visitor.get("/staff/").status_code == 200
    with clock.moved_to(begun + timedelta(days=90, minutes=1)):
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


def test_a_session_ends_after_twelve_hours_without_requests(staff):
    begun = clock.now()
    with clock.moved_to(begun + timedelta(hours=11, minutes=59)):
        assert staff.get("/staff/").status_code == 200
    with clock.moved_to(begun + timedelta(hours=23, minutes=58)):
        assert staff.get("/staff/").status_code == 200
    with clock.moved_to(begun + timedelta(hours=24, minutes=1)):
        assert staff.get("/staff/").status_code == 302


def test_a_session_that_is_not_used_ends_after_twelve_hours(staff):
    with clock.moved_to(clock.now() + timedelta(hours=12, minutes=1)):
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
        end_sessions(owner.user_id)
    assert [browser.get("/staff/").status_code for browser in browsers] == [302, 302]
    assert browsers[0].get("/api/v1/customers").status_code == 401
    assert browsers[0].sign_in(owner.email).status_code == 302


@pytest.mark.parametrize(
    "identity", ["", "1", "1.2.3", "a.b.c.d", "1.1.1." + "9" * 30, "9" * 30 + ".1.1.1", "0.0.0.0", ".kept"]
)
def test_a_session_without_person_is_none(visitor, identity):
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


def test_a_member_of_one_shop_is_not_asked_to_choose(staff):
    assert "Change shop" not in staff.get("/staff/").text


def test_a_member_of_several_shops_can_change_the_shop(staff, owner, second_shop):
    assert "Change shop" in staff.get("/staff/").text
    assert staff.send("/staff/shop", shop_id=str(second_shop.id)).location == "/staff/"
    assert "Duka la Pili · Tuza" in " ".join(staff.get("/staff/").text.split())


def test_changing_shop_does_not_make_the_session_longer(staff, second_shop):
    begun = clock.now()
    with clock.moved_to(begun + timedelta(hours=11)):
        staff.send("/staff/shop", shop_id=str(second_shop.id))
    with clock.moved_to(begun + timedelta(hours=20)):
        assert staff.get("/staff/").status_code == 200
    with clock.moved_to(begun + timedelta(hours=25)):
        assert staff.get("/staff/").status_code == 302


def test_a_shop_one_does_not_belong_to_is_no_shop(app, staff, owner):
    with app.app_context():
        foreign = factories.make_shop()
    for shop_id in (str(foreign.id), "0", "-1", "x", "", "9" * 40, "²"):
        assert staff.send("/staff/shop", shop_id=shop_id).status_code == 404
    with app.app_context():
        assert find_member(owner.user_id, foreign.id) is None
    assert owner.shop_name in staff.get("/staff/").text


@pytest.fixture
def copy_cookies(browse):
    """Copies the session cookie of a browser into another one."""

    def copy(browser):
        other = browse()
        cookie = browser.client.get_cookie("tuza_session", domain=browser.client.host)
        other.client.set_cookie("tuza_session", cookie.value, domain=other.client.host)
        return other

    return copy


def test_a_copied_cookie_is_worthless_after_sign_out(staff, copy_cookies):
    thief = copy_cookies(staff)
    assert thief.get("/staff/customers").status_code == 200
    staff.send("/staff/sign-out")
    assert thief.get("/staff/customers").status_code == 302
    assert thief.get("/api/v1/customers").status_code == 401


def test_a_copied_cookie_is_worthless_after_a_change_of_password(staff, browse, owner, copy_cookies):
    elsewhere = browse()
    elsewhere.sign_in(owner.email)
    thief = copy_cookies(elsewhere)
    new = "mandazi-na-chai-moto"
    assert staff.send("/staff/account/password", old_password=PASSWORD, new_password=new).status_code == 303
    assert [browser.get("/staff/").status_code for browser in (thief, elsewhere, staff)] == [302, 302, 200]


def test_a_session_does_not_come_back_when_a_person_does(staff, browse, inside):
    colleague = inside(factories.make_staff)
    browser = browse()
    browser.sign_in(colleague.email)
    staff.send(f"/staff/settings/staff/{colleague.user_id}/remove", sure="1")
    assert browser.get("/staff/").status_code == 302
    inside(factories.make_staff, colleague.email)
    assert browser.get("/staff/").status_code == 302


def old_cookie(owner, since, kept=False):
    identity = f"{owner.user_id}.{owner.shop_id}.{owner.session_version}.{int(since.timestamp())}"
    return f"{identity}.kept" if kept else identity


def test_a_cookie_from_before_sessions_were_rows_goes_on_and_ends_for_good(browse, owner):
    browsers = [browse(), browse()]
    for browser in browsers:
        with browser.session() as session:
            session["_user_id"] = old_cookie(owner, clock.now() - timedelta(hours=1), kept=True)
    assert [browser.get("/staff/").status_code for browser in browsers] == [200, 200]
    browsers[0].send("/staff/sign-out")
    assert browsers[1].get("/staff/").status_code == 302
    assert browsers[1].get("/staff/").status_code == 302


@pytest.mark.parametrize(("age", "kept"), [(timedelta(hours=13), False), (timedelta(days=31), True)])
def test_a_cookie_from_before_lasts_as_long_as_it_was_promised(visitor, owner, age, kept):
    with visitor.session() as session:
        session["_user_id"] = old_cookie(owner, clock.now() - age, kept=kept)
    assert visitor.get("/staff/").status_code == 302


def test_a_page_of_another_shop_gets_and_changes_nothing(staff):
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "X-Shop-Id": "999999"}
    answer = staff.get("/staff/customers", headers=headers)
    assert answer.status_code == 409
    assert "another shop in another tab" in answer.text
