"""``python -m bench.load``: compare the real server with a minimal one on the same machine, in one run, as ratios.

Fills a shop (``--customers 1000000`` takes some minutes), starts the real server and a hand-written one on the same
database, and loads both with wrk in turns. Each figure is the median of ``--runs``, with minimum and maximum.
"""

import argparse
import logging
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate

from bench.load.fill import Filled, ShopSize, fill
from bench.load.measure import LoadPlan, measure
from bench.load.page import beside_small, table, write
from bench.load.rows import unpaid_for
from shop import create_app
from tests.support.postgres import DURABLE, PostgresServer

MEMORY = {"shared_buffers": "1GB"}
"""As one gives a server whose shop has a million customers; the 128 MB it comes with are for trying."""


def main() -> int:
    """Measure and print; with ``--write`` also update docs/performance.md after each engine."""
    asked = _asked()
    logging.disable(logging.WARNING)
    for engine in ("sqlite", "postgresql") if asked.engine == "both" else (asked.engine,):
        with _database(engine, asked.database_url) as (folder, url):
            plan = LoadPlan(url, asked.customers, asked.server, asked.workers, asked.runs, asked.seconds, asked.only)
            text = _run(plan, folder, asked.entries)
        print(text)
        if asked.write:
            write(plan, text)
    return 0


def _run(plan: LoadPlan, folder: Path, entries: int) -> str:
    """Fill, measure, and return the table."""
    load, began = os.getloadavg()[0], time.monotonic()
    environ = {
        "SHOP_INSTANCE": str(folder), "SECRET_KEY": secrets.token_hex(32), "DATABASE_URL": plan.url,
        "STOREFRONT_REQUESTS_PER_15_MINUTES": "1000000000", "ORDERS_PER_ADDRESS_HOUR": "1000000000",
        "TRUSTED_PROXIES": "127.0.0.1",
        "WEB_CONCURRENCY": str(plan.workers), "TUZA_ENV": "development", "BENCH_DATABASE_URL": plan.url,
    }  # fmt: skip
    os.environ |= environ
    filled = _fill(plan, entries, environ["SECRET_KEY"])
    took = time.monotonic() - began
    print(f"Filled in {took:.0f} s.", file=sys.stderr)
    lines = list(measure(plan, filled, environ))
    return table(plan, [*lines, *beside_small(plan, lines)], filled_in=took, load=load)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=100_000, help="of the longest ledger")
    parser.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="sqlite", help="%(default)s")
    parser.add_argument("--database-url", help="an empty PostgreSQL database instead of a server of its own")
    parser.add_argument("--server", choices=["gunicorn", "granian"], default="gunicorn", help="under both applications")
    parser.add_argument("--workers", type=int, default=2, help="processes on PostgreSQL; on SQLite it is one")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="of each run")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="WORDS", help="measure only rows in which one of these stands"
    )
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    return parser.parse_args()


@contextmanager
def _database(engine: str, url: str | None) -> Iterator[tuple[Path, str]]:
    """Yield a folder and the URL of an empty database, both deleted afterwards; or the given one."""
    with tempfile.TemporaryDirectory(prefix="tuza-bench-") as made:
        folder = Path(made)
        if engine == "sqlite":
            yield folder, f"sqlite:///{folder}/shop.db"
        elif url is not None:
            yield folder, url
        else:
            folder.chmod(0o711)  # a server that root starts runs as another user
            server = PostgresServer(folder / "pg", DURABLE | MEMORY)
            try:
                yield folder, server.url("postgres")
            finally:
                server.stop()


def _fill(plan: LoadPlan, entries: int, secret_key: str) -> Filled:
    app = create_app({"WTF_CSRF_ENABLED": False})
    with app.app_context():
        flask_migrate.upgrade()
        return fill(ShopSize(plan.customers, entries, unpaid=unpaid_for(plan.runs, plan.seconds)), plan.url, secret_key)


if __name__ == "__main__":
    sys.exit(main())
