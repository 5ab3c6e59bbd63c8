"""The customer's own page in a real browser: joining, points and the code for the till, by keyboard alone."""

import pytest
from playwright.sync_api import expect

from shop.db.tenant import use_shop
from shop.services.customers.records import find_customer
from shop.services.loyalty.adjustments import adjust_points
from shop.services.shops.settings import change_settings
from tests import factories
from tests.browser.conftest import LONG_NAME
from tests.support.codes import newest_code

SIZES = [(360, 740), (768, 1024), (1280, 900)]
LONG = "Wanjiku wa Kamau Nyambura Njeri Wangari Waithera Muthoni-Gathoni-Wairimu"


@pytest.fixture
def duka(app):
    """A shop with a long name."""
    with app.app_context():
        return factories.make_shop(LONG_NAME, store_email="karibu@duka.example")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_customer_joins_and_shows_codes_by_keyboard_alone(app, watch, duka, scheme):
    seen = watch(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    page = seen.page

    def inside(function, *args):
        with app.app_context():
            use_shop(duka.id)
            return function(*args)

    def sound():
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert seen.barriers() == []
        assert seen.complaints == []
        return True

    def press(name, role="button"):
        page.get_by_role(role, name=name).focus()
        page.keyboard.press("Enter")

    seen.open(f"/me/{duka.slug}")
    assert sound()
    press("New here? Join and collect points", "link")
    page.get_by_label("Phone").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("amina@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type(LONG)
    for _field in range(2):  # last name, birthday
        page.keyboard.press("Tab")
    for _part in range(6):  # a date has several parts; the trap for programs is none of the stops
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") != "website"
        if page.evaluate("document.activeElement.value") == "loyalty_programme":
            break
    page.keyboard.press("Space")
    assert sound()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code")).to_be_focused()
    assert sound()
    page.keyboard.type(inside(newest_code, app))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(LONG)
    amina = inside(lambda: find_customer(email="amina@example.com").id)
    inside(adjust_points, amina, 1_480_000, "for a test", factories.TESTER)
    inside(change_settings, {"loyalty_optin_required": "true"}, factories.TESTER)
    seen.open(f"/me/{duka.slug}?lang=sw")
    page.set_viewport_size({"width": 360, "height": 740})
    balance = page.get_by_text("1,480,000").first
    expect(balance).to_be_visible()
    assert balance.bounding_box()["height"] < 60  # on one line
    page.locator("summary").click()
    assert sound()
    seen.open(f"/me/{duka.slug}?lang=en")
    press("Pay with points at the till", "link")
    press("Show a code")
    expect(page.get_by_text("for one purchase")).to_be_visible()
    assert sound()
