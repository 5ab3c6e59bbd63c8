"""``python -m bench.kill.statements``: kill before every write of an order, and before and after its commit.

``bench.kill`` kills at random moments; this kills at each of them: a child process places an order with points, a
coupon and an Idempotency-Key (or pays it, or cancels it) and ends itself with SIGKILL before its first write, the next
child before the second, and so on. After each kill the same request is sent again, must succeed, and everything must be
consistent. Exit status 0 if it always was.
"""

import argparse
import itertools
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from bench.kill.check import differences
from bench.kill.clients import InnerLine, place, take_step
from bench.kill.journal import Journal, SentOrder
from bench.kill.killable_shop import COUPON, KillableShop, Stocked, stock
from bench.kill.postman import Postman
from shop.db.compiled import statement_events
from shop.db.session import db
from shop.services import clock
from shop.services.idempotency import LEASE as IDEMPOTENCY_LEASE
from shop.services.outbox import LEASE
from shop.worker.jobs.outbox import send_due_messages

WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")
WALLETS = 90
AFTER_LEASE = IDEMPOTENCY_LEASE + timedelta(seconds=1)
STEPS = ("order", "pay", "cancel")
EVENTS = ExitStack()
"""Open for as long as a child lives."""


@dataclass
class Round:
    """The data needed to repeat one step."""

    app: Flask
    stocked: Stocked
    journal: Journal = field(default_factory=Journal)
    kills: int = 0

    def line(self, later: timedelta) -> InnerLine:
        """Return a client with a later clock."""
        return InnerLine(self.app, self.stocked.keys[0], self.journal, later)


def main() -> int:
    """Run with the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.kill.statements", description=__doc__)
    parser.add_argument("--database-url", help="an empty PostgreSQL database, instead of a SQLite file")
    parser.add_argument("--migrated", action="store_true", help="the database has its tables, and no rows")
    asked = parser.parse_args()
    logging.disable(logging.INFO)
    with KillableShop(asked.database_url) as shop:
        app = shop.app()
        round = Round(app, stock(app, 1, WALLETS, migrated=asked.migrated))
        found = _kill_everywhere(round) or _check(round, Postman(shop.mails, threading.Event()))
    for difference in found:
        print(difference)
    print(f"{round.kills} kills, {round.journal.answered} orders: {len(found)} differences.")
    return 1 if found else 0


def _kill_everywhere(round: Round) -> list[str]:
    """Kill each step before its first write, its second, … until a child reaches its end."""
    for step in STEPS:
        for moment in itertools.count(1):
            work = _prepare(round, step, f"{step}-{moment}")
            died = _dies(round, work, moment)
            work(round.line(AFTER_LEASE))  # the client sends the same again, and must be answered now
            off = _rows(round)
            if off:
                return [f"{step}, killed at moment {moment}: {words}" for words in off[:5]]
            if not died:
                break
            round.kills += 1
    return []


def _prepare(round: Round, step: str, key: str) -> Callable[[InnerLine], Any]:
    """Return the request of a step for a new order; it raises for an unexpected response."""
    journal, line = round.journal, round.line(timedelta(0))
    email, token = round.stocked.wallets[0].pop()
    items = [{"product_id": product, "quantity": 2} for product in round.stocked.products[:2]]
    requested = {"token": token, "points": 400}
    body = {"customer": {"email": email}, "items": items, "notes": key, "coupon_code": COUPON}
    asked = journal.orders[key] = SentOrder(key, body | {"loyalty_redemption": requested})
    if step == "order":
        return lambda line: place(line, asked)
    order_id = place(line, asked)["id"]
    if step == "cancel":
        take_step(line, journal, "pay", order_id)
    return lambda line: take_step(line, journal, step, order_id)


def _dies(round: Round, work: Callable[[InnerLine], Any], moment: int) -> bool:
    """Return whether a child that kills itself at point ``moment`` was killed; False if it reached its end."""
    with round.app.app_context():
        db.session.remove()
        db.engine.dispose()  # no connection is shared with a child
    child = os.fork()
    if child == 0:
        try:
            _arm(moment)
            work(round.line(timedelta(0)))
            os._exit(0)
        except BaseException as wrong:
            print(f"{type(wrong).__name__}: {wrong}", file=sys.stderr)
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        raise RuntimeError("a child was refused; the lines above say why")
    return os.WIFSIGNALED(status)


def _arm(moment: int) -> None:
    """Kill this process at point ``moment``; the points are before each write, before a commit and after it."""
    left = itertools.count(moment - 1, -1)

    def chance(*_: Any) -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().startswith(WRITES):
            chance()

    EVENTS.enter_context(statement_events())  # prepared statements, too
    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "commit", chance)
    event.listen(db.session, "after_commit", chance)


def _rows(round: Round) -> list[str]:
    """Return the differences among the rows, without mails."""
    with round.app.app_context():
        found = differences(round.journal, round.stocked, None, clock.now())
        db.session.remove()
    return found


def _check(round: Round, postman: Postman) -> list[str]:
    """Return the differences at the end, with mails."""
    with round.app.app_context():
        with clock.moved_to(clock.now() + LEASE + timedelta(seconds=1)):
            while send_due_messages(round.app.config):
                pass
        postman.collect()
        return differences(round.journal, round.stocked, postman.sent, clock.now())


if __name__ == "__main__":
    raise SystemExit(main())
