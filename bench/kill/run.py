"""One run: load, kills, then settling and comparing."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask

from bench.kill.check import differences
from bench.kill.clients import InnerLine, ShopConnection, ShopperThread, settle
from bench.kill.journal import Journal
from bench.kill.killable_shop import KillableShop, stock
from bench.kill.postman import Postman
from bench.replay.nouns import CannotReplay
from shop.db.session import db
from shop.services import clock
from shop.services.loyalty.verification import VerificationReport, verify_ledger
from shop.services.outbox import LEASE
from shop.worker.jobs.outbox import send_due_messages
from tests.support.postgres import PostgresServer

MOST_SECONDS = 1.2
"""A kill comes up to so long after the first answers of a process."""
WALLETS = 6
"""Customers with a token for each client and kill: about as many as it gets to."""
PATIENCE_SECONDS = 90


@dataclass(frozen=True)
class KillPlan:
    """How often to kill the shop's processes, or the database server if there is one in ``database``.

    ``patient`` repeats requests to the running server until the leases of killed processes end, as a client would.
    Otherwise they are repeated in an application of this process with a later clock, after the last kill.
    """

    times: int
    clients: int = 8
    seed: int = 254
    database: PostgresServer | None = None
    patient: bool = True


@dataclass(frozen=True)
class KillResult:
    """The result: every difference (including those of the ledger's verification), and figures."""

    differences: list[str]
    proof: VerificationReport
    journal: Journal
    mails: int
    seconds: float
    recoveries: list[float]

    @property
    def is_clean(self) -> bool:
        """Return whether there is no difference."""
        return not self.differences


def kill_at_work(
    shop: KillableShop, plan: KillPlan, *, migrated: bool = False, on_kill: Callable[[int], None] = lambda _: None
) -> KillResult:
    """Fill the shop, start the clients, kill as planned, settle, and compare. Raises CannotReplay."""
    app = shop.app()
    stocked = stock(app, plan.clients, WALLETS * plan.times, migrated=migrated)
    journal, stop = Journal(), threading.Event()
    postman = Postman(shop.mails, stop)
    lines = [ShopConnection(shop.port, key, journal) for key in stocked.keys]
    shoppers = [ShopperThread(number, line, journal, stocked, postman, stop) for number, line in enumerate(lines)]
    began = time.monotonic()
    shop.start()
    for thread in (postman, *shoppers):
        thread.start()
    try:
        recoveries = _kill(shop, plan, journal, on_kill)
    finally:
        stop.set()
        for thread in (postman, *shoppers):
            thread.join()
    seconds = time.monotonic() - began
    inner = [InnerLine(app, key, journal, LEASE) for key in stocked.keys]
    settle(lines if plan.patient else inner, journal)
    shop.stop()
    _empty_outbox(app)
    postman.collect()
    with app.app_context():
        found = differences(journal, stocked, postman.sent, clock.now())
        proof = verify_ledger()
        found += [str(fault) for fault in proof.faults]
        db.session.remove()
        db.engine.dispose()
    return KillResult(found, proof, journal, postman.sent.total(), seconds, recoveries)


def _kill(shop: KillableShop, plan: KillPlan, journal: Journal, on_kill: Callable[[int], None]) -> list[float]:
    """Kill as planned; return, for each kill of the database, the seconds from its restart to the first response."""
    chance, recoveries = random.Random(plan.seed), []
    for number in range(1, plan.times + 1):
        _wait_for_answers(journal, 2 * plan.clients)
        time.sleep(chance.uniform(0, MOST_SECONDS))
        if plan.database is None:
            shop.kill()
            if number == plan.times and not plan.patient:
                return recoveries
            shop.start()
        else:
            plan.database.kill()
            time.sleep(chance.uniform(0, MOST_SECONDS))
            plan.database.restart()
            back = time.monotonic()
            _wait_for_answers(journal, 1)
            recoveries.append(time.monotonic() - back)
        on_kill(number)
    _wait_for_answers(journal, 1)
    return recoveries


def _wait_for_answers(journal: Journal, count: int) -> None:
    """Wait until the shop has sent this many more responses."""
    wanted, gives_up_at = journal.counts["answered"] + count, time.monotonic() + PATIENCE_SECONDS
    while journal.counts["answered"] < wanted:
        if time.monotonic() > gives_up_at or journal.odd:
            raise CannotReplay(f"The shop does not answer any more. {' '.join(journal.odd[:3])}")
        time.sleep(0.02)


def _empty_outbox(app: Flask) -> None:
    """Send the queued mails after the leases of the killed workers have ended."""
    with clock.moved_to(clock.now() + LEASE + timedelta(seconds=1)), app.app_context():
        while send_due_messages(app.config):
            pass


def figures(outcome: KillResult, plan: KillPlan) -> Counter[str]:
    """Return the counts by their labels."""
    counts, journal = outcome.journal.counts, outcome.journal
    return Counter(
        {
            "kills": plan.times,
            "orders answered with 201": journal.answered,
            "of these with points": sum(1 for key in journal.orders if key.endswith("-points")),
            "payments answered": len(journal.paid),
            "cancellations answered": len(journal.cancelled),
            "requests answered": counts["answered"],
            "connections refused while it was down": counts["closed"],
            "requests cut off without an answer": counts["cut"],
            "clean 503s": counts["503"],
            "mails arrived": outcome.mails,
            "accounts of points verified": outcome.proof.accounts,
            "entries verified": outcome.proof.entries,
            "differences": len(outcome.differences),
        }
    )
