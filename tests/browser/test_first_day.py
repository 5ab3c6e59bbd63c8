"""A shop's first day, from an empty installation to the day close, by the staff pages and the public pages alone.

Every sum is worked out here from files and carts, never by Tuza's own functions. The server and its worker are a
process of their own, as `make run` starts them: the shop sells while customers are imported, 1,000 of them, or
`FIRST_DAY_CUSTOMERS=5000`. SQLite alone: the pages do not depend on the engine.
"""

import csv
import re

import pytest
from playwright.sync_api import expect

from tests.browser import first_day_pages as pages
from tests.browser import ugly_files as files
from tests.browser.conftest import WatchedPage
from tests.factories import PASSWORD
from tests.support.server import Server

OWNER = "mwenye@example.com"
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 60_000
"""Milliseconds: other tests share the machine."""
ONLINE, BY_PHONE, COUNTER, RETURNED = (files.customer(number) for number in (6, 11, 16, 10))
ONLINE_CART = {files.product(3): 2, files.product(8): 1}
PHONE_CART = {files.product(4): 1, files.product(5): 2}
POINTS_USED = 200


def goods(cart):
    """Return what a cart costs, in cents."""
    return sum(one.price * pieces for one, pieces in cart.items())


def money(cents):
    """Return an amount as pages show it: ``1,250.50``."""
    return f"{cents // 100:,}.{cents % 100:02}"


def earned(cents):
    """Return the points of an amount: 0.02 for each shilling, rounded down."""
    return cents * 2 // 100 // 100


ONLINE_PAID = goods(ONLINE_CART) + 150_00 - POINTS_USED * 100 // 2
PHONE_PAID, PHONE_BACK = goods(PHONE_CART), files.product(5).price
COUNTER_PAID, RETURNED_PAID, RETURNED_BACK = 1245_50, 300_00, 100_00
BACK = PHONE_BACK + RETURNED_BACK
SALES = ONLINE_PAID + PHONE_PAID + COUNTER_PAID + RETURNED_PAID - BACK
PHONE_REVERSED = earned(PHONE_PAID) * PHONE_BACK // PHONE_PAID
RETURNED_REVERSED = earned(RETURNED_PAID) * RETURNED_BACK // RETURNED_PAID
EARNED = sum(map(earned, (goods(ONLINE_CART), PHONE_PAID, COUNTER_PAID, RETURNED_PAID)))
CHANGES = {
    ONLINE: earned(goods(ONLINE_CART)) - POINTS_USED,
    BY_PHONE: earned(PHONE_PAID) - PHONE_REVERSED,
    COUNTER: earned(COUNTER_PAID),
    RETURNED: earned(RETURNED_PAID) - RETURNED_REVERSED,
}
"""What the day does to the points of each buyer."""
SOLD = {**ONLINE_CART, **PHONE_CART, files.product(5): PHONE_CART[files.product(5)] - 1}
"""Pieces that left the shop: the one that came back from the order by phone is in stock again."""
FLOAT = 2000_00
CASH = FLOAT + COUNTER_PAID + RETURNED_PAID - RETURNED_BACK


@pytest.fixture
def server(private_app, tmp_path):
    """A server with its worker, on a database without any shop; mails are shown at ``/dev/mail``."""
    running = Server(private_app, str(tmp_path), TUZA_ENV="development", PUBLIC_URL="http://127.0.0.1")
    yield running
    running.stop()


@pytest.fixture
def visit(server, new_context):
    """Return a function that opens a watched page in a browser of its own."""
    expect.set_options(timeout=PATIENCE)
    address = f"http://127.0.0.1:{server.port}"
    yield lambda size: WatchedPage(new_context(viewport=size).new_page(), address)
    expect.set_options(timeout=5_000)


