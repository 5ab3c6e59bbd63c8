"""A customer's page in a real browser: adjust in place, explain, filter by day; with scripts and without."""

import re

import pytest
from playwright.sync_api import expect

from shop.db.tenant import use_shop
from shop.services.customers.notes import add_note
from shop.services.loyalty.adjustments import adjust_points
from shop.services.orders.lifecycle import set_payment_status
from shop.services.staff.accounts import find_member
from tests import factories
from tests.factories import TESTER

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
LONG = "Wanjiku wa Kamau Nyambura Njeri Wangari Waithera Muthoni-Gathoni-Wairimu"


@pytest.fixture
def jane(app, owner):
    """A customer with a long name, 1,480 points, an order and notes, in the owner's first shop."""
    with app.app_context():
        use_shop(find_member(owner.user_id).shop_id)
        jane = factories.make_customer(first_name=LONG, last_name="Kamau", phone="0712345678", points=5680)
        product = factories.make_product(price_cents=98075)
        placed = factories.place(jane, [(product, 1)], points=4200)
        set_payment_status(placed.order.id, "paid", TESTER)
        for number in range(25):
            adjust_points(jane.id, number + 1, "Counted again", TESTER)
        adjust_points(jane.id, -1305, "Correction: " + "x" * 300, TESTER)
        add_note(jane.id, "Calls ahead on Saturdays.\nKeep two bunches of sukuma aside. " + "y" * 200, TESTER)
        return jane.id


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_page_is_sound_whatever_is_open(watch, owner, jane, size):
    seen = watch(viewport=size)
    page = seen.sign_in(owner)
    for query in ("", "?why=3", "?open=edit", "?open=delete", "?open=address", "?kind=returned&from=2026-01-01"):
        seen.open(f"/staff/customers/{jane}{query}")
        seen.assert_sound()
        assert seen.barriers(rules=["target-size"]) == []
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wanjiku")


def test_points_are_adjusted_in_place_with_the_balance_said_before(watch, owner, jane):
    seen = watch(viewport=DESKTOP)
    seen.sign_in(owner)
    page = seen.open(f"/staff/customers/{jane}?kind=earned")
    page.evaluate("window.same = true")
    page.locator("#adjust-points").fill("250")
    expect(page.locator("#after output")).to_have_text(re.compile(r"1,480 \+ 250 = 1,730 pts worth KES 17\.30"))
    page.locator("#adjust").get_by_text("Remove", exact=True).click()
    expect(page.locator("#after output")).to_have_text(re.compile(r"1,480 − 250 = 1,230 pts"))
    page.get_by_text("Add", exact=True).first.click()
    page.get_by_label("Reason").select_option("Correction")
    page.get_by_role("button", name="Add 250 points").click()
    expect(page.get_by_text("Add a note")).to_be_visible()
    expect(page.locator("#adjust-note")).to_be_focused()
    expect(page.locator("#adjust-points")).to_have_value("250")
    seen.assert_sound()
    page.locator("#adjust-note").fill("Milk was sour")
    page.get_by_role("button", name="Add 250 points").dblclick()
    expect(page.locator("#toasts")).to_contain_text("250 points added")
    expect(page.locator(".hero")).to_contain_text("1,730")
    first = page.locator("#ledger tbody tr").first
    expect(first).to_contain_text("Correction: Milk was sour")
    expect(first).to_contain_text("+250")
    expect(page.locator("#timeline li").first).to_contain_text("added 250 points")
    expect(page.locator("#adjust-note")).to_have_value("")
    expect(page).to_have_url(re.compile(rf"/staff/customers/{jane}$"))
    page.wait_for_load_state("networkidle")
    expect(page.locator("#ledger .views")).to_contain_text("All 30")
    assert page.evaluate("window.same") is True
    seen.assert_sound()


