"""The points widget on a page of another origin whose policy allows nothing inline, without cookies."""

import gzip
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from shop.config import ROOT
from shop.db.tenant import use_shop
from shop.services.shops.settings import change_setting
from shop.services.shops.shops import create_shop
from tests import factories
from tests.browser.conftest import LONG_NAME, WatchedPage
from tests.support.codes import newest_code
from tests.support.live_server import serve

DESKTOP = {"width": 1280, "height": 900}
SMALL = {"width": 320, "height": 640}
MOST_BYTES = 15 * 1024


@dataclass
class WidgetShop:
    """A shop at the server's address, and a page of its online store."""

    app: object
    shop_id: int
    api: str
    store: str = ""
    attributes: str = ""
    """What the page's script tag has beside the shop."""

    def inside(self, function, *args, **kwargs):
        """Call a function in a context of the shop."""
        with self.app.app_context():
            use_shop(self.shop_id)
            return function(*args, **kwargs)

    def code(self):
        """Return the code that was sent last."""
        return self.inside(newest_code, self.app)

    def __call__(self, environ, start_response):
        """Serve the store's page, whose policy allows Tuza's script and API and nothing inline."""
        policy = f"default-src 'none'; script-src {self.api}; connect-src {self.api}; img-src data:"
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", policy)])
        page = (
            "<!doctype html><html lang='en'><title>Duka</title><meta name='viewport' content='width=device-width'>"
            "<main><h1>Duka</h1><p><button id='other'>Buy</button></p></main>"
            f"<link rel='icon' href='data:,'><script src='{self.api}/static/widget.js' data-shop='duka' async "
            f"{self.attributes}></script></html>"
        )
        return [page.encode()]


@pytest.fixture
def stand(app, live_server):
    """A shop whose online store is at ``localhost``, while Tuza is at ``127.0.0.1``: another site for a browser."""
    with app.app_context():
        host = live_server.removeprefix("http://")
        settings = {"loyalty_points_enabled": "true", "store_email": "karibu@duka.example"}
        shop = create_shop(LONG_NAME, slug=factories.unique("duka"), hosts=[host], **settings)
    stand = WidgetShop(app, shop.id, live_server)
    with serve(stand) as address:
        stand.store = address.replace("127.0.0.1", "localhost")
        stand.inside(change_setting, "allowed_origins", stand.store, factories.TESTER)
        yield stand


@pytest.fixture
def visit(stand, new_context):
    """Return a function that opens the store's page; ``before`` runs first in it, the rest goes to the context."""

    def open_page(before=None, **options):
        page = new_context(reduced_motion="reduce", **options).new_page()
        if before:
            page.add_init_script(before)
        seen = WatchedPage(page, stand.store)
        seen.open("/")
        return seen

    return open_page


def launcher(page):
    return page.locator("tuza-points .launcher")


def sign_in(page, stand, email):
    """Sign in from the closed panel."""
    launcher(page).click()
    page.get_by_label("E-mail or phone number").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_label("6-digit code")).to_be_focused()
    page.get_by_label("6-digit code").fill(f"{stand.code()[:3]} {stand.code()[3:]}")
    page.keyboard.press("Enter")
    expect(page.get_by_text("worth KES")).to_be_visible()


def complaints(seen, stand):
    """Return the browser's errors, except for requests to the shop's own Tuza."""
    return [line for line in seen.complaints if not line.startswith(f"asked {stand.api}/")]


def rich_customer(stand):
    """A customer with 1,480 points from twelve entries, and a product."""
    jane = stand.inside(factories.make_customer, points=1469)
    stand.inside(lambda: [factories.adjust_points(jane.id, 1, "x", factories.TESTER) for _ in range(11)])
    return jane, stand.inside(factories.make_product, price_cents=15800)


