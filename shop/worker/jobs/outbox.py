"""Send the messages that are due in the outbox."""

import logging
import threading
from collections.abc import Mapping
from typing import Any, Literal

from shop.db.session import db
from shop.db.tenant import in_shop
from shop.observability.counters import count_mail
from shop.observability.json_logging import error_location
from shop.services import clock, outbox
from shop.services.messaging.mail_composer import compose
from shop.services.messaging.mailer import DeliveryFailed, Mailer, Unreachable, can_mail, open_mailer
from shop.services.outbox import ClaimedMessage
from shop.worker.registry import job

BATCH = 20

log = logging.getLogger("tuza.worker")


@job("outbox")
def run_outbox(config: Mapping[str, Any], _stop: threading.Event) -> int:
    """Send a batch of messages; return how many were processed."""
    return send_due_messages(config)


def send_due_messages(config: Mapping[str, Any]) -> int:
    """Send messages of all shops that are due, up to a batch; return how many were sent, dropped or postponed.

    Needs an application context. A message that cannot be sent is postponed and nothing is raised; database errors are.
    """
    if not can_mail(config):
        return 0
    messages = outbox.claim(BATCH)
    if messages:
        with open_mailer(config) as mailer:
            return _send_all(messages, mailer, config["SECRET_KEY"])
    return 0


def _send_all(messages: list[ClaimedMessage], mailer: Mailer, secret_key: str) -> int:
    deadline = clock.now() + outbox.LEASE / 2
    down: Unreachable | None = None
    for index, message in enumerate(messages):
        if clock.now() > deadline:  # a slow server: the rest would outlive its lease
            outbox.release(messages[index:])
            return index
        try:
            if down is not None:
                raise down
            _send(message, mailer, secret_key)
        except DeliveryFailed as error:
            down = error if isinstance(error, Unreachable) else None
            _postpone(message, str(error))
        except Exception as error:
            db.session.rollback()
            _postpone(message, error_location(error))
    return len(messages)


def _send(message: ClaimedMessage, mailer: Mailer, secret_key: str) -> None:
    with in_shop(message.shop_id):
        mail = compose(message, secret_key)
    db.session.rollback()  # hold no connection while the server takes its time
    if mail is not None:
        mailer.send(mail)
    result: Literal["sent", "dropped"] = "sent" if mail is not None else "dropped"
    outbox.mark_done(message, result)
    count_mail(message.kind, result)
    log.info("a message was %s", result, extra={"fields": _log_fields(message)})


def _postpone(message: ClaimedMessage, error: str) -> None:
    outbox.retry_later(message, error)
    count_mail(message.kind, "put_off")
    log.warning("a message was not sent: %s", error, extra={"fields": _log_fields(message)})


def _log_fields(message: ClaimedMessage) -> dict[str, Any]:
    """Return what a log may contain of a message: ids, which lead to the request that caused it."""
    ids = {name: value for name, value in message.payload.items() if name.endswith("_id") and isinstance(value, int)}
    known = {"outbox_id": message.id, "kind": message.kind, "shop": message.shop_id, "attempts": message.attempts}
    return known | ids
