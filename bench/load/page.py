"""The table in docs/performance.md with the machine, the versions and the date, between its markers."""

import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

import psycopg

from bench.load.bulk import plain
from bench.load.figures import HEAD, TableRow
from bench.load.measure import LoadPlan
from bench.pages import marks, put

PAGE = Path(__file__).resolve().parents[2] / "docs/performance.md"
FIRST = "GET /customers, page 1"
SMALL, SLOWER = 10_000, 1.25


def table(plan: LoadPlan, lines: Sequence[TableRow], *, filled_in: float, load: float) -> str:
    """Return the description of the measurement and the rows."""
    done = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False)
    wrk = done.stdout.partition(" [")[0]
    versions = ", ".join(f"{name} {version(name)}" for name in ("Flask", "SQLAlchemy", "psycopg", plan.server))
    return "\n".join(
        [
            f"{plan.customers:,} customers on {_engine(plan)}, {date.today().isoformat()}: "  # noqa: DTZ011 (the reader's day)
            f"{os.cpu_count()} cores of {platform.machine()}, shared with {wrk}; Python {platform.python_version()}, "
            f"{versions}; 8 threads a process under both. {plan.runs} runs of {plan.seconds} s, in turns with the "
            "limit; a ratio is the middle one of those of each run to the one by hand after it. "
            f"{load:.1f} runnable when it began. Filled in {filled_in:.0f} s.",
            "",
            f"| {' | '.join(HEAD)} |",
            f"| --- |{' ---: |' * (len(HEAD) - 2)} --- |",
            *map(str, lines),
        ]
    )


def _engine(plan: LoadPlan) -> str:
    if plan.on_sqlite:
        return f"SQLite {sqlite3.sqlite_version}, one web process"
    with psycopg.connect(plain(plan.url)) as connection:
        number = connection.execute("SHOW server_version").fetchone()
    return f"PostgreSQL {str(number[0] if number else '').split()[0]}, {plan.workers} web processes"


def write(plan: LoadPlan, text: str) -> None:
    """Replace a table on the page, or append it."""
    put(PAGE, _name(plan, plan.customers), text)


def beside_small(plan: LoadPlan, lines: Sequence[TableRow]) -> list[TableRow]:
    """Compare page 1 of a large shop with that of the small shop on the page, for the same engine and server."""
    begin, end = marks(_name(plan, SMALL))
    page = PAGE.read_text()
    here = [_rate(str(line)) for line in lines if line.words.startswith(FIRST)]
    if plan.customers <= SMALL or begin not in page or not here:
        return []
    there = [_rate(line) for line in page.split(begin)[1].split(end)[0].splitlines() if line.startswith(f"| {FIRST}")]
    if not there:
        return []
    times = there[0] / here[0]
    return [
        TableRow(
            f"{FIRST}, beside that of {SMALL:,} customers in the other table: times slower",
            ratio=f"{times:.2f}", goal=f"≤ {SLOWER:g} × as slow", reached=times <= SLOWER,
        )
    ]  # fmt: skip


def _rate(row: str) -> float:
    found = re.match(r"[\d,.]+", row.split("|")[2].strip())
    return float(found[0].replace(",", "")) if found else float("nan")


def _name(plan: LoadPlan, customers: int) -> str:
    engine = "sqlite" if plan.on_sqlite else "postgresql"
    return f"load on {engine}, {customers} customers, {plan.server}"
