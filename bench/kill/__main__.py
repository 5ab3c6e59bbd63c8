"""``python -m bench.kill``: kill a shop under load a hundred times and compare its tables with what clients received.

Exit status: 0 for success, 1 for any difference, 2 if it cannot run.
"""

import argparse
import os
import platform
import sys
import tempfile
from contextlib import ExitStack
from datetime import date
from os import cpu_count
from pathlib import Path

from bench.kill.killable_shop import KillableShop
from bench.kill.run import KillPlan, KillResult, figures, kill_at_work
from bench.pages import put
from bench.replay.bar import ProgressBar
from bench.replay.nouns import CannotReplay
from tests.support.postgres import DURABLE, PostgresServer, PostgresUnavailable

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/kill.md"
SHORT_FOLDER = "/tmp" if os.path.isdir("/tmp") else None  # a socket's path must be short


def main() -> int:
    """Run with the options of the command line."""
    asked = _asked()
    try:
        with ExitStack() as stack:
            return _run(asked, stack)
    except (CannotReplay, PostgresUnavailable) as cannot:
        print(f"Error: {cannot}", file=sys.stderr)
        return 2


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.kill", description=__doc__)
    parser.add_argument("--times", type=int, default=100, help="how many kills (%(default)s)")
    parser.add_argument("--what", choices=("server", "database"), default="server", help="what is killed (%(default)s)")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite", help="%(default)s")
    parser.add_argument("--database-url", help="an empty PostgreSQL database, instead of a server of the run's own")
    parser.add_argument("--clients", type=int, default=8, help="clients at once (%(default)s)")
    parser.add_argument("--seed", type=int, default=254, help="for the moments of the kills (%(default)s)")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.relative_to(ROOT)}")
    asked = parser.parse_args()
    if asked.what == "database" and asked.database_url:
        parser.error("--what database kills a server of the run's own; leave --database-url out")
    return asked


def _run(asked: argparse.Namespace, stack: ExitStack) -> int:
    server = None
    url = asked.database_url
    if not url and (asked.engine == "postgresql" or asked.what == "database"):
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tuza-kill-", dir=SHORT_FOLDER)))
        folder.chmod(0o711)
        server = PostgresServer(folder / "pg", DURABLE)
        stack.callback(server.stop)
        url = server.url("postgres")
    plan = KillPlan(asked.times, asked.clients, asked.seed, server if asked.what == "database" else None)
    bar = ProgressBar("Killing", asked.times, "kills")
    with KillableShop(url) as shop:
        outcome = kill_at_work(shop, plan, on_kill=bar.show)
        bar.end()
        table = _table(outcome, plan, shop.engine())
        if not outcome.is_clean:
            print(shop.last_words(), file=sys.stderr)
    for difference in outcome.differences[:50]:
        print(difference)
    print(table)
    if asked.write:
        put(PAGE, f"{asked.what} on {'postgresql' if url else 'sqlite'}", table)
    return 0 if outcome.is_clean else 1


def _table(outcome: KillResult, plan: KillPlan, engine: str) -> str:
    what = "the database server" if plan.database else "every process of the shop"
    recovered = ""
    if outcome.recoveries:
        slowest = max(outcome.recoveries)
        recovered = f" After the database was back, the first answer came within {slowest:.1f} s at the latest."
    return "\n".join(
        [
            f"{engine}, {what} killed {plan.times} times in {outcome.seconds:.0f} s, {plan.clients} clients, "
            f"{date.today().isoformat()}, "  # noqa: DTZ011 (the reader's day)
            f"{cpu_count()} processors, Python {platform.python_version()}.{recovered}",
            "",
            "| what | how many |",
            "| --- | ---: |",
            *(f"| {words} | {count:,} |" for words, count in figures(outcome, plan).items()),
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
