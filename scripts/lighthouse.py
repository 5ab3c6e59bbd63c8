"""Lighthouse on the pages that staff use most and on the checkout: ``python scripts/lighthouse.py [--write]``.

Starts a demo shop of its own, signs in, hands the session's cookie to Lighthouse, and prints one row a page. Fails when
a score is below 95. ``--write`` puts the figures into docs/performance.md. Needs the test extra, a Chromium and Node;
``--lighthouse`` names the program, by default ``npx --yes lighthouse@12.8.2``.
"""

import argparse
import json
import os
import platform
import re
import shlex
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from demo_server import FLAGS, ROOT, chromium, launch, running_demo, sign_in
from playwright.sync_api import sync_playwright

PAGES = {
    "overview": "/staff/",
    "till": "/staff/till",
    "orders": "/staff/orders",
    "order": "/staff/orders/1",
    "new order": "/staff/orders/new",
    "customers": "/staff/customers",
    "customer": "/staff/customers/1",
    "products": "/staff/products",
    "reports": "/staff/reports",
    "loyalty rules": "/staff/settings/loyalty",
    "checkout": "/checkout/duka-la-mama-njeri?items=1:2",
    "hosted shop": "/shop/duka-la-mama-njeri/",
    "product in the hosted shop": "/shop/duka-la-mama-njeri/products/chapati-flour-2-kg",
    "customer's own page": "/me/duka-la-mama-njeri",
}
"""The ten pages that staff use most, the checkout, the hosted shop, and the customer's own page."""
CATEGORIES = ("performance", "accessibility", "best-practices")
DEVICES = {"phone": (), "desktop": ("--preset=desktop",)}
LEAST = 95
Found = tuple[int, int, int, str, str]
PAGE = ROOT / "docs/performance.md"
MARKS = ("<!-- lighthouse: begin -->", "<!-- lighthouse: end -->")


def main() -> int:
    """Measure, print, and return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument("--lighthouse", default="npx --yes lighthouse@12.8.2", help="how to start Lighthouse")
    parser.add_argument("--times", type=int, default=1, help="measure so often, take the middle one")
    parser.add_argument("--page", choices=sorted(PAGES), nargs="+", help="these pages alone")
    given = parser.parse_args()
    if given.write and given.page:
        parser.error("--write is for all pages together")
    with running_demo() as (base, demo, _folder), sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context()
        sign_in(context, base, demo["staff"])
        cookie = "; ".join(f"{each['name']}={each['value']}" for each in context.cookies(base))
        browser.close()
        rows = [
            (name, device, *measure_often(given, base + path, cookie, flags))
            for name, path in PAGES.items()
            if given.page is None or name in given.page
            for device, flags in DEVICES.items()
        ]
    table = as_table(rows)
    sys.stdout.write(f"{table}\n")
    if given.write:
        begin, end = MARKS
        text = PAGE.read_text()
        PAGE.write_text(re.sub(f"{begin}.*{end}", lambda _: f"{begin}\n{table}\n{end}", text, flags=re.S))
    return int(any(score < LEAST for row in rows for score in row[2:5]))


def measure_often(given: argparse.Namespace, address: str, cookie: str, flags: tuple[str, ...]) -> Found:
    """Return the measurement with the median performance: on a busy machine single ones are worse than the page."""
    found = sorted(measure(shlex.split(given.lighthouse), address, cookie, flags) for _ in range(given.times))
    return found[len(found) // 2]


def measure(lighthouse: list[str], address: str, cookie: str, flags: tuple[str, ...]) -> Found:
    """Return three scores of 100, the largest contentful paint, and the page's weight."""
    with tempfile.TemporaryDirectory(prefix="tuza-lighthouse-") as folder:
        headers, report = Path(folder, "headers.json"), Path(folder, "report.json")
        headers.write_text(json.dumps({"Cookie": cookie}))
        subprocess.run(
            [
                *lighthouse,
                address,
                *flags,
                f"--extra-headers={headers}",
                f"--only-categories={','.join(CATEGORIES)}",
                "--output=json",
                f"--output-path={report}",
                f"--chrome-flags=--headless=new {' '.join(FLAGS)}",
                "--quiet",
            ],
            check=True,
            env={**os.environ, **({"CHROME_PATH": path} if (path := chromium()) else {})},
        )
        found = json.loads(report.read_text())
    if address != found["finalDisplayedUrl"]:
        raise RuntimeError(f"{address} led to {found['finalDisplayedUrl']}: the session was not taken")
    scores = [round(100 * found["categories"][name]["score"]) for name in CATEGORIES]
    for name in CATEGORIES:
        for part in found["categories"][name]["auditRefs"]:
            audit = found["audits"][part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                sys.stderr.write(f"{address} {name}: {audit['title']} {audit.get('displayValue', '')}\n")
    painted = found["audits"]["largest-contentful-paint"]["displayValue"].replace("\xa0", " ")
    weight = f"{found['audits']['total-byte-weight']['numericValue'] / 1000:.0f}"
    return (*scores, painted, weight)


def as_table(rows: list[tuple[str, str, int, int, int, str, str]]) -> str:
    """Return the figures as a Markdown table, with their conditions."""
    lines = [
        f"Lighthouse 12.8.2, {datetime.now(UTC):%Y-%m-%d}, the demo shop on {os.cpu_count()} cores of "
        f"{platform.machine()}; phone is Lighthouse's own slow phone on a slow connection.",
        "",
        "| page | on | performance | accessibility | best practices | largest paint | kB |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    return "\n".join([*lines, *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)])


if __name__ == "__main__":
    sys.exit(main())
