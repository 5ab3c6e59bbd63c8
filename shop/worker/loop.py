"""The worker: sends what waits in the outbox, looks after payments and tidies up, in rounds, until told to stop.

The same loop runs in a thread of the web process and in ``flask worker``; any number of them may run at once.
"""

import atexit
import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

from shop.db.session import db
from shop.db.tenant import all_tenants, in_shop
from shop.db.transaction import transaction
from shop.db.upsert import PURGED_AT_ONCE
from shop.observability.counters import count_mail
from shop.queries.customers.counts import COMPACTED_AT_ONCE, compact_buckets
from shop.services import clock, outbox
from shop.services.checkout.sessions import purge_checkouts
from shop.services.customers.uploads import purge_pictures
from shop.services.idempotency import purge_records
from shop.services.loyalty.nightly_check import ToldToStop, watch_once
from shop.services.loyalty.otp_challenges import purge_challenges
from shop.services.messaging.mail_composer import compose
from shop.services.messaging.mailer import DeliveryFailed, Mailer, Unreachable, can_mail, open_mailer
from shop.services.outbox import ClaimedMessage, purge_messages
from shop.services.payments.config import PaymentConfig
from shop.services.payments.reconciliation import poll_pending
from shop.services.rate_limits import purge_windows
from shop.services.shoppers.abandoned_carts import purge_abandoned_carts
from shop.services.shoppers.accounts import purge_signups
from shop.services.shoppers.links import purge_links
from shop.services.shoppers.sessions import purge_sessions
from shop.services.staff.links import purge_staff_links
from shop.services.staff.sessions import purge_staff_sessions

BATCH = 20
PURGE_SECONDS = 60
WATCH_SECONDS = 60
OUTAGE_SECONDS = 5
"""How long to wait after a round that could not be done at all."""
SHUTDOWN_SECONDS = 5

log = logging.getLogger("tuza.worker")


class Application(Protocol):
    """What the worker needs of the application: its settings, and the context that a database session lives in."""

    @property
    def config(self) -> Mapping[str, Any]:
        """``SECRET_KEY``, ``TUZA_ENV``, ``WORKER_POLL_SECONDS`` and ``MAIL_*``."""

    def app_context(self) -> AbstractContextManager[Any]:
        """A context for one round."""


def work_once(config: Mapping[str, Any]) -> int:
    """Send the messages of all shops that are due, up to a batch; how many were sent, dropped or put off.

    Needs an application context. Without anywhere to hand mail to, messages wait and the answer is 0. A message that
    cannot be sent is put off and nothing is raised; raised is what stops the database from being used.
    """
    if not can_mail(config):
        return 0
    messages = outbox.claim(BATCH)
    if messages:
        with open_mailer(config) as mailer:
            return _work(messages, mailer, config["SECRET_KEY"])
    return 0


def _work(messages: list[ClaimedMessage], mailer: Mailer, secret_key: str) -> int:
    ends = clock.now() + outbox.LEASE / 2
    down: Unreachable | None = None
    for index, message in enumerate(messages):
        if clock.now() > ends:  # a slow server: the rest would outlive its lease
            outbox.release(messages[index:])
            return index
        try:
            if down is not None:
                raise down
            _handle(message, mailer, secret_key)
        except DeliveryFailed as failed:
            down = failed if isinstance(failed, Unreachable) else None
            _put_off(message, str(failed))
        except Exception as broken:
            db.session.rollback()
            _put_off(message, _where(broken))
    return len(messages)


def _handle(message: ClaimedMessage, mailer: Mailer, secret_key: str) -> None:
    with in_shop(message.shop_id):
        mail = compose(message, secret_key)
    db.session.rollback()  # nothing is read any more; no connection is held while the server takes its time
    if mail is not None:
        mailer.send(mail)
    result: Literal["sent", "dropped"] = "sent" if mail is not None else "dropped"
    outbox.mark_done(message, result)
    count_mail(message.kind, result)
    log.info("a message was %s", result, extra={"fields": _about(message)})


def _put_off(message: ClaimedMessage, error: str) -> None:
    outbox.retry_later(message, error)
    count_mail(message.kind, "put_off")
    log.warning("a message was not sent: %s", error, extra={"fields": _about(message)})


