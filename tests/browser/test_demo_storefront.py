"""The demo storefront on another origin than Tuza: what a shopper does there, under its strict policy."""

from threading import Thread

import pytest
from playwright.sync_api import expect

from examples.storefront.serve import make_storefront
from shop.services.catalogue import add_product, add_variant
from shop.services.scope import use_shop
from shop.services.settings import change_setting
from shop.services.shops import create_shop
from shop.services.transaction import transaction
from tests import factories
from tests.browser.conftest import LONG_NAME, WatchedPage

DESKTOP = {"width": 1280, "height": 900}
SMALL = {"width": 320, "height": 640}


@pytest.fixture
def storefront(live_server):
    """Where the demo storefront is: ``localhost``, while Tuza is at ``127.0.0.1``, another site to a browser."""
    server = make_storefront(0, live_server)
    thread = Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def grocer(app, live_server, storefront):
    """The id of a shop with rice, milk in two sizes and sold out paneer, that lets the storefront in."""
    with app.app_context():
        host = live_server.removeprefix("http://")
        shop = create_shop(LONG_NAME, slug=factories.unique("duka"), hosts=[host], loyalty_points_enabled="true")
        use_shop(shop.id)
        with transaction():
            add_product("Pishori rice", 24000, slug=factories.unique("rice"), sku="GRN-1", sale_price_cents=22000)
            milk = add_product("Maziwa", 6500, slug=factories.unique("milk"), sku="DRY-1")
            add_variant(milk, "500 ml", 6500)
            add_variant(milk, "1 l", 12000)
            add_product("Paneer", 29000, slug=factories.unique("paneer"), sku="DRY-2", stock_quantity=0)
        change_setting("allowed_origins", storefront, factories.TESTER)
        factories.make_shipping()
        factories.make_payment("cod", "Cash on Delivery")
    return shop.id


@pytest.fixture
def visit(grocer, storefront, new_context):
    """Opens the storefront, watched."""

    def open_page(**options):
        seen = WatchedPage(new_context(reduced_motion="reduce", **options).new_page(), storefront)
        seen.open("/")
        return seen

    return open_page


def sound(seen, api):
    """Whether the page as it stands is without barriers and complaints, and no wider than the screen."""
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
    page.get_by_role("button", name="Basket 2 pieces").click()
    basket = page.get_by_role("dialog", name="Your basket")
    page.get_by_role("button", name="One more of Maziwa, 1 l").press("Enter")
    expect(page.get_by_role("button", name="One more of Maziwa, 1 l")).to_be_focused()
    expect(basket).to_contain_text("KES 460.00")
    assert sound(seen, live_server)
    page.get_by_role("button", name="One less of Pishori rice").click()
    expect(basket).to_contain_text("KES 240.00")
    page.keyboard.press("Escape")
    page.locator("tuza-points .launcher").click()
    expect(page.get_by_role("dialog", name="Your points")).to_contain_text("Earns 240 points")


def test_without_tuza_it_says_what_to_look_at(app, visit, grocer, storefront):
    with app.app_context():
        use_shop(grocer)
        change_setting("allowed_origins", "https://elsewhere.example", factories.TESTER)
    page = visit().page
    expect(page.get_by_role("status").first).to_contain_text(f"is {storefront} among its allowed origins?")


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
