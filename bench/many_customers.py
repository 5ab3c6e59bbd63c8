"""``python -m bench.many_customers``: measure the customer list of a shop with 100,000 customers."""

import argparse
import gzip
import html
import logging
import os
import platform
import re
import secrets
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from bench.pages import put
from bench.people import add_customers, vacuum
from shop import create_app
from shop.db.session import db
from shop.db.tenant import use_shop
from shop.services.shops.shops import create_shop
from shop.services.staff.accounts import create_staff

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/performance.md"
PASSWORD = "maziwa-na-chai-7"
LIMIT_MS = 50
MANY_PAGES = 40
FRAGMENT = {"HX-Request": "true", "HX-Target": "div#customers"}


@dataclass(frozen=True, slots=True)
class Case:
    """A use of the list: its description and URL."""

    words: str
    address: str


CASES = (
    Case("first page", ""),
    Case("search, one customer", "?q=wanjiku.njenga.77"),
    Case("search, nobody", "?q=nobody+of+that+name"),
    Case("search, a name", "?q=wanjiku"),
    Case("search, in every e-mail", "?q=example"),
    Case("search, two words", "?q=wanjiku+oduor"),
    Case("search, digits of a phone", "?q=0712+34"),
    Case("search, one letter", "?q=w"),
    Case("search, two letters that nobody has", "?q=zq"),
    Case("search, sorted by money", "?q=wanjiku&sort=-spent"),
    Case("sorted by money, most first", "?sort=-spent"),
    Case("sorted by money, least first", "?sort=spent"),
    Case("sorted by points, most first", "?sort=-points"),
    Case("sorted by points, fewest first", "?sort=points"),
    Case("has points", "?points=1"),
    Case("registered", "?registered=1"),
    Case("spent between", "?spent_from=5000&spent_to=6000"),
    Case("last order before a day", "?ordered_before=2025-06-01"),
    Case("all filters", "?points=1&registered=1&spent_from=1000&ordered_before=2025-06-01"),
    Case("a name and points, sorted by points", "?q=wanjiku&points=1&sort=-points"),
)


@dataclass(frozen=True, slots=True)
class PageTiming:
    """Median CPU and wall time in milliseconds, and the size of the response."""

    words: str
    worked: float
    waited: float
    kilobytes: float

    @property
    def row(self) -> str:
        """Return a row of the table."""
        return f"| {self.words} | {self.worked:.0f} | {self.waited:.0f} | {self.kilobytes:.1f} |"


def main() -> int:
    """Return 0 if every fragment takes less than 50 ms of CPU time, else 1."""
    asked = _asked()
    with tempfile.TemporaryDirectory(prefix="tuza-bench-") as folder:
        app = create_app(_settings(folder, asked.database_url))
        email = _fill(app, asked.customers)
        figures = _measure(app, email, asked.times)
        page = _page(app, figures, asked)
    print(page)
    if asked.write:
        engine = app.config["SQLALCHEMY_DATABASE_URI"].split(":")[0].split("+")[0]
        put(PAGE, f"customers on {engine}", page)
    slow = [figure.words for figure in figures if figure.worked >= LIMIT_MS]
    if slow:
        print(f"Not under {LIMIT_MS} ms: {', '.join(slow)}", file=sys.stderr)
    return 1 if slow else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.many_customers", description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=15, help="how often each fragment is asked for")
    parser.add_argument("--database-url", help="an empty PostgreSQL database instead of a SQLite file")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.relative_to(ROOT)}")
    return parser.parse_args()


def _settings(folder: str, database_url: str | None) -> dict[str, Any]:
    url = (database_url or f"sqlite:///{folder}/shop.db").replace("postgresql://", "postgresql+psycopg://", 1)
    return {
        "TESTING": True,
        "SECRET_KEY": secrets.token_hex(32),
        "SHOP_INSTANCE": folder,
        "SQLALCHEMY_DATABASE_URI": url,
        "WTF_CSRF_ENABLED": False,
    }


def _fill(app: Flask, customers: int) -> str:
    """Create a shop with this many customers and return its owner's e-mail."""
    email = "njeri@duka.example"
    logging.disable(logging.INFO)
    with app.app_context():
        flask_migrate.upgrade()
        use_shop(create_shop("Duka la Mama Njeri", slug="duka", loyalty_points_enabled="true").id)
        create_staff(email, PASSWORD, name="Njeri Kamau")
        add_customers(customers)
        vacuum()
    return email


def _measure(app: Flask, email: str, times: int) -> list[PageTiming]:
    client = app.test_client()
    client.post("/staff/sign-in", data={"email": email, "password": PASSWORD})
    figures = [_time(client, case.words, [f"/staff/customers{case.address}"] * times) for case in CASES]
    for words, address in (("deep in the list", "?"), ("deep in the list by money", "?sort=-spent&")):
        forth = _walk(client, f"/staff/customers{address}", "after")
        back = _walk(client, forth[-1], "before")
        figures += [_time(client, f"{words}, next page", forth), _time(client, f"{words}, page before", back)]
    return figures


def _time(client: FlaskClient, words: str, addresses: Sequence[str]) -> PageTiming:
    """Measure the server's time for each; the first request, which fills caches, is not counted."""
    client.get(addresses[0], headers=FRAGMENT)
    worked, waited, weights = [], [], []
    for address in addresses:
        began, idle = time.perf_counter(), time.thread_time()
        answer = client.get(address, headers=FRAGMENT)
        worked.append((time.thread_time() - idle) * 1000)
        waited.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")
        weights.append(len(gzip.compress(answer.get_data())) / 1000)
    return PageTiming(words, statistics.median(worked), statistics.median(waited), max(weights))


def _walk(client: FlaskClient, address: str, way: str) -> list[str]:
    """Return the URLs of the pages that follow a page."""
    found = []
    for _ in range(MANY_PAGES):
        page = client.get(address, headers=FRAGMENT).text
        link = re.search(rf'id="{way}"\s+href="([^"]+)"', page)
        if link is None:
            raise SystemExit(f"there is no page {way} {address}")
        address = html.unescape(link[1])
        found.append(address)
    return found


def _page(app: Flask, figures: Sequence[PageTiming], asked: argparse.Namespace) -> str:
    with app.app_context():
        dialect = db.engine.dialect
        engine = f"SQLite {sqlite3.sqlite_version}"
        if dialect.name == "postgresql":
            with db.engine.connect() as connection:
                engine = "PostgreSQL " + connection.execute(text("SHOW server_version")).scalar_one().split()[0]
    versions = ", ".join(f"{name} {version(name)}" for name in ("Flask", "SQLAlchemy"))
    lines = [
        f"{asked.customers:,} customers on {engine}, {date.today().isoformat()}: "  # noqa: DTZ011 (the reader's day)
        f"{cpu_count()} cores of {platform.machine()}, Python {platform.python_version()}, {versions}. Each fragment "
        f"was asked for {asked.times} times or more, by a signed-in owner, through the whole application. The first "
        f"column is the time that the thread worked, on SQLite database and all; the second, by the clock, has what "
        f"others on the machine took ({os.getloadavg()[0]:.1f} runnable at the end).",
        "",
        "| what is asked for | ms, worked | ms, by the clock | kB, gzipped |",
        "| --- | ---: | ---: | ---: |",
        *(figure.row for figure in figures),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
