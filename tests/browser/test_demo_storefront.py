"""The demo storefront on another origin than Tuza, under its strict policy."""

import re
from dataclasses import dataclass
from threading import Thread

import pytest
from playwright.sync_api import expect

from examples.storefront.serve import make_storefront
from shop.config import ROOT
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.queries.orders.list import list_orders
from shop.services.catalogue.products.records import add_product
from shop.services.catalogue.products.variants import add_variant
from shop.services.loyalty.ledger import find_balance
from shop.services.shops.settings import change_setting
from shop.services.shops.shops import create_shop
from tests import factories
from tests.browser.conftest import LONG_NAME, WatchedPage
from tests.support.codes import newest_code
from tests.support.live_server import serve

DESKTOP = {"width": 1280, "height": 900}
SMALL = {"width": 320, "height": 640}


SLUG = "demo-storefront"


@pytest.fixture(scope="session")
def browser(full_browser):
    """The browser of all contexts here."""
    return full_browser


@pytest.fixture
def storefront(live_server):
    """The address of the demo storefront: ``localhost``, while Tuza is at ``127.0.0.1``, another site for a browser."""
    server = make_storefront(0, live_server, SLUG)
    thread = Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Grocer:
    """The demo storefront's shop."""

    app: object
    id: int

    def inside(self, function, *args, **kwargs):
        """Call a function in a context of the shop."""
        with self.app.app_context():
            use_shop(self.id)
            return function(*args, **kwargs)


def make_products():
    with transaction():
        add_product("Pishori rice", 24000, slug=factories.unique("rice"), sku="GRN-1", sale_price_cents=22000)
        milk = add_product("Maziwa", 6500, slug=factories.unique("milk"), sku="DRY-1")
        add_variant(milk, "500 ml", 6500)
        add_variant(milk, "1 l", 12000)
        add_product("Paneer", 29000, slug=factories.unique("paneer"), sku="DRY-2", stock_quantity=0)
    factories.make_shipping("Rider", 20000)
    factories.make_payment("cod", "Cash on Delivery")


@pytest.fixture
def grocer(private_app, live_server, storefront):
    """A shop with rice, milk in two sizes and sold out paneer, which allows the storefront's origin."""
    with private_app.app_context():
        shop = create_shop(LONG_NAME, slug=SLUG, loyalty_points_enabled="true", allowed_origins=storefront)
    grocer = Grocer(private_app, shop.id)
    grocer.inside(make_products)
    return grocer


@pytest.fixture
def app(private_app):
    """An installation with one shop."""
    return private_app


@pytest.fixture
def visit(grocer, storefront, new_context):
    """Return a function that opens the storefront in a watched page."""

    def open_page(**options):
        seen = WatchedPage(new_context(reduced_motion="reduce", **options).new_page(), storefront)
        seen.open("/")
        return seen

    return open_page


def sound(seen, api):
    """Check that the page has no accessibility findings and errors, and is not wider than the screen."""
    assert seen.barriers() == []
    assert [line for line in seen.complaints if not line.startswith(f"asked {api}/")] == []
    assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return True


