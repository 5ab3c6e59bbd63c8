"""A shop whose online store is on another site than Tuza, and a browser that blocks third-party cookies."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import BrowserContext, BrowserType, Frame, Page, expect

from shop.db.tenant import use_shop
from shop.services.shops.settings import change_setting
from shop.services.shops.shops import create_shop
from tests import factories
from tests.support.codes import read_mails
from tests.support.live_server import serve

EVENTS = ("ready", "resize", "order.created", "order.paid", "closed")
LISTEN = f"""
window.heard = []; window.globals = Object.keys(window);
window.Tuza = {{queue: {json.dumps(EVENTS)}.map((name) => ["on", name, (data) => heard.push([name, data])])}};
"""
HERE = {"name": "Wanjiku Kamau", "phone": "0712 000 118", "street": "Kirichwa Road, Flat B4", "city": "Nairobi"}


@dataclass
class EmbeddedShop:
    """A shop at Tuza's address ``api``, its store at ``store`` and an unrelated page at ``foreign``.

    Browsers treat ``localhost`` and ``127.0.0.1`` as two sites.
    """

    app: Flask
    shop_id: int
    slug: str
    api: str
    items: str = ""
    attributes: str = ""
    """What the page's script tag has beside the shop."""
    body: str = ""
    store: str = ""
    foreign: str = ""
    products: dict[str, int] = field(default_factory=dict)

    def inside(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a function in a context of the shop."""
        with self.app.app_context():
            use_shop(self.shop_id)
            return function(*args, **kwargs)

    def mailed_code(self, email: str) -> str:
        """Return the code in the newest mail to a person."""
        texts = [text for to, _subject, text in read_mails(self.app) if email in to]
        digits = [word for word in texts[-1].replace(" ", "").split() if word.isdecimal() and len(word) == 6]
        return digits[0]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        """Serve the store's page, whose policy allows Tuza's script and frame and nothing inline, and a cookie test."""
        if environ["PATH_INFO"] == "/probe":
            cookie = ("Set-Cookie", "probe=1; Path=/; SameSite=None; Secure")
            start_response("200 OK", [("Content-Type", "text/html"), cookie])
            return [b"<p>" + environ.get("HTTP_COOKIE", "no cookie").encode()]
        policy = f"default-src 'none'; script-src {self.api}; connect-src {self.api}; frame-src *; img-src data:"
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", policy)])
        script = f"<script src='{self.api}/static/embed.js' data-shop='{self.slug}' async {self.attributes}></script>"
        page = (
            "<!doctype html><html lang='en'><title>Soko</title><meta name='viewport' content='width=device-width'>"
            f"<link rel='icon' href='data:,'><main><h1>Soko</h1><p><button id='buy' data-tuza-items='{self.items}'>"
            f"Buy</button></p><div id='place'></div>{self.body}</main>{script}</html>"
        )
        return [page.encode()]


@contextmanager
def stall(app: Flask, api: str) -> Iterator[EmbeddedShop]:
    """A shop that sells bread and milk, delivers and accepts cash, with its store and an unrelated page served."""
    host = api.removeprefix("http://")
    with app.app_context():
        shop = create_shop(
            "Duka la Mama Njeri", slug=factories.unique("duka"), hosts=[host], loyalty_points_enabled="true"
        )
    stand = EmbeddedShop(app, shop.id, shop.slug, api)
    stand.products = stand.inside(fill)
    stand.items = f"{stand.products['bread']}:1,{stand.products['milk']}:2"
    with serve(stand) as store, serve(stand) as foreign:
        stand.store, stand.foreign = (address.replace("127.0.0.1", "localhost") for address in (store, foreign))
        stand.inside(change_setting, "allowed_origins", stand.store, factories.TESTER)
        yield stand


def fill() -> dict[str, int]:
    """Add products, delivery and payment methods."""
    factories.make_shipping("Boda in Nairobi", 10000)
    factories.make_shipping("Courier anywhere in Kenya", 45000, free_above_cents=300000)
    factories.make_payment("mpesa", "M-Pesa", config={"paybill": "247247"})
    factories.make_payment("cod", "Cash on Delivery", position=2)
    bread = factories.make_product("Brown bread, 400 g", 6500)
    milk = factories.make_product("Fresh milk, whole, 500 ml, from the cooperative of Githunguri farms", 6200)
    return {"bread": bread.id, "milk": milk.id}


def strict_browser(browser_type: BrowserType, launch: dict[str, Any], folder: Path, *, block: bool) -> BrowserContext:
    """A separate browser that blocks third-party cookies, or allows them."""
    (folder / "Default").mkdir(parents=True)
    choice = {"cookie_controls_mode": int(block), "block_third_party_cookies": block}
    (folder / "Default" / "Preferences").write_text(json.dumps({"profile": choice}))
    return browser_type.launch_persistent_context(folder, **launch)


def until(page: Page, condition: str) -> None:
    """Wait for a condition. (Playwright's own way of waiting is refused by a strict policy.)"""
    look = f"const look = () => ({condition}) ? done() : setTimeout(look, 20); look();"
    page.evaluate(f"() => new Promise((done) => {{ {look} }})")


def enter(page: Page) -> Frame:
    """Wait for the checkout in a page; return its frame."""
    until(page, "heard.some(([name]) => name === 'ready')")
    return next(frame for frame in page.frames if "/checkout/" in frame.url)


def fill_in(frame: Frame, email: str) -> None:
    """Fill in contact and address."""
    for name, value in {"email": email, **HERE}.items():
        frame.locator(f"#{name}").fill(value)
    frame.locator("#notes").focus()  # as Tab does, which ends the last field


def heard(page: Page, name: str) -> list[Any]:
    """Return the events of a type that a page received."""
    found: list[Any] = page.evaluate("name => heard.filter(([one]) => one === name).map(([, data]) => data)", name)
    return found


def unlock(frame: Frame, stand: EmbeddedShop, email: str) -> None:
    """Request the code, read the mail, enter the code."""
    frame.get_by_role("button", name="Use my points").click()
    expect(frame.locator("#code")).to_be_focused()
    frame.locator("#code").press_sequentially(stand.mailed_code(email))
    frame.get_by_role("button", name="Confirm").click()
    expect(frame.get_by_text("Your points are unlocked for 30 minutes")).to_be_visible()
