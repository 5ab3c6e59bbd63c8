"""The list of devices that someone is signed in with."""

import re

import pytest

from tests import factories
from tests.factories import PASSWORD

CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36"
ENDS = re.compile(r'action="(/staff/account/devices/[0-9]+/sign-out)"')


@pytest.fixture
def phone(browse, owner):
    """The owner's phone, signed in."""
    browser = browse()
    fields = {"csrf_token": browser.token(), "email": owner.email, "password": PASSWORD}
    browser.client.post("/staff/sign-in", data=fields, headers={"User-Agent": CHROME})
    return browser


def test_each_device_is_named_and_this_one_is_marked(staff, phone):
    page = staff.get("/staff/account/devices").text
    assert "Chrome on Android" in page
    assert page.count("(this device)") == 1
    assert len(set(ENDS.findall(page))) == 2


def test_another_device_is_signed_out(staff, phone):
    page = staff.get("/staff/account/devices").text
    this, other = ENDS.findall(page)
    if page.index("(this device)") > page.index(this):
        this, other = other, this
    assert staff.send(other).status_code == 303
    assert phone.get("/staff/").status_code == 302
    assert staff.get("/staff/").status_code == 200


def test_all_others_are_signed_out(staff, phone):
    assert staff.send("/staff/account/sign-out-everywhere").location == "/staff/account/devices"
    assert phone.get("/staff/").status_code == 302
    assert len(ENDS.findall(staff.get("/staff/account/devices").text)) == 1


def test_this_device_is_signed_out_like_by_the_menu(staff):
    [this] = ENDS.findall(staff.get("/staff/account/devices").text)
    assert staff.send(this).location == "/staff/sign-in"
    assert staff.get("/staff/").status_code == 302


def test_a_device_of_another_person_cannot_be_signed_out(staff, browse, inside):
    stranger = browse()
    stranger.sign_in(inside(factories.make_staff).email)
    [foreign] = ENDS.findall(stranger.get("/staff/account/devices").text)
    assert staff.send(foreign).status_code == 404
    assert stranger.get("/staff/").status_code == 200
