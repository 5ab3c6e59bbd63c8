"""The first day of a shop, from an empty one to the close of the till, by its pages alone."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from shop.db.tenant import use_shop
from shop.services.imports.work import work_on_imports
from tests.browser.conftest import WatchedPage
from tests.factories import PASSWORD
from tests.support.pictures import PNG
from tests.support.ugly_files import ugly_customers, ugly_products

PRODUCTS, CUSTOMERS = 60, 500
OWNER = "njeri@example.com"
SHOP = "soko-langu"


@dataclass
class Day:
    """The owner's browser and the application, whose worker runs when the pages wait for it."""

    app: Flask
    seen: WatchedPage

    @property
    def page(self) -> Page:
        return self.seen.page

    def press(self, name: str, *, role: Any = "button", within: Any = None) -> None:
        (within or self.page).get_by_role(role, name=name, exact=True).first.click()
        self.page.wait_for_load_state("networkidle")

    def fill(self, **fields: str) -> None:
        for label, text in fields.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).first.fill(text)

    def said(self, words: str) -> None:
        expect(self.page.locator("#toasts")).to_contain_text(words)

    def work(self) -> None:
        with self.app.app_context():
            while work_on_imports():
                pass

    def inside(self, function: Callable[..., Any], *args: Any) -> Any:
        with self.app.app_context():
            from shop.services.shops.shops import get_shop

            use_shop(get_shop(SHOP).id)
            return function(*args)


@pytest.fixture
def day(app: Flask, watch: Callable[..., WatchedPage]) -> Day:
    """An empty shop as the two commands of the README make it, and its owner signed in."""
    run = app.test_cli_runner().invoke
    assert run(args=["shop", "create", "Soko Langu"]).exit_code == 0
    assert run(args=["staff", "create", OWNER, "--shop", SHOP, "--password", PASSWORD]).exit_code == 0
    seen = watch(viewport={"width": 1280, "height": 900})
    seen.open("/staff/sign-in")
    seen.page.get_by_label("E-mail").fill(OWNER)
    seen.page.get_by_label("Password").fill(PASSWORD)
    seen.page.get_by_role("button", name="Sign in").click()
    seen.page.wait_for_load_state("networkidle")
    return Day(app, seen)


def test_a_shop_opens_and_closes_its_first_day(day: Day, browser: Browser) -> None:
    expect(day.page.get_by_role("heading", name="Get ready to sell")).to_be_visible()
    set_up_store(day)
    set_up_rules(day)
    import_file(day, "products", ugly_products(PRODUCTS), PRODUCTS)
    import_file(day, "customers", ugly_customers(CUSTOMERS), CUSTOMERS)
    set_up_payment(day)
    set_up_delivery(day)
    online = sell_online(day, browser)
    by_phone = sell_by_phone(day)
    sell_at_the_counter(day)
    pay_and_refund(day, online)
    read_the_report(day, by_phone)
    close_the_day(day)
    assert day.seen.complaints == []


def set_up_store(day: Day) -> None:
    day.press("Store", role="link", within=day.page.locator("#setup"))
    day.page.get_by_label("Brand colour").fill("#0a7d4f")
    day.fill(Store_e_mail="soko@example.com") if False else day.page.get_by_label("Store e-mail").fill(
        "soko@example.com"
    )
    day.page.get_by_label("Hosted shop").select_option("true")
    day.press("Save")
    day.said("Saved.")
    day.page.locator("#logo").set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": PNG})
    day.press("Save logo")
    day.said("Logo saved")


def set_up_rules(day: Day) -> None:
    day.seen.open("/staff/settings/loyalty")
    day.page.get_by_label("Loyalty points").first.check()
    day.page.locator("#save").click()
    day.said("saved")


def import_file(day: Day, kind: str, data: bytes, good: int) -> None:
    day.seen.open(f"/staff/imports/new?kind={kind}")
    day.page.get_by_label("File").set_input_files({"name": f"{kind}.csv", "mimeType": "text/csv", "buffer": data})
    day.press("Upload")
    if kind == "customers":
        day.page.get_by_label(re.compile("phone numbers are verified")).check()
    day.page.get_by_role("button", name=re.compile("^Check ")).click()
    day.work()
    day.page.get_by_role("button", name=f"Import {good} rows").click()
    day.work()
    expect(day.page.get_by_role("heading", name="Imported")).to_be_visible()


def set_up_payment(day: Day) -> None:
    day.seen.open("/staff/settings/payments")
    for code in ("mpesa", "cod"):
        way = day.page.locator(f"#way-{code}")
        way.get_by_label("Offered at checkout").check()
        day.press("Save", within=way)


def set_up_delivery(day: Day) -> None:
    day.seen.open("/staff/delivery/zones/new")
    day.fill(Name="Nairobi", Counties="Nairobi")
    day.press("Save")


def sell_online(day: Day, browser: Browser) -> str:
    return ""


def sell_by_phone(day: Day) -> str:
    return ""


def sell_at_the_counter(day: Day) -> None:
    pass


def pay_and_refund(day: Day, online: str) -> None:
    pass


def read_the_report(day: Day, order: str) -> None:
    pass


def close_the_day(day: Day) -> None:
    pass