@pytest.mark.parametrize(("screen", "scheme"), [(DESKTOP, "dark"), (SMALL, "light")], ids=["desktop-dark", "small"])
def test_goods_are_found_and_put_into_a_basket_that_stays(visit, live_server, screen, scheme):
    seen = visit(viewport=screen, color_scheme=scheme)
    page = seen.page
    goods = page.get_by_role("list", name="Goods").get_by_role("listitem")
    expect(goods).to_have_count(3)
    expect(goods.filter(has_text="Pishori rice")).to_contain_text("KES 220.00")
    expect(page.get_by_role("button", name="Sold out")).to_be_disabled()
    assert sound(seen, live_server)
    page.get_by_label("Search the shop").fill("mazi")
    expect(goods).to_have_count(1)
    page.get_by_label("Size of Maziwa").select_option(label="1 l · KES 120.00")
    page.get_by_role("button", name="Add Maziwa").click()
    page.get_by_label("Search the shop").fill("")
    page.get_by_role("button", name="Flour, rice").click()
    expect(goods).to_have_count(1)
    page.get_by_role("button", name="Add Pishori rice").click()
    page.reload()
    page.get_by_role("button", name="Cart 2 pieces").click()
    basket = page.get_by_role("dialog", name="Your cart")
    page.get_by_role("button", name="One more of Maziwa, 1 l").press("Enter")
    expect(page.get_by_role("button", name="One more of Maziwa, 1 l")).to_be_focused()
    expect(basket).to_contain_text("KES 460.00")
    assert sound(seen, live_server)
    page.get_by_role("button", name="One less of Pishori rice").click()
    expect(basket).to_contain_text("KES 240.00")
    page.keyboard.press("Escape")
    page.keyboard.press("Home")  # on a phone the button is hidden while the page is scrolled down
    page.locator("tuza-points .launcher").click()
    expect(page.get_by_role("dialog", name="Your points")).to_contain_text("Earns 240 points once it is paid")
    page.get_by_role("button", name="Go to checkout").click()
    expect(page.frame_locator("iframe[title=Checkout]").get_by_text("KES 240.00").first).to_be_visible()


def test_prices_have_the_decimals_of_the_currency(grocer, visit):
    grocer.inside(change_setting, "currency", "KWD", factories.TESTER)
    rice = visit().page.get_by_role("list", name="Goods").get_by_role("listitem").filter(has_text="Pishori rice")
    expect(rice).to_contain_text("KWD 220.000 before 240.000")


def test_where_the_shop_has_not_allowed_it_it_says_what_to_look_at(grocer, visit, storefront):
    grocer.inside(change_setting, "allowed_origins", "https://elsewhere.example", factories.TESTER)
    page = visit().page
    expect(page.get_by_role("status").first).to_contain_text(f"is {storefront} among its allowed origins?")


@pytest.mark.parametrize(("screen", "scheme"), [(DESKTOP, "light"), (SMALL, "dark")], ids=["desktop", "small-dark"])
def test_an_order_with_points_from_the_first_click_to_the_confirmation(visit, grocer, live_server, screen, scheme):
    jane = grocer.inside(factories.make_customer, "jane@example.com", points=5000)
    seen = visit(viewport=screen, color_scheme=scheme)
    page = seen.page
    page.get_by_role("button", name="Add Pishori rice").click()
    page.get_by_role("button", name="Add Pishori rice").click()
    page.get_by_role("button", name="Cart 2 pieces").click()
    page.get_by_role("button", name="Checkout").click()
    frame = page.frame_locator("iframe[title=Checkout]")
    frame.get_by_label("E-mail").fill(jane.email)
    frame.get_by_label("E-mail").press("Tab")
    frame.get_by_role("button", name="Use my points").click()
    frame.get_by_label("Enter the 6 digits").wait_for()
    frame.get_by_label("Enter the 6 digits").fill(grocer.inside(newest_code, grocer.app))
    expect(frame.get_by_text("Confirmed.", exact=True)).to_be_visible()
    frame.get_by_label("Exact number of points to use").fill("4000")
    frame.get_by_label("Exact number of points to use").press("Tab")
    for label, text in (("Name", "Jane Doe"), ("Phone", "0712345678"), ("Street", "Ngong Road 1"), ("Town", "Nairobi")):
        frame.get_by_label(label).fill(text)
    frame.get_by_role("button", name="Order now, pay KES 600.00 on delivery").click()
    expect(frame.get_by_role("heading", name="Thank you, Jane")).to_be_visible()
    expect(frame.get_by_text("4,000 points used")).to_be_visible()
    frame.get_by_role("button", name="Back to the shop").click()
    [order], total, *_ = grocer.inside(list_orders, limit=5)
    assert (total, order.total_cents, order.points_redeemed) == (1, 60000, 4000)
    expect(page.get_by_text(f"Asante! Order {order.order_number} is with us.")).to_be_visible()
    expect(page.get_by_role("button", name="Cart 0 pieces")).to_be_visible()
    assert grocer.inside(find_balance, jane.id) == 1000
    assert page.context.cookies() == []
    assert sound(seen, live_server)


