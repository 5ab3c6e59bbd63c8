"""Orders in a real browser: searched while typing, changed step by step in place, by keyboard and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from shop.db.tenant import use_shop
from shop.services.loyalty.ledger import find_balance
from shop.services.orders.lifecycle import mark_paid
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.orders.repository import get_order
from tests import factories

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
LONG = "Catherine Wambui Nyambura-Kariuki wa Thiong’o"


@pytest.fixture
def inside(app, owner):
    """Calls a function in the owner's shop."""

    def call(function, *args, **kwargs):
        with app.app_context():
            use_shop(owner.shop_id)
            return function(*args, **kwargs)

    return call


@pytest.fixture
def jane(inside):
    return inside(factories.make_customer, first_name=LONG, last_name="Njeri", phone="0712000118", points=5680)


@pytest.fixture
def order(inside, jane):
    """An unpaid order of 980.75 with a coupon and 4,200 points."""

    def make():
        factories.make_coupon("KARIBU50", "fixed", 5000)
        factories.make_payment()
        products = [("Maize flour, 2 kg", 73075), ("Fresh milk, whole, from the highlands, 500 ml " * 4, 25000)]
        lines = [(factories.make_product(name, price), 1) for name, price in products]
        address = PostalAddress("shipping", "Wanjiku", "Kirichwa Road, Flat B4", "Nairobi", "Nairobi", "00100", "Kenya")
        rest = {"coupon_code": "KARIBU50", "payment_method": "mpesa", "addresses": [address], "notes": "Call, please."}
        return factories.place(jane, lines, points=4200, **rest).order

    return inside(make)


@pytest.fixture
def balance(inside, jane):
    return lambda: inside(find_balance, jane.id)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_order_goes_all_the_way_in_place(watch, owner, order, balance, viewport):
    seen = watch(viewport=viewport)
    page = seen.sign_in(owner)
    seen.open("/staff/orders")
    seen.assert_sound()
    page.get_by_role("link", name=order.order_number).click()
    page.evaluate("window.sameDocument = true")
    steps = page.get_by_role("region", name="Payment and status")
    expect(page.locator("#why-no-points")).to_contain_text("It earns 980 points when it is paid.")

    steps.get_by_role("link", name="Mark paid").click()
    expect(page.get_by_label("Reference")).to_be_focused()
    seen.assert_sound()
    page.keyboard.type("TGR4K8P2QX")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Marked paid. 980 points added.")
    expect(steps).to_contain_text("980 points added")
    assert balance() == 2460

    steps.get_by_role("link", name="Refund an amount").click()
    expect(page.get_by_label("Goods refunded")).to_be_focused()
    page.keyboard.type("245.00")
    expect(page.locator("#refund-sum")).to_contain_text("980 × 245.00 ÷ 980.75 → 244 pts reversed")
    expect(page.locator("#effect")).to_have_text("−244")
    seen.assert_sound()
    page.get_by_role("button", name="Refund this part").click()
    expect(page.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Reason").fill("Item missing")
    page.get_by_role("button", name="Refund this part").click()
    expect(page.locator("#toasts")).to_contain_text("KES 245.00 refunded. 244 points reversed.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Part refunded")
    assert balance() == 2216

    steps.get_by_role("button", name="Mark done").click()
    expect(page.locator("#toasts")).to_contain_text("Marked done.")
    steps.get_by_role("link", name="Cancel the order").click()
    page.get_by_label("Reason").fill("The customer asked for it")
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.locator("#toasts")).to_contain_text("4,200 points restored. 736 points reversed.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cancelled")
    assert balance() == 5680
    timeline = page.get_by_role("region", name="Timeline")
    expect(timeline).to_contain_text("Restored 4,200 points")
    expect(timeline).to_contain_text("Reversed 736 points")
    seen.assert_sound()
    assert page.evaluate("window.sameDocument") is True


def test_typing_finds_orders_without_losing_the_cursor_and_back_goes_back(watch, owner, inside, order):
    other = inside(lambda: factories.make_order(factories.make_customer(first_name="Amina"), 100)).order_number
    seen = watch(viewport=DESKTOP)
    page = seen.sign_in(owner)
    seen.open("/staff/orders")
    search = page.get_by_role("searchbox")
    search.press_sequentially("amina")
    expect(page).to_have_url(re.compile(r"/staff/orders\?q=amina$"))
    expect(page.get_by_role("link", name=other)).to_be_visible()
    expect(page.get_by_role("link", name=order.order_number)).to_have_count(0)
    expect(search).to_be_focused()
    expect(search).to_have_value("amina")
    page.get_by_role("link", name="Filter", exact=True).click()
    page.get_by_label("Payment", exact=True).select_option("paid")
    expect(page.get_by_text("No orders found")).to_be_visible()
    expect(page).to_have_url(re.compile("payment=paid"))
    seen.assert_sound()
    page.get_by_role("link", name="Remove filter: Payment Paid").click()
    expect(page.get_by_role("link", name=other)).to_be_visible()
    page.go_back()
    expect(page.get_by_text("No orders found")).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("link", name=other)).to_be_visible()
    page.get_by_role("link", name="Clear").click()
    expect(page.get_by_role("link", name=order.order_number)).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("")
    assert seen.complaints == []


