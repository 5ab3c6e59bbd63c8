"""Send the messages that are due in the outbox."""

import logging
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Literal

from shop.db.session import db
from shop.db.tenant import in_shop
from shop.observability.counters import count_mail
from shop.observability.json_logging import error_location
from shop.services import clock, outbox
from shop.services.messaging.channels.base import DeliveryFailed, Transport, Unreachable
from shop.services.messaging.channels.registry import list_channels
from shop.services.messaging.mail_composer import compose
from shop.services.outbox import ClaimedMessage
from shop.worker.registry import job

BATCH = 20

log = logging.getLogger("tuza.worker")


@job("outbox")
def run_outbox(config: Mapping[str, Any], _stop: threading.Event) -> int:
    """Send a batch of messages; return how many were processed."""
    return send_due_messages(config)


def send_due_messages(config: Mapping[str, Any]) -> int:
    """Send due messages of all shops, up to a batch; return how many were sent, dropped or postponed.

    Messages for a channel that lacks a setting wait; those for other channels do not. Needs an application context. A
    message that cannot be sent is postponed without raising; database errors are raised.
    """
    usable = {code: each for code, each in list_channels().items() if each.missing_setting(config) is None}
    messages = outbox.claim(BATCH, usable) if usable else []
    if not messages:
        return 0
    with ExitStack() as stack:
        transports = {code: stack.enter_context(channel.open(config)) for code, channel in usable.items()}
        return _send_all(messages, transports, config["SECRET_KEY"])


def _send_all(messages: list[ClaimedMessage], transports: Mapping[str, Transport], secret_key: str) -> int:
    deadline = clock.now() + outbox.LEASE / 2
    down: dict[str, Unreachable] = {}
    for index, message in enumerate(messages):
        if clock.now() > deadline:  # a slow server: the remaining ones would exceed their lease
            outbox.release(messages[index:])
            return index
        try:
            if message.channel in down:
                raise down[message.channel]
            _send(message, transports[message.channel], secret_key)
        except DeliveryFailed as error:
            if isinstance(error, Unreachable):
                down[message.channel] = error
            _postpone(message, str(error))
        except Exception as error:
            db.session.rollback()
            _postpone(message, error_location(error))
    return len(messages)


def _send(message: ClaimedMessage, transport: Transport, secret_key: str) -> None:
    with in_shop(message.shop_id):
        rendered = compose(message, secret_key)
    db.session.rollback()  # hold no connection during the call
    if rendered is not None:
        transport.send(rendered)
    result: Literal["sent", "dropped"] = "sent" if rendered is not None else "dropped"
    outbox.mark_done(message, result)
    count_mail(message.kind, result)
    log.info("a message was %s", result, extra={"fields": _log_fields(message)})


def _postpone(message: ClaimedMessage, error: str) -> None:
    outbox.retry_later(message, error)
    count_mail(message.kind, "put_off")
    log.warning("a message was not sent: %s", error, extra={"fields": _log_fields(message)})


def _log_fields(message: ClaimedMessage) -> dict[str, Any]:
    """Return log fields of a message: ids only."""
    ids = {name: value for name, value in message.payload.items() if name.endswith("_id") and isinstance(value, int)}
    known = {"outbox_id": message.id, "kind": message.kind, "shop": message.shop_id, "attempts": message.attempts}
    return known | ids
