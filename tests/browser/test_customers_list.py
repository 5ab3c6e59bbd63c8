"""The list of customers in a real browser, with 100,000 customers."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from shop.web.http.rate_limit import limiter
from tests import factories
from tests.browser.test_staff_pages import DESKTOP, PHONE


@pytest.fixture
def app(large_shop):
    """The application of the large shop, before any sign-in attempt."""
    limiter.reset()
    return large_shop[0]


@pytest.fixture
def keeper(large_shop):
    """The owner of the large shop."""
    return large_shop[1]


@pytest.fixture
def person(large_shop):
    """One of the 100,000 customers."""
    return large_shop[2]


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def seen(request, watch):
    """A watched page, on a desktop and on a phone."""
    return watch(viewport=request.param)


def rows(page):
    return page.locator("#rows > tr")


def stay(page):
    """Leave a mark that a reloaded page would not have."""
    page.evaluate("window.stayed = true")
    return lambda: page.evaluate("window.stayed === true")


def test_one_of_100_000_is_found_by_typing(seen, keeper, person):
    seen.sign_in(keeper)
    page = seen.open("/staff/customers")
    expect(rows(page)).to_have_count(50)
    expect(page.locator(".foot")).to_contain_text("1–50 of more than 10,000")
    stayed = stay(page)
    search = page.get_by_role("searchbox")
    search.press_sequentially(f"{person.first_name} .99923", delay=30)
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text(person.email)
    expect(page).to_have_url(re.compile(r"q=.*99923"))
    expect(search).to_be_focused()
    expect(search).to_have_value(f"{person.first_name} .99923")
    assert stayed()
    seen.assert_sound()
    page.go_back()
    expect(rows(page)).to_have_count(50)
    expect(page).to_have_url(re.compile(r"/customers$"))
    page.go_forward()
    expect(rows(page)).to_have_count(1)
    rows(page).get_by_role("link").click()
    expect(page).to_have_url(re.compile(rf"/customers/{person.id}$"))


def test_digits_of_a_phone_find_the_customer_too(watch, keeper, person):
    seen = watch(viewport=DESKTOP)
    seen.sign_in(keeper)
    page = seen.open("/staff/customers")
    page.get_by_role("searchbox").fill(f"0{person.phone[4:7]} {person.phone[7:]}")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text(person.email)
    assert seen.complaints == []


def test_a_late_answer_to_an_older_search_is_dropped(watch, keeper, person):
    seen = watch(viewport=DESKTOP)
    seen.sign_in(keeper)
    page = seen.open("/staff/customers")
    held = []
    page.route(re.compile(r"\?.*q=zq"), lambda route: held.append(route))
    search = page.get_by_role("searchbox")
    with page.expect_request(re.compile(r"\?.*q=zq")):
        search.fill("zq")
    search.fill(person.email)
    expect(rows(page)).to_have_count(1)
    for route in held:
        route.fulfill(body='<div id="customers">Too late</div>')
    page.get_by_role("searchbox").press("End")
    expect(rows(page)).to_contain_text(person.email)
    assert seen.complaints == []


def test_sorting_and_turning_pages_happen_in_place(seen, keeper):
    seen.sign_in(keeper)
    page = seen.open("/staff/customers")
    stayed = stay(page)
    first = rows(page).first.inner_text()
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile("after="))
    expect(rows(page).first).not_to_have_text(first)
    expect(page.locator("#customers")).to_be_in_viewport()
    page.get_by_role("link", name="Previous").click()
    expect(page).to_have_url(re.compile("before="))
    expect(page.locator("#customers")).to_be_focused()
    assert rows(page).first.inner_text() == first
    if page.viewport_size == DESKTOP:
        page.get_by_role("link", name="Points", exact=True).click()
        expect(page.get_by_role("columnheader", name="Points")).to_have_attribute("aria-sort", "descending")
        expect(page.locator("#sort-points")).to_be_focused()
    else:
        page.get_by_role("link", name="Filter").click()
        page.get_by_label("Sort by", exact=True).select_option("-points")
    expect(page).to_have_url(re.compile("sort=-points"))
    assert stayed()
    seen.assert_sound()


def test_filters_are_set_shown_and_taken_away(seen, keeper):
    seen.sign_in(keeper)
    page = seen.open("/staff/customers")
    stayed = stay(page)
    page.get_by_role("link", name="Filter").click()
    page.get_by_label("Has points").check()
    expect(page).to_have_url(re.compile("points=1"))
    page.get_by_label("Minimum spent, KES").fill("5000")
    page.get_by_label("Minimum spent, KES").press("Tab")
    expect(page).to_have_url(re.compile("spent_from=5000"))
    expect(page.locator(".chip", has_text="KES 5,000.00 or more")).to_be_visible()
    seen.assert_sound()
    page.get_by_role("link", name="Remove filter: Points 1 or more").click()
    expect(page).not_to_have_url(re.compile("points=1"))
    expect(page.get_by_label("Has points")).not_to_be_checked()
    page.get_by_role("searchbox").fill("nobody of that name")
    expect(page.get_by_role("heading", name="No customers found")).to_be_visible()
    seen.assert_sound()
    page.get_by_role("link", name="Clear search and filters").click()
    expect(rows(page)).to_have_count(50)
    expect(page.get_by_role("searchbox")).to_have_value("")
    assert stayed()


def test_the_keyboard_is_enough(watch, keeper, person):
    seen = watch(viewport=DESKTOP)
    seen.sign_in(keeper)
    page = seen.open("/staff/customers")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_be_visible()
    seen.assert_sound("#keys")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("j")
    expect(rows(page).nth(0).get_by_role("link")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(rows(page).nth(1).get_by_role("link")).to_be_focused()
    expect(rows(page).nth(1)).to_have_class(re.compile("focus"))
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("jk?n" + person.email)
    expect(page.get_by_role("searchbox")).to_have_value("jk?n" + person.email)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(person.email)
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/customers/{person.id}$"))
    page.go_back()
    page.get_by_role("heading", name="Customers").wait_for()
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("/customers/new"))
    assert seen.complaints == []


def test_everything_works_without_scripts(watch, keeper, person):
    seen = watch(viewport=PHONE, java_script_enabled=False)
    seen.sign_in(keeper)
    page = seen.open("/staff/customers")
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile("after="))
    page.get_by_role("link", name="Filter").click()
    page.get_by_label("Has points").check()
    page.get_by_label("Last order", exact=True).select_option("90")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".chip", has_text="over 90 days ago")).to_be_visible()
    page.get_by_role("link", name="Clear").click()
    page.get_by_role("searchbox").fill(person.email)
    page.get_by_role("searchbox").press("Enter")
    expect(rows(page)).to_have_count(1)
    page.locator("summary", has_text="Save this view").click()
    page.get_by_label("View name").fill("Just her")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_text("View saved: Just her")).to_be_visible()
    page.get_by_role("button", name="Delete this view").click()
    expect(page.get_by_text("View deleted: Just her")).to_be_visible()


def test_a_view_is_kept_and_forgotten_in_place(seen, keeper):
    seen.sign_in(keeper)
    page = seen.open("/staff/customers?points=1&sort=-spent")
    stayed = stay(page)
    page.locator("summary", has_text="Save this view").click()
    page.get_by_label("View name").fill(" ")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_text("Enter a name")).to_be_visible()
    seen.assert_sound()
    page.get_by_label("View name").fill("Best customers by money")
    page.get_by_role("button", name="Save view").click()
    tab = page.get_by_role("link", name="Best customers by money")
    expect(tab).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("status").filter(has_text="View saved")).to_be_visible()
    seen.assert_sound()
    page.get_by_role("button", name="Delete this view").click()
    expect(tab).to_have_count(0)
    assert stayed()
    assert seen.complaints == []


def test_a_customer_is_added(seen, keeper, person):
    seen.sign_in(keeper)
    page = seen.open("/staff/customers/new")
    expect(page.get_by_label("First name")).to_be_focused()
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_role("button", name="Add customer").click()
    expect(page.get_by_text("A customer with this e-mail already exists.")).to_be_visible()
    expect(page.get_by_role("link", name="Open customer")).to_be_visible()
    seen.assert_sound()
    email = f"{factories.unique('new')}@example.com"
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("First name").fill("<script>alert(1)</script>")
    page.get_by_role("button", name="Add customer").dblclick()
    expect(page).to_have_url(re.compile(r"/customers/\d+$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("<script>alert(1)</script>")
    assert seen.complaints == []


def test_what_is_shown_is_taken_home(watch, keeper, person):
    seen = watch(viewport=DESKTOP, accept_downloads=True)
    seen.sign_in(keeper)
    page = seen.open(f"/staff/customers?q={person.email}")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Export").click()
    lines = Path(waiting.value.path()).read_text("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(person.email)


def test_filters_an_empty_list_and_the_form_are_sound(seen, keeper):
    seen.sign_in(keeper)
    for path in ("?points=1&registered=1&spent_from=10&filters=1", "?q=nobody-of-that-name", "/new"):
        seen.open(f"/staff/customers{path}")
        seen.assert_sound()
