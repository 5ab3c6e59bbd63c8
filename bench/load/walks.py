"""Latencies for a single client: each search, each cursor, the staff pages, a whole file."""

import json
import statistics
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from urllib.parse import quote_plus

from bench.load.browser import FRAGMENT, Browser, browsing, count_lines
from bench.load.drive import ServerProcess
from bench.load.figures import TableRow, share_below, spread
from bench.load.fill import Filled

TIMES = 20
"""How often each term is asked for: the 95th percentile is the second slowest."""
STEPS = 20
FLAT = 1.5
"""Maximum ratio of the slowest page of a list to the quickest."""
EXPORT_RATE, EXPORT_GROWS_MB = 50_000, 20
STAFF_MS = 30
CUSTOMERS = "/api/v1/customers"


def searches(ours: ServerProcess, hand: ServerProcess, filled: Filled, *, limit_ms: float) -> TableRow:
    """Measure the 95th percentile of each term; the worst counts."""
    keys = cycle(filled.keys)
    mine, limit = {}, {}
    with browsing(ours) as browser, browsing(hand) as other:
        for term in filled.terms:
            query = f"?search={quote_plus(term)}"
            key = {"Authorization": next(keys)}
            mine[term] = [browser.time(CUSTOMERS + query, key)[0] for _ in range(TIMES)]
            limit[term] = [other.time(f"/customers{query}")[0] for _ in range(TIMES)]
    p95 = {term: share_below(took, 0.95) for term, took in mine.items()}
    worst = max(p95, key=lambda term: p95[term])
    slow = sum(value > limit_ms for value in p95.values())
    by_hand = [share_below(took, 0.95) for took in limit.values()]
    return TableRow(
        f"each of {len(p95)} terms {TIMES} times: the worst is “{worst}”; {slow} over {limit_ms:g} ms",
        p95=f"{p95[worst]:.1f}; middle term {statistics.median(p95.values()):.1f}",
        limit_p99=f"p95 of the worst {max(by_hand):.1f}; middle {statistics.median(by_hand):.1f}",
        slowest=f"{max(max(took) for took in mine.values()):.0f}",
        goal=f"p95 ≤ {limit_ms:g} ms for each term",
        reached=slow == 0,
    )


def cursors(ours: ServerProcess, filled: Filled, customers: int) -> TableRow:
    """Read consecutive pages by cursor, from the start, the middle and near the end."""
    key, last = {"Authorization": filled.keys[0]}, max(1, customers // 20)
    starts = {"start": 1, "middle": max(1, last // 2), "end": max(1, last - STEPS - 1)}
    took: dict[str, list[float]] = {}
    with browsing(ours) as browser:
        for place, page in starts.items():
            took[place] = [took for _ in range(5) for took in _walk(browser, f"{CUSTOMERS}?page={page}", key)]
    middle = {place: statistics.median(values) for place, values in took.items()}
    return TableRow(
        f"{STEPS} cursors one after another, 5 times: "
        + ", ".join(f"{place} {value:.1f} ms" for place, value in middle.items()),
        p95=f"{share_below([one for values in took.values() for one in values], 0.95):.1f}",
        slowest=f"{max(max(values) for values in took.values()):.0f}",
        goal=f"flat: slowest place ≤ {FLAT:g} × the quickest",
        reached=max(middle.values()) <= FLAT * min(middle.values()),
    )


def _walk(browser: Browser, first: str, key: dict[str, str]) -> Iterator[float]:
    page = browser.json(first, key)[1]["data"]
    for _ in range(STEPS):
        if not page.get("next_cursor"):
            return
        took, answer = browser.json(f"{CUSTOMERS}?cursor={quote_plus(page['next_cursor'])}", key)
        page = answer["data"]
        yield took


def staff_pages(ours: ServerProcess, filled: Filled) -> Iterator[TableRow]:
    """Measure the page of customers and the fragment of its live search, by the server's access log."""
    found = [f"/staff/customers?q={quote_plus(term)}" for term in filled.terms]
    with browsing(ours) as browser:
        browser.sign_in()
        for words, paths, headers in (
            ("staff: page of customers, the server's own time, one client", ["/staff/customers"] * 200, {}),
            (f"staff: live search, {len(found)} terms, the server's own time, one client", found * 3, FRAGMENT),
        ):
            browser.time(paths[0], headers)
            since = ours.said.stat().st_size
            for path in paths:
                browser.time(path, headers)
            took = _logged(ours, since)
            by_term = {path: took[at :: len(found)] for at, path in enumerate(paths[: len(found)])}
            worst = max(by_term, key=lambda path: statistics.median(by_term[path]))
            if len(set(paths)) > 1:
                words += f"; slowest is “{worst.partition('q=')[2]}”, {statistics.median(by_term[worst]):.0f} ms"
            p95 = share_below(took, 0.95)
            yield TableRow(
                words, p95=f"{p95:.1f}", p99=f"{share_below(took, 0.99):.1f}", slowest=f"{max(took):.0f}",
                goal=f"p95 ≤ {STAFF_MS} ms", reached=p95 <= STAFF_MS,
            )  # fmt: skip


def _logged(server: ServerProcess, since: int) -> list[float]:
    with server.said.open("rb") as said:
        said.seek(since)
        lines = [json.loads(line) for line in said if b'"tuza.access"' in line]
    return [line["ms"] for line in lines]


def export(ours: ServerProcess, runs: int) -> TableRow:
    """Download the ledger as a file without storing it."""
    rates: list[float] = []
    grown: list[float] = []
    lines = 0
    with browsing(ours) as browser:
        browser.sign_in()
        count_lines(browser.ask("/staff/ledger.csv?from=2026-01-02"))
        for _ in range(runs):
            ours.forget_weights()
            before, began = max(ours.weights), time.perf_counter()
            lines = count_lines(browser.ask("/staff/ledger.csv")) - 1
            rates.append(lines / (time.perf_counter() - began))
            grown.append(max(ours.weights) - before)
    middle = statistics.median(rates)
    return TableRow(
        f"ledger as a file, {lines:,} rows: rows a second; memory of the process grew by {max(grown):.0f} MB at most",
        rate=spread(rates),
        goal=f"≥ {EXPORT_RATE:,} rows a second, memory flat",
        reached=middle >= EXPORT_RATE and max(grown) <= EXPORT_GROWS_MB,
    )


def weights(servers: Sequence[tuple[str, float]]) -> Iterator[TableRow]:
    """Return the peak memory of a web process."""
    for words, heavy in servers:
        yield TableRow(f"memory of a web process at the most, {words}, MB", rate=f"{heavy:.0f}")
