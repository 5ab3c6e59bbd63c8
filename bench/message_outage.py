"""``python -m bench.message_outage``: a message to many by SMS, the provider down for an hour, the worker killed often.

Real worker processes send to a stand-in of the provider; they end by SIGKILL between any two steps. The hour is one of
the movable clock. Everybody who agreed must get the message once, or the delivery says that it may have arrived twice;
nobody without consent gets it. On each engine; exits with 1 otherwise.
"""

import logging
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy import func, select

from shop.db.session import db
from shop.db.tenant import all_tenants, use_shop
from shop.db.transaction import transaction
from shop.domain.customers.bulk import BulkKind, BulkState
from shop.models import BulkAction, MessageDelivery, OutboxMessage
from shop.queries.customers.list import CustomerFilters
from shop.queries.customers.selection import pack_filters
from shop.services import clock
from shop.services.bulk.actions import start_bulk
from shop.services.messaging.accounts import save_account
from shop.worker.jobs.bulk_actions import run_bulk_actions
from shop.worker.jobs.outbox import send_due_messages
from tests import factories
from tests.factories import TESTER
from tests.support.databases import ENGINES, DatabaseHost, close
from tests.support.providers import API_KEY, AfricasTalking
from tests.support.recipients import add_recipients, agreed_phones, withdraw

OUTAGE = timedelta(hours=1)
STEP = timedelta(minutes=10)
NOWHERE = "http://127.0.0.1:9"
"""An address that refuses connections."""
BATCH = 1000


