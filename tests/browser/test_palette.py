"""The search dialog in a real browser, by keyboard alone."""

import re

import pytest
from playwright.sync_api import expect

from shop.db.tenant import use_shop
from tests import factories


@pytest.fixture
def seen(watch, app, owner):
    with app.app_context():
        use_shop(owner.shop_id)
        factories.make_customer("wanjiku@example.com", first_name="Wanjiku", last_name="Njenga")
    seen = watch()
    seen.sign_in(owner)
    seen.open("/staff/")
    return seen


def test_a_customer_is_found_and_opened_by_keyboard(seen):
    page = seen.page
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox")
    expect(field).to_be_focused()
    expect(page.get_by_role("option", name="Overview")).to_have_attribute("aria-selected", "true")
    assert seen.barriers("#palette") == []
    page.keyboard.type("wanjiku")
    option = page.get_by_role("option", name="Wanjiku Njenga")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", option.get_attribute("id"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/staff/customers/\d+$"))
    assert seen.complaints == []


def test_the_arrow_keys_go_round_and_escape_closes(seen):
    page = seen.page
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option", name="Overview")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="Till", exact=True)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.get_by_role("link", name="Search").first.click()
    expect(page.get_by_role("combobox")).to_be_focused()
