"""The till in a real browser: by keystrokes alone, and without network."""

import re
from urllib.parse import urlsplit
from uuid import uuid4

from playwright.sync_api import expect
from sqlalchemy import func, select

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.models import TillSale
from shop.services.catalogue.branches import save_branch
from shop.services.customers.records import create_customer
from shop.services.loyalty.ledger import find_balance
from shop.services.shops.settings import change_settings
from tests import factories
from tests.browser.conftest import WatchedPage
from tests.support.live_server import serve

TILL = "/staff/till"
KEYSTROKES = [*"0712000118", *"960", "Enter"]
"""From the phone to the points: nothing else is pressed."""
QUEUE = "TuzaTill.waiting()"
CAMERA = """
  window.BarcodeDetector = class { async detect() { return [{ rawValue: "0712000118" }]; } };
  let asked = 0;
  navigator.mediaDevices.getUserMedia = async () => {
    if (!asked++) throw new DOMException("no", "NotAllowedError");
    return document.createElement("canvas").captureStream();
  };
"""
"""A camera that is refused once, and then sees a card."""
DATABASES = "indexedDB.databases().then(all => all.map(each => each.name))"


def add_wanjiku(app, owner):
    with app.app_context():
        use_shop(owner.shop_id)
        return create_customer(phone="0712000118", first_name="Wanjiku", last_name="Kamau").id


def recorded(app, owner, customer):
    with app.app_context():
        use_shop(owner.shop_id)
        return db.session.scalars(select(func.count(TillSale.id))).one(), find_balance(customer)


