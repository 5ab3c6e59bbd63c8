"""The pages of a shop's first day, driven as people use them: by labels and buttons, waiting for what they show."""

import re
from collections.abc import Mapping
from urllib.parse import quote, urljoin, urlsplit

from playwright.sync_api import Page, expect

from tests.browser.conftest import WatchedPage

LONG = 900_000
"""Milliseconds that an import may take on a busy machine."""
WAITS = 200
"""How often a page is loaded again until it shows something."""


def follow_step(seen: WatchedPage, button: str) -> Page:
    """Open a step of the checklist by its button."""
    seen.open("/staff/")
    seen.page.locator("#setup").get_by_role("link", name=button, exact=True).click()
    return seen.page


def steps_done(seen: WatchedPage) -> str:
    """Return how many steps the checklist says are done."""
    seen.open("/staff/")
    return seen.page.locator("#setup .card-header .muted").inner_text()


def brand(seen: WatchedPage, email: str) -> str:
    """Name the shop, open its hosted shop; return the path of that."""
    page = follow_step(seen, "Store")
    page.get_by_label("Store e-mail").fill(email)
    page.get_by_label("Brand colour").fill("#1f6f54")
    page.get_by_label("Hosted shop").select_option("Open")
    save(page)
    return urlsplit(page.locator("#hosted_shop_enabled").locator("..").get_by_role("link").get_attribute("href")).path


def save(page: Page) -> None:
    """Press Save and wait until the page says so."""
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("aved")


def set_rules(seen: WatchedPage, rules: Mapping[str, str]) -> None:
    """Turn the points on and set rules by their labels."""
    page = follow_step(seen, "Loyalty rules")
    page.get_by_role("switch", name="Loyalty points").check()
    for label, text in rules.items():
        page.get_by_label(label).fill(text)
    expect(page.locator("#unsaved")).to_contain_text(f"{len(rules) + 1}")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator("#toasts")).to_contain_text("saved")


def offer_payment(seen: WatchedPage, code: str) -> None:
    """Turn on a payment method, by the switch alone."""
    page = follow_step(seen, "Payment methods")
    card = page.locator(f"#way-{code}")
    card.get_by_label("Offered at checkout").check()
    card.get_by_role("button", name="Save").click()
    expect(card.locator(".card-header")).to_contain_text("On")


def deliver(seen: WatchedPage, county: str, method: str, cost: str) -> None:
    """Add a zone and a method in it."""
    page = follow_step(seen, "Delivery")
    page.get_by_role("link", name="Add zone").first.click()
    page.get_by_label("Name", exact=True).fill(county)
    page.get_by_label("Counties").fill(county)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name=f"Add a method to {county}").click()
    page.get_by_label("Name shown to customers").fill(method)
    page.get_by_label("Price", exact=True).fill(cost)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name=method)).to_be_visible()


def upload(seen: WatchedPage, kind: str, name: str, data: bytes) -> Page:
    """Upload a file; the page for matching its columns is open afterwards."""
    page = seen.open(f"/staff/imports/new?kind={kind}")
    page.get_by_label("File").set_input_files({"name": name, "mimeType": "text/csv", "buffer": data})
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="Match columns")).to_be_visible()
    return page


def matched(page: Page) -> list[str]:
    """Return the field that each column is matched with."""
    return page.locator("table.map option:checked").all_inner_texts()


def verdicts(page: Page, state: str) -> dict[str, int]:
    """Wait until an import has a state; return the number of rows by verdict, those without rows left out."""
    expect(page.get_by_role("heading", name=state, exact=True)).to_be_visible(timeout=LONG)
    listed = page.locator(".verdicts a").all()
    found = {each.locator("span").first.inner_text(): number(each.locator("b").inner_text()) for each in listed}
    return {word: count for word, count in found.items() if count}


def refused(page: Page) -> list[str]:
    """Return the reasons of the refused rows."""
    page.locator(".verdicts").get_by_role("link", name="Refused").click()
    expect(page.locator(".verdicts [aria-current]")).to_contain_text("Refused")
    return page.locator("td.edge .muted").all_inner_texts()


def number(text: str) -> int:
    """Return a number as pages show it, ``1,480`` or ``−20``; a minor unit of money for ``KES 1,250.50``."""
    found = re.search(r"[−-]?[0-9][0-9,]*(\.[0-9]{2})?", text)
    assert found is not None, text
    return int(found[0].translate({ord("−"): "-", ord(","): None, ord("."): None}))


