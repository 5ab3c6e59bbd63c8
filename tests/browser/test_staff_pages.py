"""The staff pages in a real browser, by keyboard too: accessible, and within the Content-Security-Policy."""

import re

import pytest
from playwright.sync_api import expect

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SWAGGER_MS = 30_000
"""How long to wait for Swagger UI, which is slow on a busy machine."""


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def seen(request, watch):
    """A watched page, on a desktop and on a phone."""
    return watch(viewport=request.param)


def test_sign_in_and_first_page(seen, owner):
    page = seen.open("/staff/sign-in")
    seen.assert_sound()
    seen.sign_in_by_form(owner, "not the password")
    expect(page.get_by_role("alert").first).to_contain_text("Wrong e-mail or password.")
    expect(page.get_by_label("Password")).to_be_focused()
    seen.assert_sound()
    seen.sign_in_by_form(owner)
    expect(page).to_have_url(re.compile("/staff/$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")
    seen.assert_sound()


def test_menus(seen, owner):
    page = seen.sign_in_by_form(owner)
    page.locator("[popovertarget]:visible").first.click()
    expect(page.locator("[popover]:popover-open")).to_contain_text("Duka la Pili")
    seen.assert_sound()
    page.locator("[popover]:popover-open").get_by_role("button", name="Duka la Pili").click()
    expect(page).to_have_title(re.compile("Duka la Pili"))
    seen.assert_sound()


def test_the_page_for_refusals(seen):
    page = seen.open("/nowhere")
    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
    seen.assert_sound()
    page.get_by_role("link", name="Back to Overview").click()
    expect(page).to_have_url(re.compile("/staff/sign-in"))


def test_the_list_of_operations(seen):
    seen.open("/api/docs")
    seen.assert_sound()


def test_an_operation(watch):
    seen = watch(viewport=DESKTOP)
    page = seen.open("/api/docs")
    page.locator("a[href*='tag=Till&']").first.click()
    expect(page.locator(".opblock.is-open .opblock-body")).to_be_visible(timeout=SWAGGER_MS)
    seen.assert_sound()
    page.get_by_role("button", name="Authorize").first.click()
    expect(page.locator(".modal-ux")).to_be_visible(timeout=SWAGGER_MS)
    page.set_viewport_size(PHONE)
    seen.assert_sound(".modal-ux")


def test_the_keyboard_is_enough(watch, owner):
    page = watch(viewport=DESKTOP).open("/staff/sign-in")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(owner.email)
    page.keyboard.press("Tab")
    page.keyboard.type("maziwa-na-chai-7")
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.get_by_role("button", name="Change shop").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#shops")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#shops")).to_be_hidden()
    expect(page.get_by_role("button", name="Change shop")).to_be_focused()


def test_signing_out_ends_at_the_sign_in(watch, owner):
    seen = watch(viewport=DESKTOP)
    page = seen.sign_in_by_form(owner)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You’ve signed out.")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert seen.complaints == []


def test_everything_works_without_scripts(watch, owner):
    seen = watch(viewport=PHONE, java_script_enabled=False)
    page = seen.sign_in_by_form(owner)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Duka la Pili").click()
    expect(page).to_have_title(re.compile("Duka la Pili"))
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You’ve signed out.")).to_be_visible()
