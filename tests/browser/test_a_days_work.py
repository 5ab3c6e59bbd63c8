"""A day of work, from sign-in to a cancelled order, by keyboard alone."""

import re

import pytest
from playwright.sync_api import expect

from shop.db.tenant import use_shop
from shop.web.http.rate_limit import limiter
from tests import factories
from tests.factories import PASSWORD

DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture
def app(large_shop):
    """The application with 100,000 customers, before any sign-in attempt."""
    limiter.reset()
    return large_shop[0]


@pytest.fixture
def order(app, large_shop):
    """An unpaid order of 2,400.00 of one of the 100,000 customers."""
    _app, owner, person = large_shop
    with app.app_context():
        use_shop(owner.shop_id)
        return factories.make_order(person, 240000)


def test_the_keyboard_is_enough_for_a_days_work(watch, large_shop, order):
    _app, owner, person = large_shop
    seen = watch(viewport=DESKTOP)
    page, press, write = seen.page, seen.page.keyboard.press, seen.page.keyboard.type

    def follow(name, within=None):
        (within or page).get_by_role("link", name=name, exact=True).first.focus()
        press("Enter")

    seen.open("/staff/sign-in")
    write(owner.email)
    press("Tab")
    write(PASSWORD)
    press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")

    follow("Customers")
    page.get_by_role("heading", name="Customers").wait_for()
    press("/")
    write(person.email)
    expect(page.locator("#rows > tr")).to_have_count(1)
    press("ArrowDown")
    press("Enter")
    expect(page).to_have_url(re.compile(rf"/customers/{person.id}$"))
    page.locator("#adjust-points").focus()
    write("20")
    expect(page.locator("#after output")).to_contain_text("+ 20 =")
    press("Tab")
    press("Tab")
    write("Waited in the rain")
    press("Enter")
    expect(page.locator("#ledger tbody tr").first).to_contain_text("Waited in the rain")
    expect(page.locator("#ledger tbody tr").first).to_contain_text("+20")

    follow("Loyalty rules")
    page.get_by_label("Points for each KES 1.00 spent").focus()
    press("ControlOrMeta+a")
    write("2")
    expect(page.locator("#effect")).to_contain_text("4,800 pts")
    press("ControlOrMeta+s")
    expect(page.locator("#toasts")).to_contain_text("1 change saved")

    follow("Orders")
    page.get_by_role("heading", name="Orders").wait_for()
    press("/")
    write(order.order_number)
    expect(page.locator("#rows > tr")).to_have_count(1)
    press("ArrowDown")
    press("Enter")
    steps = page.get_by_role("region", name="Payment and status")
    follow("Mark paid", steps)
    expect(page.get_by_label("Reference")).to_be_focused()
    write("TGR4K8P2QX")
    press("Enter")
    expect(page.locator("#toasts")).to_contain_text("2,400 points added")  # as promised when it was placed
    follow("Cancel the order", steps)
    expect(page.get_by_label("Reason")).to_be_focused()
    write("Called it off")
    press("Enter")
    expect(page.locator("#toasts")).to_contain_text("2,400 points reversed")

    seen.open(f"/staff/customers/{person.id}")
    entries = page.locator("#ledger tbody tr")
    expect(entries.nth(0)).to_contain_text("−2,400")
    expect(entries.nth(0)).to_contain_text("Reversed")
    expect(entries.nth(1)).to_contain_text("+2,400")
    expect(entries.nth(1)).to_contain_text("Earned")
    assert seen.complaints == []