@pytest.fixture
def guide_page(grocer, live_server):
    """The URL of the guide's page, served on another origin than Tuza's."""
    guide = (ROOT / "docs/integration.md").read_text().replace("http://localhost:5000", live_server)
    html, script, policy = (re.search(rf"```{kind}\n(.*?)```", guide, re.DOTALL)[1] for kind in ("html", "js", "http"))

    def site(environ, start_response):
        kind, text = ("text/javascript", script) if environ["PATH_INFO"] == "/page.js" else ("text/html", html)
        headers = [("Content-Type", kind), ("Content-Security-Policy", policy.split(": ", 1)[1].strip())]
        start_response("200 OK", headers)
        return [text.replace("duka-la-mama-njeri", SLUG).encode()]

    with serve(site) as address:
        store = address.replace("127.0.0.1", "localhost")
        grocer.inside(change_setting, "allowed_origins", store, factories.TESTER)
        yield store


def test_the_page_of_the_guide_opens_the_checkout_and_shows_what_its_cart_earns(guide_page, live_server, new_context):
    seen = WatchedPage(new_context().new_page(), guide_page)
    page = seen.open("/page.html")
    page.locator("tuza-points .launcher").click()
    expect(page.get_by_role("dialog", name="Your points")).to_contain_text("Earns 440 points once it is paid")
    page.get_by_role("button", name="Buy two").click()
    expect(page.frame_locator("iframe[title=Checkout]").get_by_text("KES 440.00").first).to_be_visible()
    assert sound(seen, live_server)


def test_a_cart_that_the_page_sets_after_the_widget_started_is_seen(guide_page, new_context):
    page = new_context().new_page()
    held = []
    page.route("**/page.js", lambda route: held.append(route))
    page.goto(f"{guide_page}/page.html", wait_until="commit")
    page.locator("tuza-points .launcher").wait_for()
    held[0].continue_()
    page.locator("tuza-points .launcher").click()
    expect(page.get_by_role("dialog", name="Your points")).to_contain_text("Earns 440 points once it is paid")


def test_a_frame_of_tuza_could_not_keep_a_cookie_here(visit):
    page = visit().page
    page.get_by_role("button", name="Add Pishori rice").click()
    page.evaluate("Tuza.open({items: JSON.parse(localStorage['duka-basket'])})")
    page.frame_locator("iframe[title=Checkout]").get_by_label("E-mail").wait_for()
    page.frames[1].evaluate("document.cookie = 'probe=1; SameSite=None; Secure'")
    assert page.context.cookies() == []


@pytest.mark.parametrize(
    ("asked", "believed"),
    [
        ("http://localhost:5001", "http://localhost:5001"),
        ("https://evil.example", None),
        ("javascript:alert(1)", None),
        ("http://localhost:5001;script-src%20*", None),
    ],
)
def test_another_tuza_of_this_machine_may_be_asked_for_and_no_other(
    storefront, live_server, new_context, asked, believed
):
    answer = new_context().request.get(f"{storefront}/?api={asked}")
    tuza = believed or live_server
    assert f'src="{tuza}/static/widget.js"' in answer.text()
    assert answer.headers["content-security-policy"].count(tuza) == 3
    assert "evil" not in answer.text() + answer.headers["content-security-policy"]
    assert "*" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/serve.py", "/../../README.md", "/%2e%2e/%2e%2e/wsgi.py", "/index.html/"])
def test_it_serves_its_own_files_alone(storefront, new_context, path):
    assert new_context().request.get(f"{storefront}{path}").status == 404
