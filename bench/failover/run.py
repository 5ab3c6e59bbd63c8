"""One run: load, the primary's failure, the old primary's return, then settling and comparing."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask

from bench.failover.clients import Giver, Reader
from bench.failover.lost import Lost, count_doubles, find_lost, forget
from bench.failover.machines import Machines
from bench.failover.node import Node
from bench.failover.processes import wait_for
from bench.failover.seen import Seen, WatchedLine
from bench.failover.shop import FailoverShop
from bench.kill.check import differences
from bench.kill.clients import ShopperThread, settle
from bench.kill.journal import Journal
from bench.kill.killable_shop import Stocked, stock
from bench.kill.postman import Postman
from bench.replay.nouns import CannotReplay
from shop.db.session import db
from shop.services import clock
from shop.services.loyalty.verification import VerificationReport, verify_ledger
from shop.services.outbox import LEASE
from shop.worker.jobs.outbox import send_due_messages

SHOPPERS = 6
READERS = 3
WALLETS = 60
"""Customers with a token for each shopper and minute; who has no more left meets new ones."""
PROMOTION_SECONDS = 120
RETURN_SECONDS = 180
BREATH_SECONDS = 8
"""Between two things that are watched, when a run is short."""


@dataclass
class Moments:
    """The times of the run's events."""

    began: float = 0.0
    killed: float = 0.0
    promoted: float = 0.0
    returned: float = 0.0
    follows: float = 0.0
    ended: float = 0.0


@dataclass
class FailoverResult:
    """The result of a run."""

    seen: Seen
    journal: Journal
    moments: Moments
    lost: Lost
    odd: list[str]
    """Answers that should never be given, while the load ran."""
    differences: list[str]
    proof: VerificationReport
    doubles: int
    log: str = field(default="", repr=False)


def fail_over(
    machines: Machines, shop: FailoverShop, minutes: float, say: Callable[[str], None], *, freeze: bool = False
) -> FailoverResult:
    """Fill the shop, put it under load, kill the primary, restart it, settle and compare. Raises CannotReplay.

    With ``freeze`` the primary's processes are stopped first, and killed only before the restart.
    """
    app = shop.app()
    say("Stocking the shop …")
    stocked = stock(app, SHOPPERS + 1, max(2, round(WALLETS * minutes)))
    journal, seen, stop = Journal(), Seen(), threading.Event()
    postman = Postman(shop.mails, stop)
    lines = [WatchedLine(shop.port, key, journal, seen) for key in stocked.keys]
    shop.start()
    threads = _threads(shop, stocked, lines, journal, seen, postman, stop)
    for thread in threads:
        thread.start()
    try:
        moments = _go_through(machines, journal, minutes * 60, say, freeze=freeze)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    say("Settling …")
    with app.app_context():
        lost = find_lost(journal, seen)
        db.session.remove()
    odd, journal.odd = journal.odd, []
    forget(lost, journal)
    settle(lines, journal)
    shop.stop()
    return _compare(
        app, FailoverResult(seen, journal, moments, lost, odd, [], VerificationReport(0, 0, ()), 0), stocked, postman
    )


def _threads(
    shop: FailoverShop,
    stocked: Stocked,
    lines: list[WatchedLine],
    journal: Journal,
    seen: Seen,
    postman: Postman,
    stop: threading.Event,
) -> list[threading.Thread]:
    """Return the client threads with their connections. Readers have their own key and may read from the replica."""
    own = [WatchedLine(shop.port, stocked.keys[-1], journal, seen) for _ in range(READERS)]
    giving = WatchedLine(shop.port, stocked.keys[0], journal, seen)
    _, made = giving.ask("POST", "/customers", {"email": "points@example.com"}, fine=(201,))
    customer = made["data"]["customer"]["id"]
    return [
        postman,
        Giver(giving, journal, customer, stop),
        *(Reader(number, line, stocked, stop) for number, line in enumerate(own)),
        *(ShopperThread(number, lines[number], journal, stocked, postman, stop) for number in range(SHOPPERS)),
    ]


def _go_through(
    machines: Machines, journal: Journal, seconds: float, say: Callable[[str], None], *, freeze: bool
) -> Moments:
    """Kill the primary after a third of the time and restart it after two thirds."""
    moments = Moments(began=time.monotonic())
    _until(moments.began + seconds / 3)
    old = machines.primary()
    if old is None:
        raise CannotReplay("The primary was gone before it was killed.")
    new = next(node for node in machines.nodes if node is not old)
    before = journal.counts["answered"]
    if not before:
        raise CannotReplay(f"The shop answered nothing. {' '.join(journal.odd[:3])}")
    say(f"{'Freezing' if freeze else 'Killing'} {old.name}, after {before} answers …")
    moments.killed = time.monotonic()
    if freeze:
        old.freeze()
    else:
        old.kill()
    wait_for("another primary", lambda: new.is_("primary"), PROMOTION_SECONDS)
    moments.promoted = time.monotonic()
    say(f"{new.name} was promoted after {moments.promoted - moments.killed:.1f} s.")
    _until(max(moments.began + seconds * 2 / 3, moments.promoted + BREATH_SECONDS))
    moments.returned = time.monotonic()
    _bring_back(machines, old)
    moments.follows = time.monotonic()
    say(f"{old.name} was back after {moments.follows - moments.returned:.1f} s.")
    _until(max(moments.began + seconds, moments.follows + BREATH_SECONDS))
    moments.ended = time.monotonic()
    return moments


def _bring_back(machines: Machines, old: Node) -> None:
    old.kill()  # what is left of it
    old.start()
    try:
        wait_for("the old primary to follow", lambda: old.is_("replica") and machines.follows(old), RETURN_SECONDS)
    except CannotReplay as cannot:
        raise CannotReplay(f"{cannot}\n{old.last_words()}") from None


def _until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


def _compare(app: Flask, outcome: FailoverResult, stocked: Stocked, postman: Postman) -> FailoverResult:
    """Send all mail after the leases have ended, then compare every row."""
    with clock.moved_to(clock.now() + LEASE + timedelta(seconds=1)), app.app_context():
        while send_due_messages(app.config):
            pass
    postman.collect()
    with app.app_context():
        outcome.differences = differences(outcome.journal, stocked, postman.sent, clock.now())
        outcome.proof = verify_ledger()
        outcome.doubles = count_doubles()
        db.session.remove()
        db.engine.dispose()
    return outcome
