"""``python -m bench.failover``: kill the primary of two PostgreSQL servers under load; no confirmed write may be lost.

Exit status: 0 for success; 1 for a confirmed write lost under synchronous replication, a double effect, a response that
is neither right nor a clean 503, or a wrong ledger; 2 if it cannot run.
"""

import argparse
import logging
import os
import platform
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

from bench.failover.machines import Machines
from bench.failover.processes import give_to_plain_user
from bench.failover.run import READERS, SHOPPERS, FailoverResult, fail_over
from bench.failover.seen import ANSWERED, HELD, NO_ANSWER, outage
from bench.failover.shop import FailoverShop
from bench.pages import put
from bench.replay.nouns import CannotReplay

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/scaling.md"
SHORT_FOLDER = "/tmp" if os.path.isdir("/tmp") else None  # a socket's path must be short


def main() -> int:
    """Run with the options of the command line."""
    asked = _asked()
    logging.disable(logging.WARNING)
    try:
        with tempfile.TemporaryDirectory(prefix="tuza-failover-", dir=SHORT_FOLDER) as name:
            folder = Path(name)
            give_to_plain_user(folder)
            folder.chmod(0o711)
            return _run(asked, folder)
    except CannotReplay as cannot:
        print(f"Error: {cannot}", file=sys.stderr)
        return 2


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.failover", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="how long (%(default)s)")
    parser.add_argument(
        "--asynchronous", action="store_true", help="without waiting for the replica: says what is lost"
    )
    parser.add_argument("--freeze", action="store_true", help="stop the primary where it is: its connections stay open")
    parser.add_argument("--logs", type=Path, help="a folder to copy what the programs said to")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.relative_to(ROOT)}")
    return parser.parse_args()


def _run(asked: argparse.Namespace, folder: Path) -> int:
    synchronous = not asked.asynchronous
    _say("Starting the machines …")
    with Machines(folder, synchronous=synchronous) as machines, FailoverShop(machines) as shop:
        try:
            outcome = fail_over(machines, shop, asked.minutes, _say, freeze=asked.freeze)
        finally:
            if asked.logs:
                _copy_logs([folder, shop.folder], asked.logs)
        versions = machines.versions()
    wrong = _wrong(outcome, synchronous=synchronous)
    table = _table(outcome, versions, synchronous=synchronous, freeze=asked.freeze)
    for words in wrong[:50]:
        print(words)
    print(table)
    if asked.write:
        name = f"failover, {'synchronous' if synchronous else 'asynchronous'}{', frozen' if asked.freeze else ''}"
        put(PAGE, name, table)
    return 1 if wrong else 0


def _copy_logs(folders: list[Path], into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        for log in folder.rglob("*.log"):
            where = log.relative_to(folder).as_posix().replace("/", "-")
            shutil.copyfile(log, into / where)


def _wrong(outcome: FailoverResult, *, synchronous: bool) -> list[str]:
    """Return the errors. Refusals and gaps that follow from a loss without synchronous replication are not errors."""
    found = [str(fault) for fault in outcome.proof.faults]
    if outcome.doubles:
        found.append(f"{outcome.doubles} keys had an effect twice")
    broken = {how: count for how, count in outcome.seen.endings().items() if how.startswith("5") and how != "503"}
    found += [f"{count} answers with {how}" for how, count in broken.items()]
    if not synchronous:
        return found
    if outcome.lost.count:
        found.append(f"answered and lost: {outcome.lost}")
    return found + outcome.odd + outcome.differences


def _table(outcome: FailoverResult, versions: str, *, synchronous: bool, freeze: bool) -> str:
    seen, when, endings = outcome.seen, outcome.moments, outcome.seen.endings()
    last = float("inf")
    reads, writes = (outage(seen.between(kind, when.killed, when.returned)) for kind in ("read", "write"))
    reads_after, writes_after = (outage(seen.between(kind, when.returned, last)) for kind in ("read", "write"))
    others = {how: n for how, n in endings.items() if how not in (ANSWERED, HELD, NO_ANSWER, "503")}
    slowest = max(one.ended - one.began for one in seen.samples)
    rows = {
        "requests": f"{len(seen.samples):,}",
        "seconds until the replica was promoted": f"{when.promoted - when.killed:.1f}",
        "seconds of errors for reads": f"{reads:.1f}",
        "seconds of errors for writes": f"{writes:.1f}",
        "clean 503s": f"{endings['503']:,}",
        "connections cut without an answer": f"{endings[NO_ANSWER]:,}",
        "answers with 500, or with anything else that is wrong": (
            ", ".join(f"{n} × {how}" for how, n in sorted(others.items())) or "0"
        ),
        "“still being worked on” for a key sent again": f"{endings[HELD]:,}",
        "the longest that a client waited, seconds": f"{slowest:.1f}",
        "answered writes": f"{_writes(outcome):,}",
        "answered writes lost": str(outcome.lost.count) + (f" ({outcome.lost})" if outcome.lost.count else ""),
        "effects that came twice": str(outcome.doubles),
        "seconds until the old primary was a replica again": f"{when.follows - when.returned:.1f}",
        "seconds of errors for reads, and for writes, meanwhile and after": f"{reads_after:.1f}, {writes_after:.1f}",
        "accounts and entries of the ledger verified": f"{outcome.proof.accounts:,}, {outcome.proof.entries:,}",
        "accounts off": str(len(outcome.proof.faults)),
    }
    if synchronous:
        rows["differences"] = str(len(outcome.differences) + len(outcome.odd))
    return "\n".join(
        [
            f"{'Synchronous' if synchronous else 'Asynchronous'} replication, the primary "
            f"{'frozen' if freeze else 'killed'}, {when.ended - when.began:.0f} s, "
            f"{SHOPPERS} shoppers, {READERS} readers and one that gives points, {date.today().isoformat()}. "  # noqa: DTZ011 (the reader's day)
            f"{versions}; {os.cpu_count()} cores of {platform.machine()} for all of it, "
            f"Python {platform.python_version()}.",
            "",
            "| what | |",
            "| --- | ---: |",
            *(f"| {words} | {figure} |" for words, figure in rows.items()),
        ]
    )


def _writes(outcome: FailoverResult) -> int:
    return sum(1 for one in outcome.seen.samples if one.kind == "write" and one.how == ANSWERED)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