def test_the_first_day_of_a_shop(server, visit):
    run = server.app.test_cli_runner().invoke
    for command in (["shop", "create", "Soko Langu"], ["staff", "create", OWNER, "--password", PASSWORD]):
        assert run(args=command).exit_code == 0
    seen, phone = visit(DESKTOP), visit(PHONE)
    sign_in(seen)
    assert pages.steps_done(seen) == "0 of 7 done"
    import_products(seen)
    customers = check_customers(seen)
    shop = set_up(seen)
    assert pages.steps_done(seen) == "5 of 7 done"
    import_customers(seen, customers)
    pages.open_till(seen, "2,000")
    pages.wait_for_customer(seen, COUNTER.phone)
    sell_online(seen, phone, shop)
    sell_by_phone(seen)
    sell_at_the_counter(seen)
    seen.open(customers)
    assert pages.verdicts(seen.page, "Imported") == {"New": files.CUSTOMERS, "Refused": len(files.WRONG_CUSTOMERS)}
    look_at_the_reports(seen)
    compare_products(seen)
    compare_customers(seen)
    close_the_day(seen)
    seen.open("/staff/")
    expect(seen.page.locator("#setup")).to_have_count(0)
    assert seen.complaints + phone.complaints == []


def sign_in(seen):
    page = seen.open("/staff/sign-in")
    page.get_by_label("E-mail").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")


def import_products(seen):
    page = pages.upload(seen, "products", "bei.csv", files.product_file())
    assert pages.matched(page) == ["Name", "SKU", "Barcode", "Price", "Cost", "Stock", "Categories", "Don’t import"]
    page.get_by_role("button", name="Check").click()
    counted = {"New": files.PRODUCTS, "Skipped": files.EMPTY_ROWS, "Refused": len(files.WRONG_PRODUCTS)}
    assert pages.verdicts(page, "Checked, not imported yet") == counted
    reasons = zip(files.WRONG_PRODUCTS, pages.refused(page), strict=True)
    assert [row for row, reason in reasons if row[-1] not in reason] == []
    page.get_by_role("button", name="Import").click()
    assert pages.verdicts(page, "Imported") == counted


def check_customers(seen):
    """Upload the customers, and leave while they are checked; return the path of the import."""
    page = pages.upload(seen, "customers", "wateja.csv", files.customer_file())
    assert pages.matched(page) == ["Full name", "Phone", "E-mail", "Points balance", "Birthday", "Area"]
    page.get_by_label("The phone numbers are verified").check()
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    return page.url.removeprefix(seen.address)


def set_up(seen):
    """Follow the steps of the checklist; return the path of the hosted shop."""
    shop = pages.brand(seen, "soko@example.com")
    pages.set_rules(seen, {"Points for each KES 1.00 spent": "0.02", "Points for KES 1.00 off": "2"})
    pages.offer_payment(seen, "cod")
    pages.deliver(seen, "Nairobi", "Boda boda", "150")
    return shop


def import_customers(seen, path):
    page = seen.open(path)
    counted = {"New": files.CUSTOMERS, "Refused": len(files.WRONG_CUSTOMERS)}
    assert pages.verdicts(page, "Checked, not imported yet") == counted
    reasons = zip(files.WRONG_CUSTOMERS, pages.refused(page), strict=True)
    assert [row for row, reason in reasons if row[-1] not in reason] == []
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("progressbar")).to_be_visible()


def sell_online(seen, phone, shop):
    """Order in the hosted shop with points and pay the rider; staff mark it paid."""
    page = phone.open(shop)
    person = {"email": ONLINE.email, "name": ONLINE.first_name, "phone": ONLINE.phone}
    place = {"street": "Kirichwa Road", "city": "Nairobi", "state": "Nairobi"}
    pages.fill_cart(page, {one.name: pieces for one, pieces in ONLINE_CART.items()}, person | place)
    pages.use_points(page, page.context.new_page(), ONLINE.email, POINTS_USED)
    page.get_by_role("button", name=f"Order now, pay KES {money(ONLINE_PAID)} on delivery").click()
    expect(page.locator("#thanks")).to_be_focused()
    page = pages.open_newest_order(seen)
    pages.open_step(page, "Mark paid")
    page.get_by_label("Reference").fill("SGH7X2K9QA")
    page.get_by_role("button", name="Mark paid").click()
    expect(page.locator("#toasts")).to_contain_text(f"{earned(goods(ONLINE_CART))} points added")


