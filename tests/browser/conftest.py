"""Pages in a real browser, served over HTTP; the browser's errors are recorded."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, BrowserType, ConsoleMessage, Page

from bench.people import add_customers
from shop.db.tenant import use_shop
from shop.queries.customers.list import CustomerFilters, list_customers
from shop.services.staff.accounts import StaffMember, find_member
from tests import factories
from tests.factories import PASSWORD
from tests.support.csrf import TOKEN
from tests.support.databases import Databases, close
from tests.support.live_server import serve

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM = ("chromium", "chromium-browser")
SHELL = "chromium-headless-shell"  # without a browser's own windows: a third less work
RUN_AXE = "async ([part, options]) => (await axe.run(part, options)).violations"  # all results are megabytes
COLOR_RULES = ["color-contrast", "link-in-text-block"]
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
GOOD_PRACTICE = ["accesskeys", "aria-dialog-name", "aria-text", "aria-treeitem-name", "label-title-only", "tabindex"]
"""Rules of axe-core outside WCAG whose findings are serious. The others, moderate or minor, take half of its time."""
ENABLED = {"enabled": True}
AXE = Path(__file__).parent / "vendor/axe-core/axe.min.js"
ONLY = 1
"""The id of the only shop, and of the only member of its staff."""
LONG_NAME = "Duka la Mama Njeri na Wanawe, Wauzaji wa Mboga, Matunda na Nafaka za Kila Aina, Nairobi"


@pytest.fixture(scope="session")
def engine_name() -> str:
    """What a browser sees does not depend on the database: one engine is enough here."""
    return "sqlite"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium where there is one, else Playwright's own."""
    return browser_type_launch_args | {"args": FLAGS} | _executable(SHELL, *CHROMIUM)


@pytest.fixture(scope="session")
def full_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Arguments for the whole Chromium: the shell knows no setting for third-party cookies and always allows them."""
    return browser_type_launch_args | _executable(*CHROMIUM)


@pytest.fixture(scope="session")
def full_browser(browser_type: BrowserType, full_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """The whole Chromium, which blocks third-party cookies in the contexts of tests."""
    browser = browser_type.launch(**full_launch_args)
    yield browser
    browser.close()


def _executable(*names: str) -> dict[str, str]:
    """Return the first program that there is, as an argument; none for Playwright's own."""
    return next(({"executable_path": path} for name in names if (path := shutil.which(name))), {})


@pytest.fixture(scope="session")
def base_url() -> str | None:
    """Tests use absolute URLs. (The plugin's own fixture of this name warns under this version of pytest.)"""
    return None


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The application on its own port; the value is its address."""
    with serve(app) as address:
        yield address


class WatchedPage:
    """A page, the browser's errors, and its requests to other hosts."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._see)

    def open(self, path: str) -> Page:
        """Go to a path and wait until it is loaded."""
        self.page.goto(f"{self.address}{path}")
        self.page.wait_for_load_state("networkidle")  # alone, it may come before the scripts on a busy machine
        return self.page

    def sign_in(self, member: StaffMember) -> Page:
        """Sign in without showing a page: the browser has the cookies of the session."""
        address, session = f"{self.address}/staff/sign-in", self.page.context.request
        token = TOKEN.search(session.get(address).text())
        assert token, "there is no form on the page"
        fields = {"csrf_token": token[1], "email": member.email, "password": PASSWORD}
        assert session.post(address, form=fields, max_redirects=0).status == 302
        return self.page

    def sign_in_by_form(self, member: StaffMember, password: str = PASSWORD) -> Page:
        """Fill in the sign-in page, and send it."""
        self.open("/staff/sign-in")
        self.page.get_by_label("E-mail").fill(member.email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_load_state("networkidle")
        return self.page

    def assert_sound(self, part: str = "html") -> None:
        """Check that the page passes axe, light and dark, has no errors and is no wider than the screen."""
        self.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert self.barriers(part, rules=COLOR_RULES) == []
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        assert self.barriers(part) == []
        assert self.complaints == []
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    def barriers(self, part: str = "html", rules: Sequence[str] = ()) -> list[str]:
        """Return what axe-core finds serious or critical on the page (or a part) by all or some rules, a line each."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        chosen = {"runOnly": rules} if rules else {"runOnly": LEVELS, "rules": dict.fromkeys(GOOD_PRACTICE, ENABLED)}
        options = {"resultTypes": ["violations"], "preload": False} | chosen
        found = self.page.evaluate(RUN_AXE, [part, options])
        return [
            f"{finding['id']}: {node['target']} {node['html'][:120]}"
            for finding in found
            if finding["impact"] in {"serious", "critical"}
            for node in finding["nodes"]
        ]

    def _hear(self, message: ConsoleMessage) -> None:
        refused_page = message.text.startswith("Failed to load resource") and (
            message.location["url"].split("?")[0] == self.page.url.split("?")[0] or "status of 422" in message.text
        )  # the browser also logs pages with status 404, and forms refused in place
        if message.type in {"error", "warning"} and not refused_page:
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def _see(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.complaints.append(f"asked {request.url}")


@pytest.fixture
def watch(live_server: str, new_context: Callable[..., BrowserContext]) -> Callable[..., WatchedPage]:
    """Return a function that opens a watched page; takes arguments of a browser context, such as ``color_scheme``."""
    return lambda **options: WatchedPage(new_context(**options).new_page(), live_server)


@pytest.fixture
def owner(app: Flask) -> StaffMember:
    """The owner of a shop with a long name, who is also a clerk in another."""
    with app.app_context():
        factories.make_shop(LONG_NAME)
        owner = factories.make_staff()
        factories.make_shop("Duka la Pili")
        factories.make_staff(owner.email, role="clerk")
    return owner


@pytest.fixture(scope="session")
def large_shop(databases: Databases) -> Iterator[tuple[Flask, StaffMember, Any]]:
    """An application with a shop of 100,000 customers, its owner, and the newest customer but 77."""
    url = databases.filled("large", _fill_large_shop)
    app = databases.app(url)
    with app.app_context():
        use_shop(ONLY)
        owner = find_member(ONLY, ONLY)
        person = list_customers(CustomerFilters(search=".99923@")).rows[0]
    assert owner is not None
    yield app, owner, person
    close(app)
    databases.drop(url)


def _fill_large_shop() -> None:
    factories.make_shop("Duka la Mama Njeri")
    factories.make_staff()
    add_customers(100_000)
