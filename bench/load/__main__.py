"""``python -m bench.load``: how near the real server comes to the limit of the machine, in one run, as ratios.

Fills a shop (``--customers 1000000`` takes some minutes), starts the real server and one written by hand on the same
database, and drives both with wrk in turns. Each figure is the middle one of ``--runs``, with the least and the most.
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

import flask_migrate

from bench.load.fill import Asked, Filled, fill
from bench.load.measure import OURS, Plan, measure
from bench.load.page import beside_small, table, write
from bench.load.rows import unpaid_for
from shop import create_app


def main() -> int:
    """Measure and print; with ``--write`` into docs/performance.md."""
    asked = _asked()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="tuza-bench-") as folder, _database(asked, folder) as url:
        plan = Plan(url, asked.customers, asked.server, asked.workers, asked.runs, asked.seconds, asked.only)
        load = os.getloadavg()[0]
        environ = {
            "SHOP_INSTANCE": folder, "SECRET_KEY": secrets.token_hex(32), "DATABASE_URL": url, "PORT": str(OURS),
            "STOREFRONT_REQUESTS_PER_15_MINUTES": "1000000000", "TRUSTED_PROXIES": "127.0.0.1",
            "WEB_CONCURRENCY": str(asked.workers), "TUZA_ENV": "development", "BENCH_DATABASE_URL": url,
        }  # fmt: skip
        os.environ |= environ
        began = time.monotonic()
        filled = _fill(plan, asked.entries, environ["SECRET_KEY"])
        took = time.monotonic() - began
        print(f"Filled in {took:.0f} s.", file=sys.stderr)
        lines = list(measure(plan, filled, environ))
        text = table(plan, [*lines, *beside_small(plan, lines)], filled_in=took, load=load)
    print(text)
    if asked.write:
        write(plan, text)
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=100_000, help="of the longest ledger")
    parser.add_argument("--database-url", help="an empty PostgreSQL database instead of a SQLite file")
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
def _database(asked: argparse.Namespace, folder: str) -> Iterator[str]:
    yield asked.database_url or f"sqlite:///{folder}/shop.db"


def _fill(plan: Plan, entries: int, secret_key: str) -> Filled:
    app = create_app({"WTF_CSRF_ENABLED": False})
    with app.app_context():
        flask_migrate.upgrade()
        return fill(Asked(plan.customers, entries, unpaid=unpaid_for(plan.runs, plan.seconds)), plan.url, secret_key)


if __name__ == "__main__":
    sys.exit(main())
