"""Stock, coupons and changes of many products in a real browser: long names do not widen a page."""

import pytest

from shop.db.tenant import use_shop
from shop.services.actors import SYSTEM
from shop.services.catalogue.adjustments import adjust_stock
from shop.services.catalogue.branches import save_branch
from tests import factories

LONG = "Donaudampfschifffahrtsgesellschaftskapitaenskajuetentuerschluesselloch" * 2
ADDRESSES = ("stock/movements", "stock", "branches", "coupons")
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
def test_pages_are_not_wider_than_the_screen(watch, owner, product_id, size):
    seen = watch(viewport=size)
    seen.sign_in(owner)
    assert [address for address in ADDRESSES if not _fits(seen.open(f"/staff/{address}"))] == []

    page = seen.open(f"/staff/products/bulk?action=price&ids={product_id}")
    page.get_by_label("Amount or percentage").fill("10")
    page.get_by_role("button", name="Preview").click()
    page.locator("#preview").wait_for()
    assert _fits(page)