@pytest.mark.parametrize(("screen", "scheme"), [(DESKTOP, "light"), (SMALL, "dark")], ids=["desktop", "small-dark"])
def test_a_shopper_sees_points_history_and_what_the_cart_may_use(visit, stand, screen, scheme):
    jane, product = rich_customer(stand)
    seen = visit(viewport=screen, color_scheme=scheme)
    page = seen.page
    page.evaluate("items => Tuza.setCart({items})", [{"product_id": product.id, "quantity": 1}])
    launcher(page).click()
    panel = page.get_by_role("dialog", name="Your points")
    expect(panel).to_contain_text("Earns 158 points once it is paid")
    expect(panel).to_contain_text("1 point for every KES 1.00 you spend")
    assert seen.barriers() == []
    page.keyboard.press("Escape")
    sign_in(page, stand, jane.email)
    expect(panel).to_contain_text("1,480 points")
    expect(panel).to_contain_text("worth KES 14.80 off an order")
    expect(panel).to_contain_text("Use up to 1,480 points: KES 14.80 off")
    rows = panel.get_by_role("listitem").filter(has_text="left")
    expect(rows).to_have_count(10)
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(12)
    expect(rows.nth(10)).to_be_focused()
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()
    assert seen.barriers() == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.evaluate("items => Tuza.setCart({items})", [{"product_id": product.id, "quantity": 2}])
    expect(panel).to_contain_text("Earns 316 points once it is paid")
    page.keyboard.press("Escape")
    expect(launcher(page)).to_be_focused()
    expect(launcher(page)).to_have_text("1,480 points")
    assert page.context.cookies() == []
    assert complaints(seen, stand) == []


