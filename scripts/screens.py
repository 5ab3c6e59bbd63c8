"""Pictures of every page, light and dark, on a desk and on a phone: ``python scripts/screens.py`` fills docs/screens/.

``--storefront`` takes those of the demo storefront alone, which has its own port, ``--checkout`` those of
the checkout as a page of its own.

Starts a Tuza of its own with the demo shop in a temporary folder, and stops it again. Needs the test extra and a
Chromium.
"""

import json
import re
import sys
import threading
import urllib.request
from typing import Any

from demo_server import ROOT, launch, running_demo
from playwright.sync_api import Browser, Locator, Page, sync_playwright

sys.path.insert(0, str(ROOT))  # as a script its folder is not on the path

from bench.replay.postbox import Postbox
from examples.storefront.serve import make_storefront
from shop.demo.load import SLUG

FOLDER = ROOT / "docs" / "screens"
LOOKS = (
    ("desktop-light", 1280, 900, "light"),
    ("desktop-dark", 1280, 900, "dark"),
    ("phone-light", 390, 844, "light"),
    ("phone-dark", 390, 844, "dark"),
)
CHECKOUTS = (("320-dark", 320, 2150, "dark"), ("480-light", 480, 1850, "light"))
PAGES = {
    "overview": "/staff/",
    "orders": "/staff/orders",
    "customers": "/staff/customers",
    "customers-filters": "/staff/customers?points=1&spent_from=5000&sort=-points&filters=1",
    "customers-nobody": "/staff/customers?q=nobody+of+that+name",
    "customer-new": "/staff/customers/new",
    "customer": "/staff/customers/1",
    "customer-why": "/staff/customers/1?why=1#entry-1",
    "ledger": "/staff/ledger",
    "ledger-by-day": "/staff/ledger/days",
    "registrations": "/staff/registrations",
    "loyalty-rules": "/staff/settings/loyalty",
    "store": "/staff/settings/store",
    "ways-to-pay": "/staff/settings/payments",
    "staff": "/staff/settings/staff",
    "api-keys": "/staff/settings/keys",
    "sandbox": "/staff/sandbox",
    "audit-log": "/staff/settings/audit",
    "account": "/staff/account",
    "api": "/api/docs",
}