def sell_by_phone(seen):
    """Take an order for a customer who calls and pays by M-Pesa; one of its items comes back."""
    cart = {one.sku: pieces for one, pieces in PHONE_CART.items()}
    page = pages.enter_order(seen, "0720000011", f"{BY_PHONE.first_name} {BY_PHONE.last_name}", cart)
    page.get_by_label("Paid now").check()
    page.get_by_label("Reference, e.g. the M-Pesa code").fill("SGH7X2K9QP")
    page.get_by_role("button", name="Create order").click()
    expect(page).to_have_url(re.compile(r"/staff/orders/[0-9]+$"))
    expect(page.locator("#steps")).to_contain_text(f"{earned(PHONE_PAID)} points added")
    expect(page.locator("#h-payment").locator("../..")).to_contain_text("SGH7X2K9QP")
    pages.open_step(page, "Refund items")
    page.get_by_label(files.product(5).name).fill("1")
    expect(page.locator("#refund-sum")).to_contain_text(f"KES {money(PHONE_BACK)}")
    pages.give_back(page, "Refund these items", f"{PHONE_REVERSED} points reversed")


def sell_at_the_counter(seen):
    """Sell twice for cash; a part of the second sale is given back."""
    page = pages.sell_at_till(seen, "0720000016", "1245.50")
    expect(page.locator(".done")).to_contain_text(f"+{earned(COUNTER_PAID)} points given")
    page = pages.sell_at_till(seen, "0720000010", "300")
    expect(page.locator(".done")).to_contain_text(f"+{earned(RETURNED_PAID)} points given")
    page = pages.open_newest_order(seen)
    pages.open_step(page, "Refund an amount")
    page.locator("#amount").fill("100")
    expect(page.locator("#refund-sum")).to_contain_text(f"{RETURNED_REVERSED} pts reversed")
    pages.give_back(page, "Refund this part", f"{RETURNED_REVERSED} points reversed")


def look_at_the_reports(seen):
    page = seen.open("/staff/reports?report=points&span=30d")
    figures = [pages.number(text) for text in page.locator("dl.stats .stat-value").all_inner_texts()]
    assert figures == [SALES, 4, (SALES + 2) // 4, BACK, 4]
    customers = map(files.customer, range(1, files.CUSTOMERS + 1))
    outstanding = sum(one.points for one in customers) + sum(CHANGES.values())
    pairs = page.locator("dl.pairs dd").all_inner_texts()
    assert [pages.number(text) for text in pairs[:3]] == [outstanding, EARNED, POINTS_USED]
    page = seen.open("/staff/reports?report=products&span=30d")
    assert (
        pages.number(page.locator("table.report tfoot td").last.inner_text())
        == goods(ONLINE_CART) + PHONE_PAID - PHONE_BACK
    )


def compare_products(seen):
    rows = read_csv(seen, "/staff/products.csv")
    found = {row["sku"]: (row["name"], row["price"], row["stock_quantity"]) for row in rows}
    for one in map(files.product, range(1, files.PRODUCTS + 1)):
        stock = one.stock - SOLD.get(one, 0)
        assert found.pop(one.sku) == (one.name, money(one.price).replace(",", ""), str(stock))
    assert found == {}


def compare_customers(seen):
    """Compare every customer with the file, and the points of the buyers with the day."""
    found = {row["Phone"]: row for row in read_csv(seen, "/staff/customers.csv")}
    for one in map(files.customer, range(1, files.CUSTOMERS + 1)):
        row = found.pop(one.phone)
        assert (row["First name"], row["Last name"], row["E-mail"]) == (one.first_name, one.last_name, one.email)
        assert int(row["Points"]) == one.points + CHANGES.get(one, 0), one
    assert found == {}


def read_csv(seen, path):
    """Return the rows of an exported list."""
    answer = seen.page.request.get(seen.address + path)
    return list(csv.DictReader(answer.body().decode("utf-8-sig").splitlines()))


def close_the_day(seen):
    """Count ten shillings less than expected: the page wants to know why."""
    page = seen.open("/staff/till/close")
    cash = page.get_by_label("Cash")
    expect(page.locator("#close")).to_contain_text(f"Expected: {money(CASH)}, with 2,000.00 in the drawer")
    cash.fill(money(CASH - 10_00))
    page.get_by_role("button", name="Close the till").click()
    expect(page.get_by_text("say where the difference comes from")).to_be_visible()
    page.get_by_label("Where does the difference come from?").fill("Ten for the watchman")
    page.get_by_role("button", name="Close the till").click()
    past = page.get_by_role("region", name="Past closes")
    expect(past).to_contain_text("Ten for the watchman")
    expect(past).to_contain_text("−10.00")
