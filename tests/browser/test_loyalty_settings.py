"""The loyalty rules in a real browser: previewed while typing, saved in place, by keyboard, without scripts."""

import re

import pytest
from playwright.sync_api import expect

from shop.db.tenant import use_shop
from shop.services.shops.settings import get_settings
from tests import factories

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PAGE = "/staff/settings/loyalty"
RATE, SMALLEST = "Points for each KES 1.00 spent", "Minimum order to earn"


@pytest.fixture
def sold(app, owner):
    """Two paid orders of the owner's shop; yields a function that reads a setting."""

    def kept(key):
        with app.app_context():
            use_shop(owner.shop_id)
            return get_settings().values[key]

    with app.app_context():
        use_shop(owner.shop_id)
        jane = factories.make_customer()
        for subtotal in (15000, 240000):
            factories.make_order(jane, subtotal, payment_status="paid")
    return kept


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_rules_are_tried_out_and_saved_in_place(watch, owner, sold, screen):
    seen = watch(viewport=screen)
    seen.sign_in(owner)
    page = seen.open(PAGE)
    expect(page.locator("#savebar")).to_contain_text("No unsaved changes")
    seen.assert_sound()
    page.get_by_label(RATE).fill("1.5")
    page.get_by_label(SMALLEST).fill("200")
    effect = page.locator("#effect")
    expect(effect).to_contain_text("3,600 pts")
    expect(effect.get_by_role("row", name="Points given")).to_contain_text(re.compile(r"2,550\s*3,600"))
    expect(page.locator("#savebar")).to_contain_text(re.compile(r"2\s+unsaved changes"))
    expect(page.get_by_label(SMALLEST)).to_be_focused()
    expect(page.get_by_label(SMALLEST)).to_have_value("200")
    assert sold("loyalty_points_per_currency_unit") == "1"
    seen.assert_sound()
    page.locator("#save").click()
    expect(page.get_by_role("row", name="Points given in the last 90 days")).to_contain_text("3,600")
    page.get_by_role("button", name="Yes, make this change").click()
    expect(page.get_by_text("2 changes saved")).to_be_visible()
    expect(page.locator("#changes")).to_contain_text("1 point → 1.5 points")
    expect(page.locator("#savebar")).to_contain_text("No unsaved changes")
    expect(page.get_by_label(SMALLEST)).to_have_value("200.00")
    assert sold("loyalty_points_per_currency_unit") == "1.5"
    seen.assert_sound()


def test_a_wrong_value_is_refused_beside_its_field(watch, owner, sold):
    seen = watch(viewport=DESKTOP)
    seen.sign_in(owner)
    page = seen.open(PAGE)
    page.get_by_label("Code expires after").fill("90")
    page.get_by_label(RATE).fill("2")
    page.keyboard.press("Control+s")
    field = page.get_by_label("Code expires after")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#loyalty_otp_ttl_minutes-wrong")).to_have_text("Must be from 1 to 60.")
    assert sold("loyalty_points_per_currency_unit") == "1"
    seen.assert_sound()


def test_the_keyboard_changes_puts_back_and_saves(watch, owner, sold):
    seen = watch(viewport=DESKTOP)
    seen.sign_in(owner)
    page = seen.open(PAGE)
    page.get_by_label("Loyalty points").focus()
    page.keyboard.press("Space")
    expect(page.locator("#rule-loyalty_points_enabled")).to_contain_text("Today: On")
    expect(page.locator("#effect")).to_contain_text("Customers can’t earn or use points any more.")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Undo Loyalty points")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Loyalty points")).to_be_focused()
    expect(page.locator("#savebar")).to_contain_text("No unsaved changes")
    page.get_by_label("Add points when").focus()
    page.get_by_label("Add points when").select_option("either comes first")
    expect(page.locator("#savebar")).to_contain_text("1 unsaved change")
    page.keyboard.press("Control+s")
    expect(page.locator("#toasts")).to_contain_text("1 change saved")
    expect(page.get_by_label("Add points when")).to_be_focused()
    assert (sold("loyalty_points_enabled"), sold("loyalty_award_trigger")) == ("true", "either")
    seen.assert_sound()


def test_an_answer_to_what_stood_there_before_is_dropped(watch, owner, sold):
    seen = watch(viewport=DESKTOP)
    seen.sign_in(owner)
    page = seen.open(PAGE)
    held = []
    page.route("**/preview", lambda route: held.append(route) if not held else route.continue_())
    rate = page.get_by_label(RATE)
    with page.expect_request("**/preview"):
        rate.fill("2")
    rate.press_sequentially(".25")
    page.get_by_label(SMALLEST).focus()
    held[0].continue_()
    expect(page.locator("#effect")).to_contain_text("5,400 pts")
    expect(rate).to_have_value("2.25")
    expect(page.locator("#savebar")).to_contain_text("1 unsaved change")


def test_discarding_restores_the_current_settings(watch, owner, sold):
    seen = watch(viewport=DESKTOP)
    seen.sign_in(owner)
    page = seen.open(PAGE)
    page.get_by_label(RATE).fill("9")
    page.get_by_role("link", name="Discard").click()
    expect(page.get_by_label(RATE)).to_have_value("1")
    expect(page.locator("#savebar")).to_contain_text("No unsaved changes")
    expect(page.locator("#effect")).to_contain_text("Saved")
    seen.assert_sound()


def test_all_of_it_works_without_scripts(watch, owner, sold):
    seen = watch(viewport=PHONE, java_script_enabled=False)
    seen.sign_in(owner)
    page = seen.open(PAGE)
    page.get_by_label(RATE).fill("1.5")
    page.get_by_label(SMALLEST).fill("x")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#effect")).to_contain_text("3,600 pts")
    expect(page.locator("#loyalty_min_order_subtotal_to_earn-wrong")).to_have_text("Must be a number such as 1245.50.")
    page.get_by_role("button", name=f"Undo {SMALLEST}").click()
    expect(page.get_by_label(SMALLEST)).to_have_value("0.00")
    page.get_by_label(RATE).press("Enter")
    page.get_by_role("button", name="Yes, make this change").click()
    expect(page.get_by_text("1 change saved")).to_be_visible()
    assert sold("loyalty_points_per_currency_unit") == "1.5"
    expect(page.locator("#changes")).to_contain_text("1 point → 1.5 points")
