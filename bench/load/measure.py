"""Measure the shop and the reference in turns, row by row."""

import math
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from bench.load import walks
from bench.load.bulk import plain
from bench.load.drive import Run, ServerProcess, command, free_port, load, serving
from bench.load.figures import Goal, TableRow, compare
from bench.load.fill import Filled
from bench.load.rows import IN_ONE_RUN, Row, reading, writing

AT_ONCE = 16
LONGEST_SECONDS = 120


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """How to measure: ``only`` holds words, one of which a row's must contain; none means all rows."""

    url: str
    customers: int
    server: str
    workers: int
    runs: int
    seconds: int
    only: Sequence[str] = ()

    @property
    def on_sqlite(self) -> bool:
        """Return whether the database is a SQLite file, served by one process."""
        return self.url.startswith("sqlite")

    def wants(self, words: str) -> bool:
        """Return whether to measure a row."""
        return not self.only or any(word in words for word in self.only)


def measure(plan: LoadPlan, filled: Filled, environ: dict[str, str]) -> Iterator[TableRow]:
    """Measure all rows, those that write last, and print each to standard error."""
    began = time.monotonic()
    for line in _lines(plan, filled, environ):
        print(f"{time.monotonic() - began:4.0f} s  {line}", file=sys.stderr, flush=True)
        yield line


def _lines(plan: LoadPlan, filled: Filled, environ: dict[str, str]) -> Iterator[TableRow]:
    with ExitStack() as stack:
        ours = stack.enter_context(_serve(plan, "wsgi:app", environ))
        hand = stack.enter_context(_serve(plan, "bench.load.by_hand:app", environ))
        for row in reading(filled, plan.customers):
            yield from _if_wanted(plan, row, ours, hand)
        limit_ms = 25 if plan.on_sqlite else 15
        if plan.wants("each term"):
            yield walks.searches(ours, hand, filled, limit_ms=limit_ms)
        if plan.wants("cursors"):
            yield walks.cursors(ours, filled, plan.customers)
        if plan.wants("staff"):
            yield from walks.staff_pages(ours, filled)
        light = max(ours.weights), max(hand.weights)
        if plan.wants("ledger as a file"):
            yield walks.export(ours, min(plan.runs, 3))
        rows = list(writing(filled))
        for row in rows:
            yield from _if_wanted(plan, row, ours, hand)
        heavy = max(*ours.weights, light[0]), max(*hand.weights, light[1])
        yield from walks.weights((("our server", heavy[0]), ("by hand", heavy[1])))
        for row in rows:
            if row.connections == AT_ONCE and row.goal and row.goal.slowest and plan.wants(row.words):
                yield _at_length(plan, row, ours)
    if plan.on_sqlite and plan.server == "gunicorn":
        yield from _beside_the_worker(plan, rows, environ)


def _if_wanted(plan: LoadPlan, row: Row, ours: ServerProcess, hand: ServerProcess) -> Iterator[TableRow]:
    if not plan.wants(row.words):
        return
    other = ours if row.twice else hand
    found: tuple[list[Run], list[Run]] = [], []
    _once(plan, row, ours, 1)
    if row.hand is not None:
        _once(plan, row, other, 1, hand=True)
    for _ in range(plan.runs):
        found[0].append(_once(plan, row, ours, plan.seconds))
        if row.hand is not None:
            found[1].append(_once(plan, row, other, plan.seconds, hand=True))
    yield compare(row.words, *found, row.goal)


def _once(plan: LoadPlan, row: Row, server: ServerProcess, seconds: int, *, hand: bool = False) -> Run:
    _execute(plan, row.refill)
    lines = row.hand if hand and row.hand is not None else row.ours
    run = load(server, lines(seconds), connections=row.connections, seconds=seconds)
    if row.refill:
        server.settle()  # what was under way when wrk hung up must not meet what is made good again
    return run


def _execute(plan: LoadPlan, statements: Sequence[str]) -> None:
    """Make used tokens and codes valid again, directly in the database."""
    if not statements:
        return
    path = plan.url.removeprefix("sqlite:///")
    made: Any = sqlite3.connect(path, timeout=30) if plan.on_sqlite else psycopg.connect(plain(plan.url))
    with closing(made) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def _at_length(plan: LoadPlan, row: Row, ours: ServerProcess) -> TableRow:
    """Send 20,000 requests in one run, for the slowest response."""
    rate = _once(plan, row, ours, 1).rate
    seconds = min(LONGEST_SECONDS, math.ceil(IN_ONE_RUN / max(rate, 1) * 1.2))
    run = _once(plan, row, ours, seconds)
    line = compare(f"{row.words}: {run.requests:,} in one run", [run], [], Goal(slowest=1_000))
    return replace(line, reached=bool(line.reached) and run.requests >= IN_ONE_RUN)


def _beside_the_worker(plan: LoadPlan, rows: Sequence[Row], environ: dict[str, str]) -> Iterator[TableRow]:
    """Measure with the default set-up of SQLite, where the thread that sends queued mail is in the same process."""
    for row in rows:
        words = f"{row.words}, while the worker in the same process sends what waits"
        if row.connections == AT_ONCE and row.refill and row.goal and row.goal.slowest and plan.wants(words):
            with _serve(plan, "wsgi:app", environ | {"INLINE_WORKER": "on"}) as ours:
                yield compare(words, [_once(plan, row, ours, plan.seconds) for _ in range(plan.runs)], [], None)


def _serve(plan: LoadPlan, app: str, environ: dict[str, str]) -> AbstractContextManager[ServerProcess]:
    port = free_port()
    start = command(plan.server, app, 1 if plan.on_sqlite else plan.workers, port, ours=app == "wsgi:app")
    return serving(start, port, {"INLINE_WORKER": "off"} | environ | {"PORT": str(port)})