def _about(message: ClaimedMessage) -> dict[str, Any]:
    """What a log may say of a message: ids, which lead to the request that caused it."""
    ids = {name: value for name, value in message.payload.items() if name.endswith("_id") and isinstance(value, int)}
    known = {"outbox_id": message.id, "kind": message.kind, "shop": message.shop_id, "attempts": message.attempts}
    return known | ids


def _where(broken: Exception) -> str:
    """An unexpected error without its words, which may hold a code or an e-mail: its kind, and where it arose."""
    trace = broken.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    return f"Unexpected {type(broken).__name__}{place}."


PURGES: tuple[Callable[[], int], ...] = (
    purge_records,
    purge_windows,
    purge_challenges,
    purge_messages,
    purge_checkouts,
    purge_links,
    purge_staff_links,
    purge_staff_sessions,
    purge_sessions,
    purge_signups,
    purge_pictures,
    purge_abandoned_carts,
)


def purge_once() -> int:
    """Delete, in all shops, what nobody needs any more; how many rows. Needs an application context.

    Kept counts that lie in pieces are put together.
    """
    total = 0
    for purge in PURGES:
        gone = PURGED_AT_ONCE
        while gone == PURGED_AT_ONCE:  # each part in its own short transaction
            with all_tenants(), transaction():
                gone = purge()
            total += gone
    folded = COMPACTED_AT_ONCE
    while folded > COMPACTED_AT_ONCE // 2:
        with all_tenants(), transaction():
            folded = compact_buckets()
    return total


def run_worker(app: Application, stop: threading.Event) -> None:
    """Work in rounds until ``stop`` is set, which is looked at between rounds and ends any wait at once.

    Payments are looked after in a thread beside, so that a slow provider holds up no mail. A database that is away ends
    no more than a round; the next one starts a few seconds later.
    """
    if not can_mail(app.config):
        log.warning("MAIL_SERVER is not set: mail waits in the outbox until it is")
    beside = (
        threading.Thread(target=keep_watch, args=(app, stop), name="tuza-night", daemon=True),
        threading.Thread(target=_keep, args=(app, stop, _payments(app)), name="tuza-payments", daemon=True),
    )
    for thread in beside:
        thread.start()
    _keep(app, stop, _mail_and_purges(app))
    for thread in beside:
        thread.join(SHUTDOWN_SECONDS)


def _payments(app: Application) -> Callable[[], int]:
    policy = PaymentConfig.of(app.config)
    return lambda: poll_pending(policy)


def _mail_and_purges(app: Application) -> Callable[[], int]:
    purge_at = time.monotonic()

    def work() -> int:
        nonlocal purge_at
        handled = work_once(app.config)
        if time.monotonic() >= purge_at:
            purge_once()
            purge_at = time.monotonic() + PURGE_SECONDS
        return handled

    return work


def _keep(app: Application, stop: threading.Event, work: Callable[[], int]) -> None:
    """Do rounds of one kind of work; one that did nothing is followed by a short wait."""
    failing = False
    while not stop.is_set():
        try:
            with app.app_context():
                handled = work()
        except Exception as broken:
            if not failing:
                log.error("the worker cannot work and keeps trying: %s", _where(broken))
            failing = True
            stop.wait(OUTAGE_SECONDS)
            continue
        if failing:
            log.info("the worker works again")
        failing = False
        if not handled:
            stop.wait(app.config["WORKER_POLL_SECONDS"])


def keep_watch(app: Application, stop: threading.Event) -> None:
    """Look once a minute whether a ledger is due to be checked, until ``stop`` is set.

    In a thread of its own, because a large ledger takes a while and mail must not wait for it.
    """
    failing = False
    while not stop.is_set():
        try:
            with app.app_context():
                watch_once(stop)
            failing = False
        except ToldToStop:
            return
        except Exception as broken:
            if not failing:
                log.error("the ledger cannot be checked, and will be tried again: %s", _where(broken))
            failing = True
        stop.wait(WATCH_SECONDS)


def start_inline_worker(app: Application) -> threading.Event:
    """Run the worker in a thread of this process; setting the event that is returned ends it.

    The end of the process sets it too, and waits a few seconds for a mail that is just going out.
    """
    stop = threading.Event()
    thread = threading.Thread(target=run_worker, args=(app, stop), name="tuza-worker", daemon=True)
    thread.start()
    atexit.register(_finish, stop, thread)
    return stop


def _finish(stop: threading.Event, thread: threading.Thread) -> None:
    stop.set()
    thread.join(SHUTDOWN_SECONDS)
