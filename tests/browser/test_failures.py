"""What the staff pages do when a request fails: no network, a proxy's error, an ended session, two tabs."""

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from shop.db.tenant import use_shop
from tests import factories
from tests.factories import PASSWORD

DESKTOP = {"width": 1280, "height": 900}
RATE = "Points for each KES 1.00 spent"
BAR = "#failure"


@pytest.fixture
def jane(app, owner):
    """A customer with points in the owner's shop."""
    with app.app_context():
        use_shop(owner.shop_id)
        return factories.make_customer(first_name="Wanjiku", last_name="Kamau", points=500).id


@pytest.fixture
def signed_in(watch, owner):
    """A page of the signed-in owner."""
    seen = watch(viewport=DESKTOP)
    seen.sign_in(owner)
    return seen


def fill_adjustment(page):
    page.locator("#adjust-points").fill("25")
    page.get_by_label("Reason").select_option("Correction")
    page.locator("#adjust-note").fill("Milk was sour")
    expect(page.locator("#after")).to_contain_text("525")


def expect_adjusted(page):
    expect(page.locator("#toasts")).to_contain_text("25 points added")
    expect(page.locator(".hero")).to_contain_text("525")
    expect(page.locator(BAR)).to_be_hidden()


def test_a_search_without_network_shows_a_message_and_resumes_automatically(signed_in, jane):
    page = signed_in.open("/staff/customers")
    page.context.set_offline(True)
    page.get_by_role("searchbox").fill("wanj")
    expect(page.locator(BAR)).to_contain_text("no connection")
    expect(page.get_by_role("searchbox")).to_have_value("wanj")
    page.context.set_offline(False)
    expect(page).to_have_url(re.compile("q=wanj"))
    expect(page.locator(BAR)).to_be_hidden()
    expect(page.get_by_role("link", name="Wanjiku Kamau")).to_be_visible()


@pytest.mark.parametrize(("status", "words"), [(502, "could not answer"), (503, "busy"), (500, "could not answer")])
def test_an_error_of_a_proxy_replaces_nothing(signed_in, jane, status, words):
    page = signed_in.open("/staff/customers")
    page.route("**/staff/customers?*", lambda route: route.fulfill(status=status, body="<h1>Bad gateway</h1>"))
    page.get_by_role("searchbox").fill("wanj")
    expect(page.locator(BAR)).to_contain_text(words)
    expect(page.get_by_role("searchbox")).to_have_value("wanj")
    expect(page.get_by_text("Bad gateway")).to_have_count(0)
    page.unroute("**/staff/customers?*")
    page.get_by_role("button", name="Try again").click()
    expect(page).to_have_url(re.compile("q=wanj"))
    expect(page.locator(BAR)).to_be_hidden()


def sign_in_again(page, email):
    with page.context.expect_page() as opened:
        page.locator(BAR).get_by_role("link", name="Sign in").click()
    tab = opened.value
    tab.get_by_label("E-mail").fill(email)
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("heading", name="You’re signed in")).to_be_visible()
    tab.close()
    page.get_by_role("button", name="Try again").click()


@contextmanager
def no_network(page):
    page.context.set_offline(True)
    yield "no connection"
    page.context.set_offline(False)


@contextmanager
def bad_gateway(page):
    page.route("**/*", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    yield "could not answer"
    page.unroute("**/*")


@contextmanager
def ended_session(page):
    page.context.clear_cookies()
    yield "signed out"


def fill_refund(page):
    page.get_by_label("Goods refunded").fill("100")
    expect(page.locator("#refund-sum")).to_contain_text("reversed")
    page.get_by_label("Reason").fill("Milk was sour")


FORMS = {
    "adjust": ("/staff/customers/{customer}", fill_adjustment, "Add 25 points", expect_adjusted),
    "refund": (
        "/staff/orders/{order}?step=refund",
        fill_refund,
        "Refund this part",
        lambda page: expect(page.locator("#toasts")).to_contain_text("100.00"),
    ),
    "settings": (
        "/staff/settings/store",
        lambda page: page.get_by_label("Address").fill("Moi Avenue, Nairobi"),
        "Save",
        lambda page: expect(page.locator("#toasts")).to_contain_text("Saved."),
    ),
    "product": (  # an ordinary form, sent by the browser
        "/staff/products/{product}",
        lambda page: page.get_by_label("Name", exact=True).first.fill("Fresh milk, 1 l"),
        "Save",
        lambda page: expect(page.locator("#toasts")).to_contain_text("Product saved"),
    ),
}


@pytest.mark.parametrize("fault", [no_network, bad_gateway, ended_session])
@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_fails_is_kept_and_sent_again(app, signed_in, owner, jane, form, fault):
    path, fill, button, expect_done = FORMS[form]
    with app.app_context():
        use_shop(owner.shop_id)
        order = factories.make_order(factories.make_customer(), payment_status="paid").id
        product = factories.make_product("Fresh milk").id
    page = signed_in.open(path.format(customer=jane, order=order, product=product))
    fill(page)
    with fault(page) as words:
        page.get_by_role("button", name=button, exact=True).last.click()
        expect(page.locator(BAR)).to_contain_text(words)
        expect(page.locator(BAR)).to_contain_text("Your entries are still here")
    if fault is ended_session:
        sign_in_again(page, owner.email)
    else:
        page.get_by_role("button", name="Try again").click()
    expect_done(page)
    expect(page.locator(BAR)).to_be_hidden()


def test_a_search_after_the_session_ended_comes_back_to_the_list(signed_in, owner):
    page = signed_in.open("/staff/customers?sort=spent")
    page.context.clear_cookies()
    page.get_by_role("searchbox").fill("wanj")
    expect(page.get_by_role("heading", name="Sign in to your shop")).to_be_visible()
    page.get_by_label("E-mail").fill(owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/staff/customers"))


def test_unsaved_rules_are_not_left_without_a_question(signed_in):
    page = signed_in.open("/staff/settings/loyalty")
    page.get_by_label(RATE).fill("2")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="Customers").first.click()
    page.wait_for_function("document.querySelector('form[data-unsaved]')")
    assert asked == ["beforeunload"]
    expect(page.get_by_label(RATE)).to_have_value("2")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#savebar")).to_contain_text("No unsaved changes")
    page.get_by_role("link", name="Customers").first.click()
    expect(page).to_have_url(re.compile("/staff/customers"))
    assert asked == ["beforeunload"]


def test_a_new_order_is_not_left_without_a_question(signed_in):
    page = signed_in.open("/staff/orders/new")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    with page.expect_response("**/staff/orders/new"):
        page.get_by_role("textbox").last.fill("For the neighbour")
        page.get_by_role("textbox").last.press("Tab")
    expect(page.locator("form#entry[data-unsaved]")).to_be_visible()
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Customers").first.click(no_wait_after=True)
    assert asked == ["beforeunload"]


@pytest.mark.parametrize(
    ("path", "field"),
    [("/staff/customers/{jane}", "#adjust [name=points]"), ("/staff/settings/taxes", "#class-form [name=name]")],
)
def test_text_typed_in_any_form_is_not_left_without_a_question(signed_in, jane, path, field):
    page = signed_in.open(path.format(jane=jane))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator(field).fill("25")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Orders").first.click(no_wait_after=True)
    assert asked == ["beforeunload"]
    expect(page.locator(field)).to_have_value("25")


def test_discarded_rules_are_left_without_a_question(signed_in):
    page = signed_in.open("/staff/settings/loyalty")
    page.get_by_label(RATE).fill("2")
    page.get_by_role("link", name="Discard").click()
    expect(page.locator("#savebar")).to_contain_text("No unsaved changes")
    expect(page.locator("form[data-unsaved]")).to_have_count(0)


def test_refused_rules_are_still_unsaved(signed_in):
    page = signed_in.open("/staff/settings/loyalty")
    page.get_by_label(RATE).fill("a lot")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label(RATE)).to_have_attribute("aria-invalid", "true")
    expect(page.locator("form[data-unsaved]")).to_have_count(1)


