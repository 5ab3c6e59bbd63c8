"""``python -m bench.imports --rows 100000 --engine sqlite``: a large file of customers, with a worker that is killed.

The file is checked, then applied by a worker that is killed half-way and started again, then undone. Exits with 1 if
the run differs from the trial, a row was done twice, undoing leaves anything, or memory grows with the rows.
"""

import argparse
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.domain.statuses import ImportState
from shop.models import Customer, LoyaltyEntry
from shop.services.imports.records import ImportFile, create_import, get_import, start_apply, start_undo
from shop.services.loyalty.verification import verify_ledger
from shop.worker.jobs.imports import imports
from tests import factories
from tests.support.databases import ENGINES, DatabaseHost, Databases

KNOWN, REFUSED, POINTS = 20, 100, 3
"""Of so many rows one is a known customer's, one is refused, one has points."""
MAY_GROW_MB = 40


def main() -> int:
    """Run it; exit code 0 if all is as it must be."""
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--worker", help="the address of a database: work on it until nothing is left")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    if asked.worker:
        return _work(asked.worker)
    host = DatabaseHost(Path(tempfile.mkdtemp(prefix="tuza-imports-", dir="/tmp")))
    host.folder.chmod(0o711)
    try:
        databases = host.databases()
        url = databases.fresh(asked.engine)
        return _Bench(databases.app(url), url, asked.rows).run()
    finally:
        host.stop()


def _work(url: str) -> int:
    app = Databases(tempfile.mkdtemp(prefix="tuza-imports-"), "").app(url)
    began = None
    while True:
        with app.app_context():
            done = imports({}, threading.Event())
        if done and began is None:
            began = _memory(os.getpid(), "VmRSS")
        if not done:
            print(f"{began or 0:.0f} {_memory(os.getpid(), 'VmHWM'):.0f}")
            return 0


def _memory(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(name))


class _Bench:
    """One run on one database."""

    def __init__(self, app: Flask, url: str, rows: int) -> None:
        self.app, self.url, self.rows, self.wrong = app, url, rows, list[str]()
        with app.app_context():
            self.shop_id = factories.make_shop().id
            for number in range(0, rows, KNOWN):
                factories.make_customer(_email(number), first_name="Known")
            self.customers = self._count(Customer)
            data = _file(rows)
            print(f"{rows:,} rows, {len(data) / 1e6:.1f} MB, {self.customers:,} customers known")
            self.import_id = create_import(ImportFile("customers", data, "bench.csv"), factories.TESTER).id

    def run(self) -> int:
        """Check, apply and undo; return the exit code."""
        self._step("checked", self._worker())
        said = self._found().counts
        with self._context():
            start_apply(self.import_id, factories.TESTER)
        self._kill_half_way()
        self._step("applied after a kill", self._worker())
        self._expect("the run equals the trial", self._found().counts == said)
        print("counts:", {name: count for name, count in said.items() if count})
        self._look_at_applied(said)
        with self._context():
            start_undo(self.import_id, factories.TESTER)
        self._step("undone", self._worker())
        with self._context():
            self._expect("undoing leaves the customers that were there", self._count(Customer) == self.customers)
            self._expect("none was kept", self._found().undo_counts["kept"] == 0)
            self._expect("the ledger is clean", verify_ledger(self.shop_id).is_clean)
        print("\n".join(f"WRONG: {one}" for one in self.wrong) or "all as it must be")
        return 1 if self.wrong else 0

    def _look_at_applied(self, said: dict[str, Any]) -> None:
        with self._context():
            self._expect("nobody is there twice", self._count(Customer) == self.customers + said["new"])
            points = sum(1 for number in range(self.rows) if number % POINTS == 0 and number % REFUSED != 7)
            self._expect("points were given once", self._count(LoyaltyEntry) == points)

    def _context(self) -> Any:
        return _InShop(self.app, self.shop_id)

    def _found(self) -> Any:
        with self._context():
            found = get_import(self.import_id)
            db.session.expunge(found)
            return found

    def _count(self, model: Any) -> int:
        return db.session.scalars(select(func.count(model.id))).one()

    def _worker(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "bench.imports", "--worker", self.url]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def _step(self, words: str, worker: "subprocess.Popen[str]") -> None:
        began = time.monotonic()
        start, peak = map(float, (worker.communicate()[0] or "0 0").split())
        seconds = time.monotonic() - began
        print(f"{words}: {seconds:.0f} s, {self.rows / seconds:.0f} rows/s, memory {start:.0f} MB, peak {peak:.0f} MB")
        self._expect(f"memory stays flat while it is {words}", peak - start <= MAY_GROW_MB)

    def _kill_half_way(self) -> None:
        worker = self._worker()
        while self._found().next_row < self.rows // 2:
            if worker.poll() is not None:
                raise SystemExit("The worker ended before it was half-way.")
            time.sleep(0.2)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        found = self._found()
        self._expect("it is half done", found.state == ImportState.APPLYING)
        print(f"killed at row {found.next_row - 1:,}")
        while (until := self._found().leased_until) is not None and until.timestamp() > time.time():
            time.sleep(1)  # as long as another worker may think that this one lives

    def _expect(self, words: str, holds: bool) -> None:
        if not holds:
            self.wrong.append(words)


class _InShop:
    """The application's context with the shop chosen."""

    def __init__(self, app: Flask, shop_id: int) -> None:
        self._context, self._shop_id = app.app_context(), shop_id

    def __enter__(self) -> None:
        self._context.push()
        use_shop(self._shop_id)

    def __exit__(self, *_error: object) -> None:
        self._context.pop()


def _email(number: int) -> str:
    return f"customer.{number}@example.com"


def _file(rows: int) -> bytes:
    lines = ["email,first_name,last_name,phone,tags,points"]
    for number in range(rows):
        email = "no e-mail" if number % REFUSED == 7 else _email(number)
        points = 100 + number % 900 if number % POINTS == 0 else ""
        lines.append(f"{email},Wanjiku,Njenga {number},+2547{number:08},Regular,{points}")
    return "\n".join(lines).encode()


if __name__ == "__main__":
    sys.exit(main())
