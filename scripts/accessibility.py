"""Run axe-core on every page, light and dark: ``python scripts/accessibility.py [--width 390]``.

Starts a demo shop of its own, signs in, and follows the links from the overview, the till, the customer's own page and
the hosted shop; of addresses that differ by an id or a product alone it visits one, those with filters last. Prints
each finding with the first page that has it, and pages that are wider than the screen; fails if there are any. Needs
the test extra and a Chromium; takes some minutes.
"""

import argparse
import re
import sys
from collections import deque
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from demo_server import ROOT, launch, running_demo, sign_in
from playwright.sync_api import Page, sync_playwright

AXE = (ROOT / "tests/browser/vendor/axe-core/axe.min.js").read_text()
RUN = "axe.run({rules: {'target-size': {enabled: true}}})"  # 24 px or enough space, as Lighthouse asks
MORE = ("/staff/till", "/staff/till/offline", "/staff/till/close", "/me/{slug}", "/me/{slug}/join", "/shop/{slug}")
SKIPPED = re.compile(
    r"/staff/(sign-out|language|backups/.*|.*\.(csv|pdf|xlsx|png|svg))(\?|$)|/api/|/static/|/media/|[?&]pdf="
)
LIMIT = 200


def main() -> int:
    """Walk over the pages and return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, default=1280, help="of the screen")
    parser.add_argument("--at", default="", help="the address of a demo shop that runs, with --email and --password")
    parser.add_argument("--email", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--slug", default="duka-la-mama-njeri")
    given = parser.parse_args()
    if given.at:
        return walk(given.at, {"email": given.email, "password": given.password}, given.slug, given.width)
    with running_demo() as (base, demo, _folder):
        return walk(base, demo["staff"], given.slug, given.width)


def walk(base: str, staff: dict[str, str], slug: str, width: int) -> int:
    """Check all pages of a shop; return 1 if something was found."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
        sign_in(context, base, staff)
        page = context.new_page()
        waiting = deque([*(path.format(slug=slug) for path in MORE), "/staff/"])
        seen: set[str] = set()
        findings: set[str] = set()
        while waiting and len(seen) < LIMIT:
            path = waiting.popleft()
            if (shape := shape_of(path)) in seen:
                continue
            seen.add(shape)
            page.goto(base + path)
            for line in check(page):
                if line not in findings:
                    sys.stdout.write(f"{path}: {line}\n")
                    sys.stdout.flush()
                findings.add(line)
            for link in links_of(page, base):
                (waiting.append if "?" in link else waiting.appendleft)(link)
        browser.close()
    left = len({shape_of(path) for path in waiting} - seen)
    sys.stdout.write(f"{len(seen)} pages at {width} px, light and dark: {len(findings)} findings; {left} not visited\n")
    return int(bool(findings))


def shape_of(path: str) -> str:
    """Return an address without ids and values: pages that differ by these are alike."""
    parts = urlsplit(path)
    names = ",".join(sorted({name for name, _value in parse_qsl(parts.query)}))
    alike = re.sub(r"^(/shop/[^/]+/products)/.+", r"\1/1", re.sub(r"/\d+", "/1", parts.path))
    return alike + (f"?{names}" if names else "")


def links_of(page: Page, base: str) -> Iterator[str]:
    """Yield the addresses of the staff pages, the hosted shop and the customer's page that a page links to."""
    for href in page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"):
        path = href.removeprefix(base).partition("#")[0]
        if path.startswith(("/staff", "/shop", "/me")) and not SKIPPED.search(path):
            yield path


def check(page: Page) -> Iterator[str]:
    """Yield what axe finds in the open page, light and dark, and whether it is wider than the screen."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate(AXE)
        for finding in page.evaluate(RUN)["violations"]:
            first = finding["nodes"][0]
            where = f"{finding['id']} in {scheme} ({len(finding['nodes'])} times)"
            html = " ".join(first["html"].split())[:160]
            yield f"{finding['impact']}: {where}, e.g. {first['target'][-1]} {html}"
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        yield "is wider than the screen"


if __name__ == "__main__":
    sys.exit(main())