def test_a_rule_that_another_tab_changed_is_not_overwritten(signed_in):
    first = signed_in.open("/staff/settings/loyalty")
    second = first.context.new_page()
    second.goto(first.url, wait_until="networkidle")
    second.get_by_label(RATE).fill("2")
    second.get_by_role("button", name="Save").click()
    expect(second.locator("#savebar")).to_contain_text("No unsaved changes")
    first.get_by_label(RATE).fill("3")
    expect(first.locator("#savebar")).to_contain_text(re.compile(r"1\s+unsaved"))
    first.get_by_role("button", name="Save").click()
    expect(first.get_by_text(re.compile("Someone else just changed this to 2")).first).to_be_visible()
    first.reload(wait_until="networkidle")
    expect(first.get_by_label(RATE)).to_have_value("2")


def test_two_tabs_add_up_and_a_refund_is_made_once(app, signed_in, owner, jane):
    with app.app_context():
        use_shop(owner.shop_id)
        order = factories.make_order(factories.make_customer(), payment_status="paid").id
    first = signed_in.open(f"/staff/customers/{jane}")
    fill_adjustment(first)
    second = first.context.new_page()
    second.goto(first.url, wait_until="networkidle")
    fill_adjustment(second)
    second.get_by_role("button", name="Add 25 points").click()
    expect_adjusted(second)
    first.get_by_role("button", name="Add 25 points").click()
    expect(first.locator(".hero")).to_contain_text("550")
    for tab in (first, second):
        tab.goto(f"{signed_in.address}/staff/orders/{order}?step=refund-all", wait_until="networkidle")
        tab.get_by_label("Reason").fill("Milk was sour")
    for tab in (first, second):
        tab.get_by_role("button", name=re.compile("^Refund KES")).click()
        expect(tab.locator("#steps").get_by_text("Refunded in full")).to_be_visible()


def test_a_tab_of_another_shop_changes_and_shows_nothing(signed_in, jane):
    first = signed_in.open("/staff/customers")
    second = first.context.new_page()
    second.goto(f"{signed_in.address}/staff/", wait_until="networkidle")
    second.locator("[popovertarget=shops]").click()
    second.get_by_role("button", name="Duka la Pili").click()
    expect(second).to_have_title(re.compile("Duka la Pili"))
    first.get_by_role("searchbox").fill("wanj")
    expect(first.locator("#toasts")).to_contain_text("another shop in another tab")
    expect(first.get_by_role("link", name="Wanjiku Kamau")).to_be_visible()


def test_a_store_setting_that_another_tab_changed_is_not_overwritten(signed_in):
    first = signed_in.open("/staff/settings/store")
    second = first.context.new_page()
    second.goto(first.url, wait_until="networkidle")
    for tab, words in ((second, "Moi Avenue"), (first, "Kimathi Street")):
        tab.get_by_label("Address").fill(words)
        tab.get_by_role("button", name="Save").click()
        if tab is second:
            expect(tab.locator("#toasts")).to_contain_text("Saved.")
    expect(first.get_by_text("Someone else just changed this to Moi Avenue")).to_be_visible()
    expect(first.get_by_label("Address")).to_have_value("Kimathi Street")
    first.get_by_role("button", name="Save").click()
    expect(first.locator("#toasts")).to_contain_text("Saved.")
