"""``python -m bench.verify``: time and memory of verifying a ledger with a million entries.

Entries are added to a temporary database without services and triggers; then ``ledger verify`` runs on a tenth of them
and on all, to check that memory does not grow. At the end one entry in the middle is falsified and must be named. Exit
status 0 if it takes less than a minute of CPU time, memory stays flat and the false entry is found.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from os import cpu_count
from pathlib import Path

from sqlalchemy import create_engine, text

from bench.pages import put
from tests.support.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/performance.md"
SHORT_FOLDER = "/tmp" if os.path.isdir("/tmp") else None  # a socket's path must be short
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")
EACH = 10
LIMIT_SECONDS = 60
FLAT_MB = 20
"""By how much memory may differ between a tenth of the entries and all of them."""
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)"
TRIGGERS = {
    "sqlite": "DROP TRIGGER loyalty_entries_{}",
    "postgresql": "DROP TRIGGER loyalty_entries_{} ON loyalty_entries",
}
CHANGES = {"sqlite": ("continue", "never_change"), "postgresql": ("continue", "stay")}
ACCOUNTS = f"""
    INSERT INTO loyalty_accounts
        (shop_id, points_balance, lifetime_earned, entries_count, created_at, updated_at)
    {NUMBERS}
    SELECT 1, 30 * :half, 50 * :half, :each, '2026-01-01 00:00:00', '2026-01-01 00:00:00' FROM numbers
"""
ENTRIES = f"""
    INSERT INTO loyalty_entries
        (shop_id, account_id, seq, kind, points, balance_after, idempotency_key, system_note, actor_kind, actor_label,
         meta, created_at)
    {NUMBERS}
    SELECT 1, account.id, n,
        CASE n % 2 WHEN 1 THEN 'order_earned' ELSE 'order_redeemed' END,
        CASE n % 2 WHEN 1 THEN 50 ELSE -20 END,
        50 * ((n + 1) / 2) - 20 * (n / 2),
        'bench:' || account.id || ':' || n, '', 'system', 'bench', '{{}}', '2026-01-01 00:00:00'
    FROM loyalty_accounts AS account CROSS JOIN numbers WHERE account.id > :after
"""


@dataclass(frozen=True)
class VerifyRun:
    """One run of ``ledger verify``."""

    entries: int
    seconds: float
    worked: float
    peak_mb: float
    exit_code: int
    said: str


def main() -> int:
    """Run with the options of the command line."""
    asked = _asked()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tuza-verify-", dir=SHORT_FOLDER)))
        folder.chmod(0o711)
        url = f"sqlite:///{folder / 'tuza.db'}"
        if asked.engine == "postgresql":
            server = PostgresServer(folder / "pg")
            stack.callback(server.stop)
            url = server.url("postgres")
        figures, found, engine = _measure(folder, url, asked.entries)
    table = _table(figures, engine)
    print(table)
    print(found.said)
    if asked.write:
        put(PAGE, f"verify on {asked.engine}", table)
    whole = figures[-1]
    flat = whole.peak_mb - figures[0].peak_mb < FLAT_MB
    named = found.exit_code == 1 and "1 account off" in found.said and f"entry {EACH // 2}:" in found.said
    fine = [whole.exit_code == 0, whole.worked < LIMIT_SECONDS, flat, named]
    return 0 if all(fine) else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.verify", description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite", help="%(default)s")
    parser.add_argument("--entries", type=int, default=1_000_000, help="%(default)s")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.relative_to(ROOT)}")
    return parser.parse_args()


def _measure(folder: Path, url: str, entries: int) -> tuple[list[VerifyRun], VerifyRun, str]:
    """Return the figures for a tenth, for all, and after falsifying an entry, and the engine's name."""
    environ = os.environ | {"SHOP_INSTANCE": str(folder), "DATABASE_URL": url}
    for command in (["db", "upgrade"], ["shop", "create", "Duka"]):
        subprocess.run([*FLASK, *command], cwd=ROOT, env=environ, capture_output=True, check=True)
    figures = []
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    name = engine.dialect.name
    with engine.begin() as connection:
        for trigger in CHANGES[name]:
            connection.execute(text(TRIGGERS[name].format(trigger)))
        version = connection.execute(text("SELECT sqlite_version()" if name == "sqlite" else "SHOW server_version"))
        title = f"{'SQLite' if name == 'sqlite' else 'PostgreSQL'} {version.scalar_one()}"
    made = 0
    for wanted in (entries // 10, entries):
        print(f"Making {wanted:,} entries …", file=sys.stderr)
        with engine.begin() as connection:
            given = {"half": EACH // 2, "each": EACH, "last": (wanted - made) // EACH}
            connection.execute(text(ACCOUNTS), given)
            connection.execute(text(ENTRIES), {"last": EACH, "after": made // EACH})
        if name == "postgresql":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))  # autovacuum would come to it in a minute
        made = wanted
        figures.append(_verify(environ, wanted))
    with engine.begin() as connection:
        falsify = "UPDATE loyalty_entries SET points = points + 1 WHERE account_id = :id AND seq = :seq"
        connection.execute(text(falsify), {"id": entries // EACH // 2, "seq": EACH // 2})
    engine.dispose()
    return figures, _verify(environ, entries), title


def _verify(environ: dict[str, str], entries: int) -> VerifyRun:
    """Run the command; return time, CPU time and memory of its process."""
    with tempfile.TemporaryFile("w+") as said:
        began = time.monotonic()
        process = subprocess.Popen(
            [*FLASK, "ledger", "verify"], cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        said.seek(0)
        words = said.read()
    return VerifyRun(entries, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode, words)


def _table(figures: list[VerifyRun], engine: str) -> str:
    lines = [
        f"{engine}, {date.today().isoformat()}: {cpu_count()} cores of {platform.machine()}, Python "  # noqa: DTZ011
        f"{platform.python_version()}. {EACH} entries an account; `ledger verify` from its start to its end "
        f"({os.getloadavg()[0]:.1f} runnable at the end).",
        "",
        "| entries | seconds by the clock | seconds the command worked | peak memory, MB |",
        "| ---: | ---: | ---: | ---: |",
        *(f"| {one.entries:,} | {one.seconds:.1f} | {one.worked:.1f} | {one.peak_mb:.0f} |" for one in figures),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
