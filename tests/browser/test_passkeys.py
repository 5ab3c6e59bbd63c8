"""Passkeys in a real browser, with its virtual authenticator."""

import pytest
from playwright.sync_api import expect

from shop.db.tenant import use_shop
from shop.services.customers.records import create_customer
from shop.services.loyalty.adjustments import adjust_points
from shop.services.shops.settings import change_settings
from tests import factories
from tests.factories import TESTER

DESKTOP = {"width": 1280, "height": 900}
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


@pytest.fixture
def with_authenticator(watch):
    """A watched page whose browser has an authenticator; passkeys need a host name, so it is ``localhost``."""
    seen = watch(viewport=DESKTOP)
    seen.address = seen.address.replace("127.0.0.1", "localhost")
    session = seen.page.context.new_cdp_session(seen.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return seen


def test_a_passkey_is_added_and_signs_in_without_a_password(with_authenticator, owner):
    seen = with_authenticator
    seen.sign_in(owner)
    page = seen.open("/staff/account/second-factor")
    page.get_by_label("Name of the passkey").fill("Till phone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Passkey added.")).to_be_visible()
    expect(page.get_by_text("Till phone", exact=True)).to_be_visible()
    page.context.clear_cookies()
    seen.open("/staff/sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")
    assert seen.complaints == []


def test_a_manager_approves_with_a_passkey_at_the_till(with_authenticator, owner, app):
    with app.app_context():
        use_shop(owner.shop_id)
        jane = create_customer("jane@example.com", phone="0712000118", first_name="Jane").id
        adjust_points(jane, 5_000, "Brought over", TESTER)
        change_settings({"till_redeem_without_code": "10"}, TESTER)
        clerk, manager = (factories.make_staff(role=role) for role in ("clerk", "manager"))
    seen = with_authenticator
    seen.sign_in(manager)
    page = seen.open("/staff/account/second-factor")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Passkey added.")).to_be_visible()
    page.context.clear_cookies()
    seen.sign_in(clerk)
    seen.open(f"/staff/till/sale?customer={jane}")
    page.get_by_role("link", name="Use points or a coupon").click()
    page.get_by_label("Amount").fill("960")
    page.get_by_label("Points to use").fill("1000")
    page.get_by_text("Without a code").click()
    approve = page.get_by_role("button", name="Approve with the manager’s passkey")
    approve.click()
    expect(page.get_by_text("Is required")).to_be_visible()
    page.get_by_label("Reason").fill("Phone is off")
    approve.click()
    expect(page.get_by_text("KES 950.00")).to_be_visible()
    assert seen.complaints == []