def test_clicking_twice_refunds_once(watch, owner, inside, order, balance):
    inside(mark_paid, order.id, "", factories.TESTER)
    seen = watch(viewport=DESKTOP)
    page = seen.sign_in(owner)
    seen.open(f"/staff/orders/{order.id}?step=refund")
    page.get_by_label("Goods refunded").fill("100")
    page.get_by_label("Reason").fill("Item damaged")
    page.get_by_role("button", name="Refund this part").dblclick()
    expect(page.locator("#toasts")).to_contain_text("KES 100.00 refunded.")
    assert inside(get_order, order.id).refunded_cents == 10000
    assert balance() == 2460 - 99


def test_it_all_works_without_scripts(watch, owner, inside, order, balance):
    seen = watch(viewport=PHONE, java_script_enabled=False)
    page = seen.sign_in(owner)
    seen.open("/staff/orders")
    page.get_by_role("searchbox").fill(order.order_number[-5:])
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=order.order_number).click()
    page.get_by_role("link", name="Mark paid").last.click()
    page.get_by_role("button", name="Mark paid").click()
    expect(page.get_by_text("Marked paid. 980 points added.")).to_be_visible()
    page.get_by_role("link", name="Refund an amount").click()
    page.get_by_label("Goods refunded").fill("245")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#refund-sum")).to_contain_text("980 × 245.00 ÷ 980.75 → 244 pts reversed")
    assert balance() == 2460
    page.get_by_label("Reason").fill("Item missing")
    page.get_by_role("button", name="Refund this part").click()
    expect(page.get_by_text("KES 245.00 refunded. 244 points reversed.")).to_be_visible()
    page.get_by_role("link", name="Cancel the order").click()
    page.get_by_label("Reason").fill("Not in stock")
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cancelled")
    assert balance() == 5680


def test_the_keyboard_is_enough_to_refund_in_full(watch, owner, inside, order, balance):
    inside(mark_paid, order.id, "", factories.TESTER)
    seen = watch(viewport=DESKTOP)
    page = seen.sign_in(owner)
    seen.open(f"/staff/orders/{order.id}")
    page.get_by_role("link", name="Refund in full").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("Brought back")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("KES 888.75 refunded. 4,200 points restored. 980 points reversed")
    expect(page.locator("#h-steps")).to_be_focused()
    assert balance() == 5680
    assert seen.complaints == []


def test_items_are_refunded_in_place(watch, owner, inside, order, balance):
    inside(mark_paid, order.id, "TGR4K8P2QX", factories.TESTER)
    seen = watch(viewport=PHONE, color_scheme="dark")
    page = seen.sign_in(owner)
    seen.open(f"/staff/orders/{order.id}")
    page.get_by_role("link", name="Refund items").click()
    milk = page.get_by_label(re.compile("Fresh milk"))
    expect(page.get_by_label(re.compile("Maize flour"))).to_be_focused()
    milk.fill("2")
    expect(page.locator("#refund-sum")).to_contain_text("Must be from 1 to 1, what is left of it to refund")
    milk.fill("1")
    # 250.00 of 980.75 were paid with 888.75
    expect(page.locator("#refund-sum")).to_contain_text("KES 226.54 refunded for goods of 250.00")
    expect(page.locator("#refund-sum")).to_contain_text("980 × 250.00 ÷ 980.75 → 249 pts reversed")
    expect(page.locator("#effect")).to_have_text("−249")
    seen.assert_sound()
    page.get_by_label("Reason").fill("Item damaged")
    page.get_by_role("button", name="Refund these items").click()
    expect(page.locator("#toasts")).to_contain_text("KES 226.54 refunded. 249 points reversed.")
    expect(page.get_by_role("region", name="Items")).to_contain_text("1 of 1 refunded")
    assert balance() == 2460 - 249
    seen.assert_sound()


def test_long_numbers_keep_to_their_columns_on_tablets(watch, owner, inside, jane):
    dear = inside(factories.make_order, jane, 1_185_188_184)
    inside(mark_paid, dear.id, "", factories.TESTER)
    inside(factories.adjust_points, jane.id, 98_765_432, "for a test", factories.TESTER)
    seen = watch(viewport={"width": 768, "height": 900})
    seen.sign_in(owner)
    too_wide = (
        "[...document.querySelectorAll('td.num, .stat-value')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    )
    for path in ("/staff/", "/staff/orders", f"/staff/customers/{jane.id}", "/staff/ledger/days"):
        for width in (768, 1024):
            seen.page.set_viewport_size({"width": width, "height": 900})
            page = seen.open(path)
            assert page.locator("td.num").count()
            assert (path, width, page.evaluate(too_wide)) == (path, width, 0)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