def test_by_keyboard_alone(watch, owner, jane):
    seen = watch(viewport=DESKTOP)
    seen.sign_in(owner)
    page = seen.open(f"/staff/customers/{jane}")
    page.locator("#adjust-points").focus()
    page.keyboard.type("20")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Said sorry")
    page.keyboard.press("Enter")
    expect(page.locator(".hero")).to_contain_text("1,500")
    why = page.locator("#why-30")
    why.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".proof")).to_contain_text("1,480 + 20 = 1,500 points")
    expect(page.locator("#why-30")).to_be_focused()
    expect(page.locator("#why-30")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Enter")
    expect(page.locator(".proof")).to_have_count(0)
    assert seen.complaints == []


def test_the_ledger_is_filtered_paged_and_back_works(watch, owner, jane):
    seen = watch(viewport=DESKTOP)
    seen.sign_in(owner)
    page = seen.open(f"/staff/customers/{jane}")
    page.get_by_role("link", name="Older", exact=True).click()
    expect(page.locator("#ledger tbody tr").last).to_contain_text("Adjusted")
    expect(page.locator("#ledger")).to_be_focused()
    expect(page.locator("#h-ledger")).to_be_in_viewport()
    expect(page).to_have_url(re.compile("before="))
    page.locator("#kind-earned").click()
    expect(page).to_have_url(re.compile(r"kind=earned$"))
    expect(page.locator("#ledger tbody tr")).to_have_count(1)
    page.locator("#why-3").click()
    expect(page.locator(".proof")).to_contain_text("980.75 × 1 = 980.75 → 980 points")
    expect(page).to_have_url(re.compile(r"kind=earned&why=3$"))
    page.go_back()
    expect(page).to_have_url(re.compile("before="))
    expect(page.locator("#kind-all")).to_have_attribute("aria-current", "true")
    page.locator("#ledger-from").fill("2000-02-03")
    page.locator("#ledger-from").blur()
    expect(page).to_have_url(re.compile("from=2000-02-03"))
    page.get_by_role("link", name="30 days").click()
    expect(page.get_by_role("link", name="30 days")).to_have_attribute("aria-current", "true")
    assert seen.complaints == []


def test_details_addresses_and_notes_are_changed_in_place(watch, owner, jane):
    seen = watch(viewport=DESKTOP)
    seen.sign_in(owner)
    seen.open("/staff/")  # where "back" leads from a deleted customer
    page = seen.open(f"/staff/customers/{jane}")
    page.evaluate("window.same = true")
    page.get_by_role("link", name="Edit", exact=True).click()
    expect(page.get_by_label("First name")).to_be_focused()
    page.get_by_label("First name").fill("<script>alert(1)</script>")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("<script>alert(1)</script> Kamau")
    expect(page).to_have_title(re.compile("alert"))
    page.get_by_role("link", name="Add an address").click()
    page.get_by_label("Street").fill("Kirichwa Road")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Enter the town")).to_be_visible()
    page.get_by_label("Town").fill("Nairobi")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#addresses .list")).to_contain_text("Kirichwa Road")
    page.get_by_label("New note").fill("Likes mangoes")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#notes li").first).to_contain_text("Likes mangoes")
    page.locator("#notes li").last.get_by_role("button", name="Pin to the top").click()
    expect(page.locator("#notes li").first).to_contain_text("Calls ahead")
    page.get_by_role("button", name="Delete note").click()
    asked = page.get_by_role("dialog", name="Delete this note?")
    asked.get_by_role("button", name="Continue").click()
    expect(asked).to_be_hidden()
    expect(page.locator("#notes li")).to_have_count(1)
    assert page.evaluate("window.same") is True
    seen.assert_sound()
    page.get_by_role("link", name="Delete customer").click()
    typed = page.get_by_label("Type the customer’s e-mail to confirm")
    typed.fill("wrong@example.com")
    page.get_by_role("button", name="Delete customer").click()
    expect(page.get_by_text("Not deleted")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/staff/customers/{jane}(\?open=delete)?$"))
    typed.fill(page.locator("#typed-email-help").inner_text())
    page.get_by_role("button", name="Delete customer").click()
    expect(page.locator("#toasts")).to_contain_text("Customer deleted.")
    expect(page).to_have_url(re.compile("/staff/customers$"))
    page.go_back()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Page not found")


def test_all_of_it_works_without_scripts(watch, owner, jane):
    seen = watch(viewport=PHONE, java_script_enabled=False)
    seen.sign_in(owner)
    page = seen.open(f"/staff/customers/{jane}")
    page.locator("#adjust-points").fill("250")
    page.locator("#adjust-note").fill("Milk was sour")
    page.get_by_role("button", name="See the new balance").click()
    expect(page.locator("#after output")).to_contain_text("= 1,730 pts")
    page.get_by_role("button", name="Add 250 points").click()
    expect(page.locator("#toasts")).to_contain_text("250 points added")
    expect(page.locator(".hero")).to_contain_text("1,730")
    page.locator("#why-30").click()
    expect(page.locator(".proof")).to_contain_text("1,480 + 250 = 1,730 points")
    page.locator("#kind-redeemed").click()
    expect(page.locator("#ledger tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Delete customer").click()
    page.get_by_label("Type the customer’s e-mail to confirm").fill("wrong@example.com")
    page.get_by_role("button", name="Delete customer").click()
    expect(page.get_by_text("Not deleted")).to_be_visible()
    email = page.locator("#typed-email-help").inner_text()
    page.get_by_label("Type the customer’s e-mail to confirm").fill(email)
    page.get_by_role("button", name="Delete customer").click()
    expect(page.locator("#toasts")).to_contain_text(
        "Customer deleted. Their orders and points entries are kept without a name."
    )
