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


def hold_submits(page):
    """Hold the answers to the form's requests until the returned function is called, as on a slow network."""
    held, is_released = [], []

    def handle(route):
        if is_released:
            route.continue_()
        else:
            held.append(route)

    def release():
        is_released.append(True)
        held[-1].continue_()  # those before were replaced

    page.route("**/orders/new", handle)
    return release


def test_what_is_pressed_and_scanned_before_an_answer_is_kept(watch, owner, app):
    with app.app_context():
        use_shop(owner.shop_id)
        factories.make_customer(first_name="Wanjiku", last_name="Scanner", phone="0712000399")
        for code in ("SOAP", "BREAD"):
            factories.make_product(code.title(), 18500, stock=48, sku=f"{code}-SCAN")
    seen = watch(viewport={"width": 1280, "height": 900})
    page = seen.sign_in(owner)
    seen.open("/staff/orders/new")
    page.get_by_label("Find a customer by phone, name or e-mail").press_sequentially("0712000399")
    select_customer = page.get_by_role("button", name="Select Wanjiku Scanner")
    expect(select_customer).to_be_visible()
    scanned = page.get_by_label("Find a product by name, SKU or barcode")
    release = hold_submits(page)
    select_customer.click()
    scanned.focus()
    for code in ("SOAP-SCAN", "BREAD-SCAN", "SOAP-SCAN"):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        expect(scanned).to_have_value("")
    release()
    expect(page.get_by_role("link", name="Wanjiku Scanner")).to_be_visible()
    expect(page.get_by_label("Quantity of Soap")).to_have_value("2")
    expect(page.get_by_label("Quantity of Bread")).to_have_value("1")
    release = hold_submits(page)
    for _press in range(2):
        page.get_by_role("button", name="One more").first.click()
    release()
    expect(page.get_by_label("Quantity of Soap")).to_have_value("4")
    assert page.locator("[data-pressed]").count() == 0
    assert seen.complaints == []


def test_a_search_that_was_delayed_past_a_scan_opens_nothing(watch, owner, app):
    with app.app_context():
        use_shop(owner.shop_id)
        factories.make_product("Soap", 18500, stock=48, sku="SOAP-SCAN")
    seen = watch(viewport={"width": 1280, "height": 900})
    page = seen.sign_in(owner)
    seen.open("/staff/orders/new")
    page.clock.install()
    page.evaluate(
        """document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
             if (ctx.sourceElement.id === "find_article") document.body.dataset.searched = "";
           })"""
    )
    release = hold_submits(page)
    scanned = page.get_by_label("Find a product by name, SKU or barcode")
    scanned.press_sequentially("SOAP-SCAN")
    page.keyboard.press("Enter")
    page.clock.run_for(1000)  # the search waits behind the scan
    page.clock.resume()
    release()
    expect(page.get_by_label("Quantity of Soap")).to_have_value("1")
    expect(page.locator("body[data-searched]")).to_have_count(1)
    expect(page.locator("#found-articles li")).to_have_count(0)
    expect(scanned).to_have_value("")


def test_a_search_keeps_its_letters_when_its_answers_arrive_while_typing(watch, owner, app):
    with app.app_context():
        use_shop(owner.shop_id)
        factories.make_customer(first_name="Wanjiku", last_name="Kamau")
        factories.make_product("Soap", 18500)
    seen = watch()
    page = seen.sign_in(owner)
    seen.open("/staff/orders/new")
    searches = [
        ("Find a product by name, SKU or barcode", "So", "Add Soap"),
        ("Find a customer", "Wan", "Select Wanjiku Kamau"),
    ]
    for label, letters, found in searches:
        field = page.get_by_label(label)
        field.press_sequentially(letters)
        expect(page.get_by_role("button", name=found)).to_be_visible()
        expect(field).to_have_value(letters)
