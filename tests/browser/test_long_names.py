"""Stock, coupons, changes of many products and mails in a real browser: long names and amounts do not widen a page."""

import pytest

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.domain.money import MAX_CENTS
from shop.domain.statuses import PaymentStatus
from shop.models import Shop
from shop.services import clock
from shop.services.actors import SYSTEM
from shop.services.catalogue.adjustments import adjust_stock
from shop.services.catalogue.branches import save_branch
from shop.services.catalogue.products.records import get_product
from shop.services.messaging.mails.mail_composer import compose
from shop.services.orders.lifecycle import set_payment_status
from shop.services.outbox import ClaimedMessage
from shop.services.shops.settings import change_settings
from shop.services.staff.members import change_language
from tests import factories

LONG = "Donaudampfschifffahrtsgesellschaftskapitaenskajuetentuerschluesselloch" * 2
ADDRESSES = ("stock/movements", "stock", "branches", "coupons")
CUT_OFF = "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)"
STICKS_OUT = """prices => prices.filter(
  price => price.getBoundingClientRect().right > price.closest(".ware, .choice").getBoundingClientRect().right
).map(price => price.innerText)"""
SIZES = ({"width": 390, "height": 844}, {"width": 1280, "height": 900})


@pytest.fixture
def product_id(app, owner):
    with app.app_context():
        use_shop(owner.shop_id)
        product = factories.make_product(LONG, 1_234_567_890, stock=3)
        save_branch(None, "Nairobi West and South C wholesale branch, Mombasa Road", SYSTEM)
        adjust_stock(product.id, 4, "Van", SYSTEM)
        factories.make_coupon("VERYLONGCOUPONCODE-2026-DECEMBER-1", description="For staff to read. " * 9)
        return product.id


def _fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desktop"])
def test_pages_are_not_wider_than_the_screen(app, watch, owner, product_id, size):
    seen = watch(viewport=size)
    seen.sign_in(owner)
    assert [address for address in ADDRESSES if not _fits(seen.open(f"/staff/{address}"))] == []

    page = seen.open(f"/staff/products/bulk?action=price&ids={product_id}")
    page.get_by_label("Amount or percentage").fill("10")
    page.get_by_role("button", name="Preview").click()
    page.locator("#preview").wait_for()
    assert _fits(page)

    with app.app_context():
        use_shop(owner.shop_id)
        order = factories.make_order(factories.make_customer(first_name=LONG[:80]))
        change_language(owner.user_id, "sw")
        change_settings({"hosted_shop_enabled": "true"}, SYSTEM)
        slug = db.session.get_one(Shop, owner.shop_id).slug
        shop = f"/shop/{slug}/products/{get_product(product_id).slug}?lang=sw"
    labels = ".acts .btn, .choices label" + (", th" if size["width"] > 800 else "")  # on phones no heads are shown
    for address in (f"/staff/orders/{order.id}", "/staff/reports", "/staff/till/offline", "/staff/customers", shop):
        page.goto(f"{seen.address}{address}")  # the till keeps asking the server
        assert _fits(page), address
        assert page.locator(labels).evaluate_all(CUT_OFF) == []


def test_prices_and_variants_fit_a_narrow_phone(app, owner, page, live_server):
    with app.app_context():
        use_shop(owner.shop_id)
        product = factories.make_product("Kanga", 10_050)
        for cents in (10_050, 123_456_789):
            factories.make_variant(product, "Nyekundu na nyeupe, ukubwa wa kati, yenye methali", cents)
        change_settings({"hosted_shop_enabled": "true"}, SYSTEM)
        shop = f"{live_server}/shop/{db.session.get_one(Shop, owner.shop_id).slug}"
        addresses = (f"{shop}/?lang=sw", f"{shop}/products/{product.slug}?lang=sw")
    page.set_viewport_size({"width": 320, "height": 700})
    for address in addresses:
        page.goto(address)
        assert _fits(page), address
        assert page.locator(".price").evaluate_all(STICKS_OUT) == []


def test_a_mail_with_a_long_name_and_a_large_amount_fits_a_phone(app, owner, page):
    sums = {"cents": MAX_CENTS, "orders": 1, "average_cents": MAX_CENTS}
    figures = {"sales": sums, "sales_before": {"cents": 1}, "products": [(LONG, 1, MAX_CENTS)]}
    figures |= dict.fromkeys(("new_customers", "returning_customers", "points_redeemed", "points_cents"), 1)
    payload = {"month": "2026-06", "figures": figures}
    with app.app_context():
        use_shop(owner.shop_id)
        change_settings({"store_name": LONG, "currency": "KWD", "monthly_report": "true"}, SYSTEM)
        order = factories.place(factories.make_customer(), [(factories.make_product(LONG, 100), 1)]).order
        set_payment_status(order.id, PaymentStatus.PAID, SYSTEM)
        mails = [("staff_monthly_report", payload), ("payment_received", {"order_id": order.id})]
        pages = [
            compose(ClaimedMessage(1, owner.shop_id, kind, about, owner.email, 1, clock.now()), "k" * 32).html
            for kind, about in mails
        ]
    page.set_viewport_size(SIZES[0])
    for html in pages:
        page.set_content(html)
        assert _fits(page)
    page.set_content(pages[0])
    assert page.get_by_text("Average order", exact=True).bounding_box()["height"] < 70  # not a letter a line