def fill_cart(page: Page, cart: Mapping[str, int], person: Mapping[str, str]) -> None:
    """Fill the cart in the hosted shop with products by name, and the checkout's form up to the payment."""
    for name, pieces in cart.items():
        page.get_by_role("searchbox", name="Search the shop").fill(name)
        page.keyboard.press("Enter")
        page.get_by_role("link", name=name, exact=True).click()
        page.get_by_label("Quantity").fill(str(pieces))
        page.get_by_role("button", name="Add to cart").click()
        expect(page.get_by_role("status")).to_contain_text("is in your cart")
    page.get_by_role("link", name="View cart").click()
    page.get_by_role("link", name="Checkout").click()
    for field, text in person.items():
        page.locator(f"#{field}").fill(text)
    page.locator("#notes").focus()


def use_points(page: Page, mail: Page, email: str, points: int) -> None:
    """Ask for a code, read it on the page of mails that development has, and use some points."""
    page.get_by_role("button", name="Use my points").click()
    expect(page.locator("#code")).to_be_focused()
    page.locator("#code").fill(mailed_code(mail, page.url, email))  # pasted as a whole, it needs no button
    expect(page.get_by_text("Your points are unlocked for 30 minutes")).to_be_visible()
    page.locator("#points").fill(str(points))
    page.locator("#points").press("Tab")
    expect(page.locator("#due")).to_contain_text(f"{points:,} points")


def mailed_code(mail: Page, address: str, email: str) -> str:
    """Wait for a mail to a person; return the code in it."""
    newest = mail.locator(".mails li", has_text=f"to {email}").get_by_role("link")
    for _look in range(WAITS):
        mail.goto(urljoin(address, "/dev/mail"))
        if newest.count():
            newest.first.click()
            return re.findall(r"\b[0-9]{3} ?[0-9]{3}\b", mail.locator("pre").inner_text())[0].replace(" ", "")
    raise AssertionError(f"no mail to {email}")


def enter_order(seen: WatchedPage, phone: str, name: str, cart: Mapping[str, int]) -> Page:
    """Begin an order by phone: the customer by their number, each product by its SKU."""
    page = seen.open("/staff/orders/new")
    page.get_by_label("Find a customer by phone, name or e-mail").press_sequentially(phone)
    page.get_by_role("button", name=f"Select {name}").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()
    field = page.get_by_label("Find a product by name, SKU or barcode")
    for sku, pieces in cart.items():
        for _piece in range(pieces):
            field.fill(sku)
            page.keyboard.press("Enter")
            expect(field).to_have_value("")
            expect(field).to_be_focused()
    return page


def sell_at_till(seen: WatchedPage, phone: str, amount: str) -> Page:
    """Take cash at the till by keystrokes alone, as `docs/till.md` promises."""
    page = seen.open("/staff/till")
    page.keyboard.type(phone)
    expect(page.get_by_label("Amount")).to_be_focused()
    page.keyboard.type(amount)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/staff/till/sales/\d+$"))
    return page


def open_step(page: Page, name: str) -> None:
    """Open a step of an order."""
    page.locator("#steps").get_by_role("link", name=name).click()


def give_back(page: Page, button: str, said: str) -> None:
    """End a refund whose money was sent."""
    page.get_by_label("Reason").fill("Item damaged")
    page.get_by_label("I have sent the money").check()
    page.get_by_role("button", name=button).click()
    expect(page.locator("#toasts")).to_contain_text(said)


def open_till(seen: WatchedPage, cash: str) -> None:
    """Open the till with the cash in the drawer."""
    page = seen.open("/staff/till/close")
    page.get_by_label("in the drawer").fill(cash)
    page.get_by_role("button", name="Open the till").click()
    expect(page.get_by_role("button", name="Close the till")).to_be_visible()


def wait_for_customer(seen: WatchedPage, phone: str) -> None:
    """Wait until a running import has come to a customer."""
    for _look in range(WAITS):
        seen.open(f"/staff/customers?q={quote(phone)}")
        if seen.page.locator("#rows > tr").count() == 1:
            return
    raise AssertionError(f"no customer with {phone}")


def open_newest_order(seen: WatchedPage) -> Page:
    """Open the order on top of the list."""
    page = seen.open("/staff/orders")
    page.locator("#rows > tr").first.get_by_role("link").first.click()
    expect(page.locator("#steps")).to_be_visible()
    return page
