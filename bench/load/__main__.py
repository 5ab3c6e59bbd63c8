"""``python -m bench.load``: how near the real server comes to the limit of the machine, in one run, as ratios.

Fills a shop (``--customers 1000000`` takes some minutes), starts the real server and one written by hand on the same
database, and drives both with wrk in turns. Each figure is the middle one of ``--runs``, with the least and the most.
"""

import argparse
import json
import logging
import os
import platform
import secrets
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from itertools import cycle
from pathlib import Path

import flask_migrate
from flask import Flask
from sqlalchemy import text

from bench.load.drive import Line, Run, Server, command, load, serving
from bench.load.fill import Filled, fill
from shop import create_app
from shop.extensions import db

PAGE = Path(__file__).resolve().parents[2] / "docs/performance.md"
API, PUBLIC = "/api/v1", "/api/v1/storefront"
OURS, HAND = 5310, 5311
ORDER_LINES = {"ours": 1_200, "hand": 3_000}
POINTS = 10

Lines = Callable[[], Sequence[Line]]


@dataclass(frozen=True, slots=True)
class Row:
    """Something to measure: our requests, those of the limit where there is one, and how many clients."""

    words: str
    ours: Lines
    hand: Lines | None = None
    connections: int = 16


def rows(filled: Filled, customers: int) -> list[Row]:
    """All that is measured over HTTP."""
    keys = cycle(filled.keys)
    tokens = iter(filled.tokens)

    def get(path: str) -> Lines:
        return lambda: [Line(f"{API}{path}", authorization=next(keys)) for _ in range(len(filled.keys))]

    def many(paths: list[str]) -> Lines:
        return lambda: [Line(f"{API}{path}", authorization=next(keys)) for path in paths]

    def orders(path: str, who: str) -> Lines:
        def lines() -> list[Line]:
            given = [next(tokens, ("", "")) for _ in range(ORDER_LINES[who])]
            return [Line(path, "POST", body=_order(filled, n, *one)) for n, one in enumerate(given) if one[0]]

        return lines

    cart = [{"product_id": product, "quantity": 1} for product in filled.products[:3]]
    previews = [json.dumps({"email": email, "items": cart, "coupon_code": "ASANTE"}) for email in filled.emails[:500]]
    deep = [max(1, customers // 40 + step) for step in range(-50, 50)]  # around the middle: page 25,000 of a million
    found = [f"/customers?search={term.replace('@', '%40')}" for term in filled.terms]
    return [
        Row("GET /customers, page 1, exact total", get("/customers"), lambda: [Line("/customers")]),
        Row("GET /customers, pages in the middle by number", many([f"/customers?page={page}" for page in deep])),
        Row("GET /customers?search=, 200 terms, one client", many(found), lambda: [Line(path) for path in found], 1),
        Row("…/loyalty, 50 entries", get(f"/customers/{filled.few}/loyalty"), lambda: [Line(f"/loyalty/{filled.few}")]),
        Row("…/loyalty, the longest ledger", get(f"/customers/{filled.many}/loyalty"),
            lambda: [Line(f"/loyalty/{filled.many}")]),
        Row("loyalty config (limit: bare Flask)", lambda: [Line(f"{PUBLIC}/loyalty/config")],
            lambda: [Line("/config")]),
        Row("preview, 3 items and a coupon",
            lambda: [Line(f"{PUBLIC}/loyalty/preview", "POST", body=body) for body in previews],
            lambda: [Line("/preview", "POST", body=body) for body in previews]),
        *(
            Row(f"create-order, 3 items, coupon, points; {clients} at once",
                orders(f"{PUBLIC}/checkout/create-order", "ours"), orders("/order", "hand"), clients)
            for clients in (1, 4, 16)
        ),
    ]  # fmt: skip


def _order(filled: Filled, number: int, email: str, token: str) -> str:
    products = [filled.products[(number * 3 + step) % len(filled.products)] for step in range(3)]
    return json.dumps(
        {
            "customer": {"email": email},
            "items": [{"product_id": product, "quantity": 1} for product in products],
            "payment_method": "mpesa",
            "coupon_code": "ASANTE",
            "loyalty_redemption": {"token": token, "points": POINTS},
        }
    )


def main() -> int:
    """Measure and print; with ``--write`` into docs/performance.md."""
    asked = _asked()
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory(prefix="tuza-bench-") as folder:
        url = asked.database_url or f"sqlite:///{folder}/shop.db"
        environ = {
            "SHOP_INSTANCE": folder, "SECRET_KEY": secrets.token_hex(32), "DATABASE_URL": url, "PORT": str(OURS),
            "STOREFRONT_REQUESTS_PER_15_MINUTES": "1000000000", "BENCH_DATABASE_URL": url,
            "WEB_CONCURRENCY": str(asked.workers), "TUZA_ENV": "development",
        }  # fmt: skip
        os.environ |= environ
        app = create_app({"WTF_CSRF_ENABLED": False})
        began = time.monotonic()
        with app.app_context():
            flask_migrate.upgrade()
            filled = fill(asked.customers, entries=asked.entries)
            _tidy()
        print(f"Filled in {time.monotonic() - began:.0f} s.", file=sys.stderr)
        table = list(_measure(asked, filled, environ, on_sqlite=url.startswith("sqlite")))
        table.append(_export(app, filled))
        page = _page(app, asked, table)
    print(page)
    if asked.write:
        _write(page, f"load on {url.split(':')[0]}, {asked.customers} customers, {asked.server}")
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=100_000, help="of the longest ledger")
    parser.add_argument("--database-url", help="an empty PostgreSQL database instead of a SQLite file")
    parser.add_argument("--server", choices=["gunicorn", "granian"], default="gunicorn", help="under both applications")
    parser.add_argument("--workers", type=int, default=2, help="processes on PostgreSQL; on SQLite it is one")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each run")
    parser.add_argument("--only", default="", help="measure only rows with these words")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    return parser.parse_args()


def _tidy() -> None:
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))  # autovacuum would come to it in a minute
    db.session.remove()
    db.engine.dispose()


