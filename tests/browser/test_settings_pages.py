"""Store, staff and keys in a real browser: saved in place, errors at the field, double submission."""

import re

import pytest
from playwright.sync_api import expect

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
LONG = "Till at the back door, for deliveries from the depot in Industrial Area and for nobody else at all"


def open_page(seen, name):
    """Open a settings page with a mark that a reload would remove."""
    page = seen.open(f"/staff/settings/{name}")
    page.evaluate("window.stayed = true")
    return page


def answer(page, word):
    """Answer the confirmation in the page's dialog."""
    dialog = page.locator("dialog#confirm")
    dialog.get_by_role("button", name=word).click()
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_store_is_saved_in_place(watch, owner, size):
    seen = watch(viewport=size)
    seen.sign_in(owner)
    page = open_page(seen, "store")
    seen.assert_sound()
    page.get_by_label("Currency").fill("shillings")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#currency-wrong")).to_contain_text("three letters")
    expect(page.get_by_label("Currency")).to_be_focused()
    seen.assert_sound()
    page.get_by_label("Currency").fill("KES")
    page.get_by_label("Address").fill("Moi Avenue, Nairobi")
    page.get_by_role("button", name="Save").dblclick()
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    expect(page.locator("#currency-wrong")).to_have_count(0)
    page.get_by_role("button", name="Send a test e-mail").click()
    expect(page.locator("#toasts")).to_contain_text(f"Test e-mail sent to {owner.email}")
    expect(page).to_have_url(re.compile("/staff/settings/store$"))
    assert page.evaluate("window.stayed") is True
    seen.open("/staff/settings/audit?area=setting")
    expect(page.get_by_role("link", name="Address")).to_have_count(1)
    seen.assert_sound()
    seen.open("/staff/settings/store")
    page.get_by_label("Currency").fill("UGX")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Confirm a large change")).to_be_visible()
    page.get_by_role("button", name="Yes, make this change").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Currency")).to_have_value("UGX")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_key_is_made_once_shown_once_and_revoked(watch, owner, size):
    seen = watch(viewport=size)
    seen.sign_in(owner)
    page = open_page(seen, "keys")
    expect(page.get_by_text("No keys yet")).to_be_visible()
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_text("Enter a name for the key")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()
    page.get_by_label("Name").fill(LONG)
    page.get_by_role("button", name="Create key").dblclick()
    expect(page.get_by_label("Consumer secret")).to_have_value(re.compile("^cs_[0-9a-f]{32}$"))
    expect(page.locator("#keys")).to_have_text("Keys 1")
    first = page.get_by_label("Consumer secret").input_value()
    seen.assert_sound()
    page.get_by_role("link", name=f"Change {LONG}").click()
    expect(page.get_by_label("Name")).to_be_focused()
    seen.assert_sound()
    page.get_by_label("Requests per minute").fill("0")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Requests per minute")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Requests per minute").fill("600")
    page.get_by_role("button", name="Save").dblclick()
    expect(page.locator("#toasts")).to_contain_text("Key saved.")
    expect(page.get_by_text("600 requests per minute")).to_be_visible()
    page.get_by_role("button", name="New secret").click()
    answer(page, "Continue")
    expect(page.get_by_label("Consumer secret")).not_to_have_value(first)
    first = page.get_by_label("Consumer secret").input_value()
    page.get_by_role("button", name="New secret").click()
    answer(page, "Cancel")
    expect(page.get_by_label("Consumer secret")).to_have_value(first)
    page.get_by_role("button", name="New secret").click()
    answer(page, "Continue")
    expect(page.get_by_label("Consumer secret")).not_to_have_value(first)
    page.get_by_role("button", name=f"Revoke {LONG}").click()
    answer(page, "Continue")
    expect(page.locator("#toasts")).to_contain_text("Key revoked.")
    expect(page.get_by_text("No keys yet")).to_be_visible()
    expect(page.get_by_label("Consumer secret")).to_have_count(0)
    assert page.evaluate("window.stayed") is True
    seen.assert_sound()


def test_staff_are_invited_and_given_roles_in_place(watch, owner):
    seen = watch(viewport=PHONE)
    seen.sign_in(owner)
    page = open_page(seen, "staff")
    page.get_by_label(f"Role of {owner.name}").select_option("clerk")
    page.locator("form", has=page.get_by_label(f"Role of {owner.name}")).get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("owner")
    page.get_by_label("E-mail").fill("wambui@example.com")
    page.get_by_role("button", name="Send invitation").dblclick()
    expect(page.locator("#toasts")).to_contain_text("Invitation sent.")
    expect(page.get_by_text("wambui@example.com")).to_have_count(1)
    expect(page.get_by_label("E-mail")).to_have_value("")
    page.get_by_role("button", name="Withdraw").click()
    answer(page, "Continue")
    expect(page.locator("#toasts")).to_contain_text("withdrawn")
    assert page.evaluate("window.stayed") is True
    seen.assert_sound()


def test_what_was_done_is_said_to_screen_readers(watch, owner):
    watch(viewport=DESKTOP).sign_in(owner)  # another device, to be signed out
    seen = watch(viewport=DESKTOP)
    seen.sign_in(owner)
    page = seen.open("/staff/account/devices")
    heard = "window.heard = []; new MutationObserver(all => all.forEach(one => one.addedNodes.forEach(node => "
    heard += "window.heard.push(node.textContent)))).observe(document.querySelector('#toasts'), {childList: true})"
    page.add_init_script(f"document.addEventListener('DOMContentLoaded', () => {{ {heard} }})")
    page.reload(wait_until="networkidle")
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.locator("#toasts")).to_contain_text("Signed out everywhere else")
    expect(page.get_by_role("status")).to_have_attribute("aria-live", "polite")
    page.wait_for_function("window.heard.some(said => said.includes('Signed out everywhere else'))")
    assert seen.complaints == []