def main() -> None:
    """Start, take the pictures, stop."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with running_demo() as (base, demo, instance), sync_playwright() as playwright:
        browser = launch(playwright)
        post = Postbox(instance / "mail", threading.Event())
        only = [word for word in sys.argv[1:] if word.startswith("--")]
        if not only:
            take_all(browser, base, demo["staff"])
        if not only or "--storefront" in only:
            take_storefront(browser, base, demo, post)
        if not only or "--checkout" in only:
            take_checkout(browser, base, demo, post)
        browser.close()


def take_all(browser: Browser, base: str, staff: dict[str, str]) -> None:
    """Every page in every look."""
    for look, width, height, scheme in LOOKS:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
        )
        page = context.new_page()
        page.goto(base + "/staff/sign-in")
        take(page, f"sign-in-{look}")
        page.goto(base + "/staff/forgotten-password")
        take(page, f"forgotten-password-{look}")
        page.goto(base + "/staff/sign-in")
        page.fill("#email", staff["email"])
        page.fill("#password", staff["password"])
        page.click("button[type=submit]")
        page.wait_for_url(base + "/staff/")
        for name, path in PAGES.items():
            page.goto(base + path)
            take(page, f"{name}-{look}")
        page.goto(base + "/staff/orders")
        first = re.search(r'href="(/staff/orders/\d+)"', page.content())
        if first:
            page.goto(base + first[1])
            take(page, f"order-{look}")
            page.goto(base + first[1] + "?step=cancel#steps")
            take(page, f"order-cancel-{look}")
        context.close()


def take_storefront(browser: Browser, base: str, demo: dict[str, Any], post: Postbox) -> None:
    """The demo storefront on a desk, its points widget there and on a phone in the dark, and its checkout."""
    server = make_storefront(0, base)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    store = f"http://localhost:{server.server_port}"
    allow(base, demo["api_key"], store)
    customers = iter(demo["customers"])
    for look, width, height, scheme in (("desktop-light", 1280, 900, "light"), ("phone-dark", 390, 844, "dark")):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto(store)
        launcher = page.locator("tuza-points .launcher")
        launcher.wait_for()
        take(page, f"storefront-{look}")
        page.get_by_role("button", name="Add Pishori rice").dblclick()
        page.evaluate("scrollTo(0, 0)")
        launcher.click()
        email = next(customers)["email"]
        page.get_by_label("E-mail or phone number").fill(email)
        page.keyboard.press("Enter")
        page.get_by_label("Code of 6 digits").fill(post.code_for(email))
        page.keyboard.press("Enter")
        page.get_by_text("May use up to").wait_for()
        take(page, f"points-widget-{look}")
        page.keyboard.press("Escape")
        page.locator("#open-basket").click()
        page.locator("#checkout").click()
        frame = page.frame_locator("iframe[title=Checkout]")
        frame.get_by_label("E-mail").fill(next(customers)["email"])
        frame.get_by_label("E-mail").press("Tab")
        frame.get_by_role("button", name="Use my points").scroll_into_view_if_needed()
        page.wait_for_timeout(500)  # the frame takes its height; with it the page is never called idle
        take(page, f"storefront-checkout-{look}", idle=False)
        context.close()
    server.shutdown()


def take_checkout(browser: Browser, base: str, demo: dict[str, Any], post: Postbox) -> None:
    """The checkout from the code to the confirmation, on the smallest phone in the dark and beside other things."""
    found = ask(base, demo["api_key"], "GET", "/customers?sort=-points_balance&limit=20")
    emails = [customer["email"] for customer in found["data"]["customers"][10:]]
    address = f"{base}/checkout/{SLUG}?items=37:1,11.1:12,26:1&coupon=WELCOME10"
    here = {"name": "Wanjiku Kamau", "phone": "0712 000 118", "street": "Kirichwa Road, Flat B4", "city": "Nairobi"}
    for (look, width, height, scheme), email in zip(CHECKOUTS, emails, strict=False):
        size = {"width": width, "height": height}
        page = browser.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
        page.goto(address)
        for name, value in {"email": email, **here}.items():
            page.fill(f"#{name}", value)
        page.get_by_role("button", name="Use my points").click()
        page.locator("#code").wait_for()
        code = post.code_for(email)
        page.locator("#code").press_sequentially(code[:4])
        take_part(page.locator("#content"), f"checkout-code-{look}")
        page.locator("#code").press_sequentially(code[4:])
        page.get_by_role("button", name="Confirm").click()
        page.locator(".done").wait_for()
        take_part(page.locator("#content"), f"checkout-points-{look}")
        page.locator("#pay").click()
        page.locator("#thanks").wait_for()
        take_part(page.locator("#content"), f"checkout-done-{look}")
        page.close()


def ask(base: str, key: dict[str, str], method: str, path: str, value: Any = None) -> Any:
    """The admin API's answer."""
    passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
    passwords.add_password(None, base, key["consumer_key"], key["consumer_secret"], is_authenticated=True)
    body = json.dumps(value).encode() if value is not None else None
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{base}/api/v1{path}", body, headers, method=method)
    with urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(passwords)).open(
        request, timeout=30
    ) as answer:
        return json.load(answer)


def allow(base: str, key: dict[str, str], origin: str) -> None:
    """Let the pages of an origin use the storefront's API and checkout."""
    ask(base, key, "PUT", "/settings/shop/allowed_origins", {"value": origin})


def take_part(part: Locator, name: str) -> None:
    """One picture of a part of a page, as high as it is."""
    part.screenshot(path=FOLDER / f"{name}.jpg", type="jpeg", quality=60)


def take(page: Page, name: str, *, idle: bool = True) -> None:
    """One picture of what a screen shows, as a JPEG of moderate quality."""
    if idle:
        page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.jpg", type="jpeg", quality=60)


if __name__ == "__main__":
    main()