def _measure(
    asked: argparse.Namespace, filled: Filled, environ: dict[str, str], *, on_sqlite: bool
) -> Iterator[Sequence[str]]:
    """A line of the table for each row; the servers take turns."""
    workers = 1 if on_sqlite else asked.workers
    with ExitStack() as stack:
        started = [
            stack.enter_context(serving(command(asked.server, app, workers, port, ours=port == OURS), port, environ))
            for app, port in (("wsgi:app", OURS), ("bench.load.by_hand:app", HAND))
        ]
        for row in rows(filled, asked.customers):
            if asked.only in row.words:
                print(row.words, file=sys.stderr)
                yield _row(row, *started, asked)
        for words, server in zip(("our server", "by hand"), started, strict=True):
            heavy = max(server.weights)
            yield [f"memory of a web process at the most, {words}, MB", f"{heavy:.0f}", *[""] * 7]


def _row(row: Row, ours: Server, hand: Server, asked: argparse.Namespace) -> Sequence[str]:
    def once(server: Server, lines: Lines, seconds: int) -> Run:
        return load(server, lines(), connections=row.connections, seconds=seconds)

    found: dict[str, list[Run]] = {"ours": [], "hand": []}
    once(ours, row.ours, 1)
    if row.hand is not None:
        once(hand, row.hand, 1)
    for _ in range(asked.runs):
        found["ours"].append(once(ours, row.ours, asked.seconds))
        if row.hand is not None:
            found["hand"].append(once(hand, row.hand, asked.seconds))
    mine, limit = found["ours"], found["hand"]
    failed = sum(run.refused + run.broken for run in [*mine, *limit])
    return [
        row.words + (f" ({failed} refused)" if failed else ""),
        _spread([run.rate for run in mine]),
        _spread([run.rate for run in limit]) if limit else "",
        f"{_middle(mine, 'rate') / _middle(limit, 'rate'):.2f}" if limit else "",
        _spread([run.p95 for run in mine]),
        _spread([run.p99 for run in mine]),
        f"{_middle(limit, 'p99'):.1f}" if limit else "",
        f"{max(run.most for run in mine):.0f}",
        f"{_middle(mine, 'cpu'):.2f}" + (f" / {_middle(limit, 'cpu'):.2f}" if limit else ""),
    ]


def _middle(runs: Sequence[Run], name: str) -> float:
    return statistics.median(getattr(run, name) for run in runs)


def _spread(values: Sequence[float]) -> str:
    middle = statistics.median(values)
    digits = 0 if middle >= 100 else 1
    return f"{middle:,.{digits}f} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def _resident() -> float:
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


def _export(app: Flask, filled: Filled) -> Sequence[str]:
    """The ledger as a file, read by somebody who keeps nothing of it; in this process, without HTTP between."""
    client = app.test_client()
    client.post("/staff/sign-in", data={"email": filled.staff, "password": "maziwa-na-chai-7"})
    client.get("/staff/ledger")
    before, most, lines, began = _resident(), 0.0, 0, time.perf_counter()
    for chunk in client.get("/staff/ledger.csv", buffered=False).response:
        lines += (chunk if isinstance(chunk, bytes) else chunk.encode()).count(b"\n")
        if lines % 50 == 0:
            most = max(most, _resident())
    rate = lines / (time.perf_counter() - began)
    words = f"ledger as a file, {lines - 1:,} rows: rows a second; memory grew by {max(0.0, most - before):.0f} MB"
    return [words, f"{rate:,.0f}", *[""] * 7]


def _page(app: Flask, asked: argparse.Namespace, table: Sequence[Sequence[str]]) -> str:
    with app.app_context():
        engine = f"SQLite {sqlite3.sqlite_version}, one web process"
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect() as connection:
                number = connection.execute(text("SHOW server_version")).scalar_one().split()[0]
            engine = f"PostgreSQL {number}, {asked.workers} web processes"
    wrk = (
        subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout.split("Copyright")[0].strip()
    )
    versions = ", ".join(f"{name} {version(name)}" for name in ("Flask", "SQLAlchemy", "psycopg", asked.server))
    return "\n".join(
        [
            f"{asked.customers:,} customers on {engine}, {date.today().isoformat()}: "  # noqa: DTZ011 (the reader's day)
            f"{os.cpu_count()} cores of {platform.machine()}, shared with {wrk.split(' [')[0]}; Python "
            f"{platform.python_version()}, {versions}; 8 threads a process. {asked.runs} runs of {asked.seconds} s, in "
            f"turns with the limit; {os.getloadavg()[0]:.1f} runnable at the end.",
            "",
            "| | requests a second | limit by hand | ratio | p95, ms | p99, ms | limit's p99 | slowest, ms "
            "| processor, ms a request: ours / limit |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
            *(f"| {' | '.join(row)} |" for row in table),
        ]
    )


def _write(table: str, place: str) -> None:
    begin, end = f"<!-- {place}: begin -->", f"<!-- {place}: end -->"
    page = PAGE.read_text()
    if begin not in page:
        page += f"\n{begin}\n{end}\n"
    before, rest = page.split(begin, 1)
    PAGE.write_text(f"{before}{begin}\n{table}\n{end}{rest.split(end, 1)[1]}")


if __name__ == "__main__":
    sys.exit(main())