def test_points_are_given_by_keystrokes_alone(watch, owner, app):
    customer = add_wanjiku(app, owner)
    seen = watch(viewport={"width": 360, "height": 740})
    page = seen.sign_in(owner)
    seen.open(TILL)
    assert seen.barriers() == []
    for key in KEYSTROKES[:10]:
        page.keyboard.press(key)
    expect(page.get_by_label("Amount")).to_be_focused()
    assert seen.barriers() == []
    for key in KEYSTROKES[10:-1]:
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Give 960 points")).to_be_visible()
    page.keyboard.press(KEYSTROKES[-1])
    expect(page.get_by_role("status").filter(has_text="points given")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/staff/till/sales/\d+$"))
    assert seen.barriers() == []
    assert recorded(app, owner, customer) == (1, 960)
    page.evaluate("htmx.config.defaultSettleDelay = 1000")  # a slow device: nothing has the focus until then
    page.keyboard.press("Enter")  # Next customer
    page.keyboard.type("0712000118\n250\n")  # ahead of the network
    expect(page.get_by_role("status").filter(has_text="+250")).to_be_visible()
    assert recorded(app, owner, customer) == (2, 1210)
    page.keyboard.press("Enter")
    page.keyboard.type("0712000118\n")
    expect(page.get_by_label("Amount")).to_be_focused()
    page.evaluate("htmx.config.defaultSettleDelay = 1")
    page.keyboard.type("40")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("M-Pesa")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("sgh7x2k9qp\n")
    expect(page.get_by_role("status").filter(has_text="+40")).to_be_visible()
    page.keyboard.type("0712000118\n60\n")  # without "Next customer"
    expect(page.get_by_role("status").filter(has_text="+60")).to_be_visible()
    assert recorded(app, owner, customer) == (4, 1310)
    assert seen.complaints == []


def test_sales_of_two_pages_without_network_are_sent_twice_and_count_once(new_context, owner, app):
    customer = add_wanjiku(app, owner)
    context = new_context()
    with serve(app) as address:
        one, two = (WatchedPage(context.new_page(), address) for _ in range(2))
        one.sign_in(owner)
        one.open(TILL)
        one.page.wait_for_function("navigator.serviceWorker.controller")
        for seen in (one, two):
            seen.open(f"{TILL}/sale?customer={customer}")
        one.open(TILL)
    one.page.get_by_label("Phone, name, e-mail or card").fill("0712000118")
    expect(one.page.get_by_text("No network.")).to_be_visible()
    expect(one.page.get_by_text("Wanjiku K")).to_be_visible()
    one.page.get_by_label("Amount").fill("100")
    one.page.keyboard.press("Enter")
    two.page.get_by_label("Amount").fill("1,250.00")
    two.page.keyboard.press("Enter")
    for seen in (one, two):
        expect(seen.page.locator("[data-waiting] b")).to_have_text("2")
    one.page.get_by_label("Phone").fill("0733000222")
    one.page.get_by_label("Amount").fill("50")
    one.page.keyboard.press("Enter")
    expect(two.page.locator("[data-waiting] b")).to_have_text("3")
    queue = one.page.evaluate(QUEUE)
    with serve(app, urlsplit(address).port):
        for _ in range(2):
            for seen in (one, two):
                seen.page.evaluate("TuzaTill.sync()")
            expect(two.page.locator("[data-waiting]")).to_be_hidden()
            assert recorded(app, owner, customer) == (3, 1350)
            one.page.evaluate("queue => Promise.all(queue.map(TuzaTill.add))", queue)
        expect(one.page.locator(".banner:visible")).to_have_text(re.compile("The network is back"), timeout=30_000)
        expect(one.page.locator("[data-waiting]")).to_be_hidden(timeout=30_000)
        assert recorded(app, owner, customer) == (3, 1350)
        assert one.page.evaluate("TuzaTill.find('+254712000118')")["name"] == "Wanjiku K"
        one.open("/staff/account")
        one.page.get_by_role("button", name="Sign out", exact=True).first.press("Enter")
        expect(one.page.get_by_label("Password")).to_be_visible()
        one.page.wait_for_function(f"(async () => (await {DATABASES}).join() === 'tuza-till-queue')()")


def test_a_queued_sale_waits_for_its_own_shop_and_names_no_one_after_sign_out(watch, owner, app):
    customer = add_wanjiku(app, owner)
    seen = watch()
    page = seen.sign_in(owner)
    seen.open(f"{TILL}/sale?customer={customer}")
    page.wait_for_function("TuzaTill.find('0712000118')")
    seen.open("/staff/")
    page.locator("[popovertarget=shops]").click()
    page.locator("#shops").get_by_role("button", name="Duka la Pili").click()
    expect(page.locator(".side .shop")).to_have_text(re.compile("Duka la Pili"))
    page.goto(f"{seen.address}{TILL}/offline")
    assert page.evaluate("TuzaTill.find('0712000118')") is None
    sale = {"id": str(uuid4()), "customer": {"id": customer}, "amount": "100", "method": "cash", "label": "Wanjiku K"}
    page.evaluate("sale => TuzaTill.add(sale)", sale | {"shop": str(owner.shop_id)})
    page.evaluate("TuzaTill.sync()")
    assert [(each["label"], "refused" in each) for each in page.evaluate(QUEUE)] == [("Wanjiku K", False)]
    expect(page.get_by_text("Wanjiku K")).to_be_visible()
    page.add_script_tag(url="/static/js/till-lock.js")  # as the sign-in page does
    page.wait_for_function(f"(async () => (await {DATABASES}).join() === 'tuza-till-queue')()")
    assert [each.get("label") for each in page.evaluate(QUEUE)] == [None]
    assert recorded(app, owner, customer) == (0, 0)


def test_a_new_phone_opens_its_form_however_long_the_server_takes(watch, owner, app):
    seen = watch()
    page = seen.sign_in(owner)
    page.clock.install()
    seen.open(TILL)
    held = []
    page.route("**/staff/till?q=*", lambda route: held.append(route))
    field = page.get_by_label("Phone, name, e-mail or card")
    with page.expect_request("**/staff/till?q=*"):
        field.fill("0799000111")
        field.press("Enter")
    page.clock.run_for(1000)  # longer than typing is waited for
    held[0].continue_()
    expect(page.get_by_text("No customer has this phone number yet")).to_be_visible()


def test_a_busy_server_is_said_on_every_page_and_the_keys_work_on(watch, owner, app):
    add_wanjiku(app, owner)
    seen = watch()
    page = seen.sign_in(owner)
    seen.open(TILL)
    field = page.get_by_label("Phone, name, e-mail or card")
    page.route("**/staff/till?q=wanj", lambda route: route.fulfill(status=503, body="busy"))
    field.fill("wanj")
    field.press("Enter")
    expect(page.get_by_text("The server is busy")).to_be_visible()
    field.press("End")
    page.keyboard.type("iku")
    expect(field).to_have_value("wanjiku")
    field.fill("0712000118")
    page.get_by_label("Amount").fill("960")
    expect(page.get_by_text("The server is busy")).to_be_hidden()
    page.route("**/staff/till/sale", lambda route: route.fulfill(status=503, body="busy"))
    page.get_by_label("Amount").press("Enter")
    expect(page.get_by_text("The server is busy")).to_be_visible()


def test_enter_in_the_field_of_the_code_sends_no_other_code(watch, owner, app):
    customer = add_wanjiku(app, owner)
    seen = watch()
    page = seen.sign_in(owner)
    seen.open(f"{TILL}/redeem?customer={customer}&amount=960&points=0")
    page.get_by_label("Code", exact=True).press("Enter")
    expect(page.get_by_text("points given")).to_be_visible()
    assert recorded(app, owner, customer) == (1, 960)


def test_a_card_is_read_by_the_camera_and_a_queued_sale_keeps_its_branch(watch, owner, app):
    customer = add_wanjiku(app, owner)
    with app.app_context():
        use_shop(owner.shop_id)
        branch = save_branch(None, "Westlands", factories.TESTER).id
    seen = watch()
    page = seen.sign_in(owner)
    page.add_init_script(CAMERA)
    seen.open(TILL)
    page.get_by_label("Branch").select_option("Westlands")
    page.get_by_role("button", name="Sell here").click()
    expect(page.locator(f"#till[data-branch='{branch}']")).to_be_visible()
    scan = page.get_by_role("button", name="Scan with camera")
    scan.click()
    expect(page.get_by_role("alert").filter(has_text="The camera cannot be used.")).to_be_visible()
    scan.click()
    expect(page.get_by_label("Amount")).to_be_focused()
    sale = {"id": str(uuid4()), "customer": {"id": customer}, "amount": "100", "method": "cash"}
    page.evaluate("sale => TuzaTill.add(sale)", sale)
    page.context.clear_cookies(name="tuza_till_branch")
    page.evaluate("TuzaTill.sync()")
    assert recorded(app, owner, customer) == (1, 100)
    with app.app_context():
        use_shop(owner.shop_id)
        assert db.session.scalars(select(TillSale.branch_id)).one() == branch
    assert seen.complaints == []


def test_enter_after_the_keypad_records_the_sale(watch, owner, app):
    customer = add_wanjiku(app, owner)
    seen = watch(viewport={"width": 390, "height": 844})
    page = seen.sign_in(owner)
    page.goto(f"{seen.address}{TILL}/sale?customer={customer}")
    for key in "960":
        page.get_by_role("button", name=key, exact=True).click()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="points given")).to_be_visible()
    assert recorded(app, owner, customer) == (1, 960)


