"""Passkeys in a real browser, with its virtual authenticator."""

import pytest
from playwright.sync_api import expect

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