def test_it_is_worked_by_keyboard_alone(visit, stand):
    jane = stand.inside(factories.make_customer, points=5)
    page = visit().page
    page.locator("#other").focus()
    page.keyboard.press("Tab")
    expect(launcher(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your points")).to_be_focused()
    expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    for name in ("Close", None):
        page.keyboard.press("Tab")
        if name:
            expect(page.get_by_role("button", name=name)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="first")).to_be_visible()
    page.keyboard.type(jane.email)
    page.keyboard.press("Enter")
    code = page.get_by_label("6-digit code")
    expect(code).to_be_focused()
    expect(page.get_by_role("button", name="Send again in")).to_be_visible()
    page.keyboard.type(stand.code())
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("5 points")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(launcher(page)).to_be_focused()
    expect(launcher(page)).to_have_attribute("aria-expanded", "false")


def test_a_wrong_code_is_refused_without_revealing_customers(visit, stand):
    page = visit().page
    launcher(page).click()
    page.get_by_label("E-mail or phone number").fill("nobody@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_text("If nobody@example.com has an account")).to_be_visible()
    page.get_by_label("6-digit code").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="wrong or no longer valid")).to_be_visible()
    page.get_by_role("button", name="Use a different e-mail or phone").click()
    page.get_by_label("E-mail or phone number").fill("nobody@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_text("We sent you a code a moment ago")).to_be_visible()


def test_people_who_are_new_get_to_the_page_to_join(visit, stand, app, monkeypatch):
    monkeypatch.setitem(app.config, "PUBLIC_URL", stand.api)
    stand.inside(change_setting, "loyalty_optin_required", "true", factories.TESTER)
    seen = visit(viewport=SMALL)
    page = seen.page
    launcher(page).click()
    links = page.get_by_role("dialog").get_by_role("link")
    expect(links).to_have_text(["New here? Join and collect points", "Join the loyalty programme to use your points."])
    assert seen.barriers() == []
    with page.context.expect_page() as opened:
        links.first.click()
    expect(opened.value.get_by_role("button", name="Join")).to_be_visible()
    assert complaints(seen, stand) == []


def test_the_sign_in_lasts_for_the_tab_until_it_is_ended_or_its_token_used(visit, stand):
    jane, product = rich_customer(stand)
    page = visit(before="window.Tuza = {on(name, tell) { this.told = name === 'order.created' && tell }}").page
    sign_in(page, stand, jane.email)
    page.reload()
    expect(launcher(page)).to_have_text("1,480 points")
    stand.inside(factories.adjust_points, jane.id, 20, "x", factories.TESTER)
    page.evaluate("Tuza.told({})")  # as the checkout does after an order
    expect(launcher(page)).to_have_text("1,500 points")
    kept = page.evaluate("Object.values(sessionStorage).map(JSON.parse).find(kept => kept.token)")
    stand.inside(factories.place, jane, [(product, 1)], points=100, token=kept["token"])
    launcher(page).click()
    expect(page.get_by_role("status").filter(has_text="Your session has ended")).to_be_visible()
    expect(launcher(page)).to_have_text("Points")
    assert page.evaluate("Object.values(sessionStorage).map(JSON.parse).some(kept => kept.token)") is False


def test_a_shop_may_have_it_forgotten_with_the_page_and_shoppers_sign_out(visit, stand):
    stand.inside(factories.make_customer, points=7, phone="0712345678")
    stand.attributes = f"data-remember='page' data-api='{stand.api}/'"
    page = visit().page
    sign_in(page, stand, "+254 712 345 678")
    assert page.evaluate("Object.values(sessionStorage).map(JSON.parse).some(kept => kept.token)") is False
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status").filter(has_text="Signed out")).to_be_visible()
    expect(launcher(page)).to_have_text("Points")


def test_it_adds_to_tuza_and_nothing_else_to_the_page(visit, stand):
    names = "Object.getOwnPropertyNames(window).sort()"
    mine = "window.Tuza = {mine: 1, texts: {button: 'Pointi'}}; window.before = Object.getOwnPropertyNames(window);"
    page = visit(before=mine).page
    expect(launcher(page)).to_have_text("Pointi")
    assert page.evaluate(f"{names}.filter(name => !before.includes(name) && name !== 'before')") == []
    assert page.evaluate("[Tuza.mine, Object.keys(Tuza).sort().join()]") == [1, "formats,mine,points,setCart,texts"]
    without = visit(before="window.before = Object.getOwnPropertyNames(window)").page
    assert without.evaluate(f"{names}.filter(name => !before.includes(name) && name !== 'before')") == ["Tuza"]


@pytest.mark.parametrize(("color", "text"), [("#1b6a44", "255, 255, 255"), ("#ffe600", "0, 0, 0")])
def test_it_has_the_shops_colour_and_position_and_stays_readable(visit, stand, color, text):
    for key, value in (("brand_color", color), ("widget_position", "left")):
        stand.inside(change_setting, key, value, factories.TESTER)
    page = visit(viewport=DESKTOP).page
    assert launcher(page).evaluate("button => getComputedStyle(button).color") == f"rgb({text})"
    box = launcher(page).bounding_box()
    assert box is not None
    assert box["x"] < 100


def test_a_page_may_set_its_own_look(visit, stand):
    page = visit(before="addEventListener('DOMContentLoaded', () => document.documentElement.style"
                 ".setProperty('--tuza-accent', 'rgb(20, 20, 60)'))").page  # fmt: skip
    style = launcher(page).evaluate(
        "button => [getComputedStyle(button).backgroundColor, getComputedStyle(button).color]"
    )
    assert style == ["rgb(20, 20, 60)", "rgb(255, 255, 255)"]


def test_where_the_shop_has_not_allowed_the_page_there_is_no_button_but_a_hint(visit, stand):
    stand.inside(change_setting, "allowed_origins", "https://elsewhere.example", factories.TESTER)
    seen = visit()
    while not any("allowed origins" in line for line in seen.complaints):
        seen.page.wait_for_event("console")
    assert launcher(seen.page).count() == 0


def test_without_a_programme_there_is_no_button(visit, stand):
    stand.inside(change_setting, "loyalty_points_enabled", "false", factories.TESTER)
    seen = visit()
    assert launcher(seen.page).count() == 0
    assert complaints(seen, stand) == []


def test_it_stays_small():
    assert len(gzip.compress((ROOT / "static/widget.js").read_bytes())) < MOST_BYTES