@click.command()
@click.option("--recipients", default=10_000, show_default=True)
@click.option("--kills", default=20, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--engine", "engines", multiple=True, type=click.Choice(ENGINES), default=ENGINES)
def main(recipients: int, kills: int, seed: int, engines: tuple[str, ...]) -> None:
    """Send the message on each engine."""
    logging.disable(logging.CRITICAL)
    host = DatabaseHost(Path(tempfile.mkdtemp(prefix="tuza-outage-", dir="/tmp")))
    host.folder.chmod(0o711)
    try:
        wrong = [problem for engine in engines for problem in _run(host, engine, recipients, kills, seed)]
    finally:
        host.stop()
    for problem in wrong[:20]:
        click.echo(problem)
    sys.exit(1 if wrong else 0)


def _run(host: DatabaseHost, engine: str, recipients: int, kills: int, seed: int) -> list[str]:
    databases = host.databases()
    app = databases.app(databases.fresh(engine))
    began = time.monotonic()
    with app.app_context():
        use_shop(factories.make_shop(message_channels="sms").id)
        outage = Outage(app, recipients, kills, seed)
        outage.live()
        wrong = outage.check()
    close(app)
    click.echo(f"{engine}: {outage.summary}, {time.monotonic() - began:.0f} s")
    return wrong


class Outage:
    """A shop whose message goes out through the outage."""

    def __init__(self, app: Flask, recipients: int, kills: int, seed: int) -> None:
        self.app, self.recipients, self.left = app, recipients, kills
        self.killed: Counter[str] = Counter()
        self.random = random.Random(seed)
        self.provider = AfricasTalking()
        self.provider.on_request = lambda _fields: self._maybe_kill()
        self.worker: Any = None
        self.until_kill = 0
        self.summary = ""
        save_account("sms", {"username": "duka"}, {"api_key": API_KEY}, TESTER, app.config["PAYMENT_KEYS"])
        batches = (range(first, min(first + BATCH, recipients)) for first in range(0, recipients, BATCH))
        self.customers = [customer_id for numbers in batches for customer_id in add_recipients(numbers)]

    def live(self) -> None:
        """Let workers select and send, killing them, until nothing is open."""
        params = {"subject": "Offer", "body": "Fresh milk at KES 55 this week."}
        start_bulk(BulkKind.MESSAGE, params, pack_filters(CustomerFilters()), self.recipients, TESTER)
        start = moment = clock.now() + timedelta(seconds=1)
        self._work("selecting", moment, NOWHERE, kills=self.left // 4)
        with clock.moved_to(moment):
            withdraw(self.customers)
        while self._is_open():
            is_down = moment < start + OUTAGE
            kills = self.left if not is_down else min(1, self.left)
            self._work("down" if is_down else "sending", moment, NOWHERE if is_down else self.provider.url, kills)
            moment += STEP

    def _is_open(self) -> bool:
        with transaction():
            waiting = db.session.scalar(select(func.count(OutboxMessage.id)).where(OutboxMessage.state == "waiting"))
            states = set(db.session.scalars(select(BulkAction.state)))
        return bool(waiting) or states != {BulkState.DONE}

    def _work(self, phase: str, moment: datetime, url: str, kills: int) -> None:
        """Run workers at a moment, one after the other: the first ones are killed, the last one ends by itself."""
        db.session.rollback()
        db.engine.dispose()
        context = multiprocessing.get_context("fork")
        for number in range(kills + 1):
            if phase == "sending":
                moment += timedelta(minutes=2)  # what the one before had claimed is due again
            self.worker = context.Process(target=_worker, args=(self.app, phase, moment, url))
            is_last = number == kills
            self.until_kill = 0 if is_last or phase != "sending" else self.random.randrange(20, 200)
            self.worker.start()
            if not is_last and phase != "sending":
                self.worker.join(self.random.uniform(0.2, 1.5))
                self._kill()
            self.worker.join()
            if self.worker.exitcode == -signal.SIGKILL:
                self.killed[phase] += 1
                self.left -= 1

    def _maybe_kill(self) -> None:
        """Kill the worker around one of its requests: before or after it has recorded the answer."""
        if self.until_kill:
            self.until_kill -= 1
            if not self.until_kill:
                threading.Timer(self.random.choice((0, 0.001, 0.004, 0.01)), self._kill).start()

    def _kill(self) -> None:
        if self.worker.is_alive():
            os.kill(self.worker.pid, signal.SIGKILL)

    def check(self) -> list[str]:
        """Return what is wrong, one sentence each."""
        self.provider.stop()
        received = Counter(message.to for message in self.provider.sent)
        allowed = agreed_phones(range(self.recipients))
        phones = select(OutboxMessage.phone, MessageDelivery.may_repeat, OutboxMessage.state, OutboxMessage.last_error)
        joined = phones.outerjoin(MessageDelivery, MessageDelivery.outbox_id == OutboxMessage.id)
        with all_tenants():
            rows = db.session.execute(joined).all()
        reported = {row.phone for row in rows if row.may_repeat}
        given_up = {row.phone for row in rows if row.state == "dropped" and row.last_error}
        twice = {phone for phone, count in received.items() if count > 1}
        copies = len(rows) - len({row.phone for row in rows})
        self.summary = (
            f"{self.recipients} customers, {len(allowed)} agreed, {len(received)} got it, {len(twice)} twice, "
            f"{len(reported)} reported as perhaps twice, workers killed: {dict(self.killed)}"
        )
        return [
            *(f"{phone} has no consent" for phone in set(received) - allowed),
            *(f"{phone} got nothing and nothing is said" for phone in allowed - set(received) - given_up),
            *(f"{phone} got it twice and nothing is said" for phone in twice - reported),
            *([f"{copies} messages were enqueued twice"] if copies else []),
        ]


def _worker(app: Flask, phase: str, moment: datetime, url: str) -> None:
    """Be a worker's process until nothing is due."""
    with app.app_context(), clock.moved_to(moment):
        config = {**app.config, "AFRICASTALKING_URL": url}
        while run_bulk_actions(config, threading.Event()):
            pass
        while phase != "selecting" and send_due_messages(config):
            pass
    os._exit(0)


if __name__ == "__main__":
    main()
