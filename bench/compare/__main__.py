"""``python -m bench.compare --old PATH``: requests of this version and another in turns, in the same minutes.

``PATH`` is a work tree of the other version (``git worktree add PATH COMMIT``). Each version has a process with a small
shop on both engines, made by its tests' factories; requests go through the test client. What is compared is the lowest
and the middle processor time of the thread, so that other programs on the machine disturb little.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from bench.compare.cases import REQUESTS, USES_UP_ORDERS
from bench.pages import put

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/performance.md"
WORKER = Path(__file__).with_name("worker.py")
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
WARM_UP = 10


class Version:
    """A process with one version's shops."""

    def __init__(self, tree: Path) -> None:
        command = [sys.executable, str(WORKER), str(tree)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._read()

    def ask(self, engine: str, request: str, times: int) -> Any:
        """Send a request a number of times; return the answer of the worker."""
        assert self._process.stdin is not None
        print(json.dumps({"engine": engine, "request": request, "times": times}), file=self._process.stdin, flush=True)
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a worker has ended; its error is above")
        return json.loads(line)

    def stop(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(60)


def main() -> int:
    """Measure and print; with ``--write`` into docs/performance.md."""
    asked = _asked()
    with _versions(asked.old, ROOT) as versions:
        cells = {
            (name, engine): _compare(versions, engine, name, asked.rounds, asked.times)
            for engine in asked.engine
            for name in REQUESTS
            if not asked.only or any(part in name for part in asked.only)
        }
    text = _table(cells, asked)
    print(text)
    if asked.write:
        put(PAGE, "compared versions", text)
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.compare", description=__doc__)
    parser.add_argument("--old", type=Path, required=True, help="a work tree of the other version")
    parser.add_argument("--old-name", default="9cbdd7e", help="what the table calls it")
    parser.add_argument("--engine", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    parser.add_argument("--only", nargs="+", default=[], metavar="WORDS", help="requests in which one of these stands")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--times", type=int, default=15, help="requests of each version in a round")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args()


@contextmanager
def _versions(*trees: Path) -> Iterator[list[Version]]:
    versions: list[Version] = []
    try:
        versions += [Version(tree.resolve()) for tree in trees]
        yield versions
    finally:
        for version in versions:
            version.stop()


def _compare(
    versions: Sequence[Version], engine: str, name: str, rounds: int, times: int
) -> tuple[list[list[float]], list[int]]:
    """Return the milliseconds of each version, and the statements of one request."""
    warm_up = WARM_UP
    if name == USES_UP_ORDERS:
        for version in versions:
            version.ask(engine, next(iter(REQUESTS)), (rounds + 1) * (times + 1) + warm_up)
    for version in versions:
        version.ask(engine, name, warm_up)
    statements = [0 for _ in versions]
    took: list[list[float]] = [[] for _ in versions]
    for number in range(rounds):
        for place in (0, 1) if number % 2 else (1, 0):
            answer = versions[place].ask(engine, name, times)
            statements[place] = answer["statements"]
            took[place] += [one / 1e6 for one in answer["took"]]
    line = "  ".join(f"{min(one):.2f}" for one in took)
    print(f"{engine:10} {name:36} {line}  {min(took[1]) / min(took[0]):.2f}", file=sys.stderr, flush=True)
    return took, statements


def _table(cells: dict[tuple[str, str], tuple[list[list[float]], list[int]]], asked: argparse.Namespace) -> str:
    lines = [
        f"{asked.old_name} (before) and this version (after) on {date.today().isoformat()}, "  # noqa: DTZ011 (the reader's day)
        f"{os.cpu_count()} shared cores, {os.getloadavg()[0]:.0f} runnable at the end: milliseconds of the thread's "
        f"processor time, the lowest of {asked.rounds * asked.times} requests; ratios of the lowest and of the middle.",
        "",
        "| request | engine | before | after | ratio | of the middle | statements |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for (name, engine), (took, statements) in cells.items():
        low, middle = [min(one) for one in took], [statistics.median(one) for one in took]
        lines.append(
            f"| {name} | {ENGINES[engine]} | {low[0]:.2f} | {low[1]:.2f} | {low[1] / low[0]:.2f} "
            f"| {middle[1] / middle[0]:.2f} | {statements[0]} → {statements[1]} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
