"""An order entered by hand in a real browser: a customer found while typing, products scanned, then created."""

import re

from playwright.sync_api import expect
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.models import Order
from shop.services.orders.repository import get_order
from tests import factories


def test_a_phone_order_is_entered_and_created(watch, owner, app):
    with app.app_context():
        use_shop(owner.shop_id)
        factories.make_customer(first_name="Wanjiku", last_name="Scanner", phone="0712000399")
        factories.make_product("Maize flour, 2 kg", 18500, stock=48, sku="UNGA-2-SCAN")
    seen = watch(viewport={"width": 1280, "height": 900})
    page = seen.sign_in(owner)
    seen.open("/staff/orders/new")
    page.get_by_label("Find a customer by phone, name or e-mail").press_sequentially("0712000399")
    page.get_by_role("button", name="Select Wanjiku Scanner").click()
    expect(page.get_by_role("link", name="Wanjiku Scanner")).to_be_visible()
    scanned = page.get_by_label("Find a product by name, SKU or barcode")
    for pieces in ("1", "2"):
        scanned.fill("UNGA-2-SCAN")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Quantity of Maize flour, 2 kg")).to_have_value(pieces)
        expect(scanned).to_have_value("")
        expect(scanned).to_be_focused()
    page.get_by_role("button", name="Create order").click()
    expect(page).to_have_url(re.compile(r"/staff/orders/[0-9]+$"))
    expect(page.get_by_text("Entered by staff").first).to_be_visible()
    with app.app_context():
        use_shop(owner.shop_id)
        newest = db.session.scalars(select(Order.id).order_by(Order.id.desc())).first()
        assert get_order(newest).total_cents == 37000