def test_the_keypad_has_its_place_before_the_scripts_and_none_without(watch, owner):
    small = {"viewport": {"width": 390, "height": 844}}
    seen = watch(**small)
    page = seen.sign_in(owner)
    page.route("**/js/till.js*", lambda route: route.abort())
    page.goto(seen.address + TILL)
    expect(page.get_by_role("group", name="Keypad")).to_be_visible()  # so nothing moves once they run
    bare = watch(**small, java_script_enabled=False)
    bare.sign_in(owner).goto(bare.address + TILL)
    expect(bare.page.locator(".pad")).to_be_hidden()


def test_amounts_without_network_have_the_decimals_of_the_currency(watch, owner, app):
    seen = watch()
    page = seen.sign_in(owner)
    page.route("**/staff/session", lambda route: route.abort())
    for currency, refused, typed, shown in [
        ("JPY", "245.5", "1,245.00", "1,245"),
        ("KWD", "1.2345", "1245.5", "1,245.500"),
    ]:
        with app.app_context():
            use_shop(owner.shop_id)
            change_settings({"currency": currency}, factories.TESTER)
        page.goto(f"{seen.address}{TILL}/offline")
        amount, save = page.get_by_label("Amount"), page.get_by_role("button", name="Save the sale")
        page.get_by_label("Phone").fill("0712000118")
        amount.fill(refused)
        save.click()
        expect(amount).to_have_attribute("aria-invalid", "")
        amount.fill(typed)
        save.click()
        expect(page.locator("[data-queue] [data-amount]").first).to_have_text(shown)
