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
from shop.services.messaging.channels.base import (
    AccountUnusable,
    DeliveryFailed,
    Refused,
    RenderedMessage,
    Transport,
    Unreachable,
)
from shop.services.messaging.channels.phone_channel import count_segments
from shop.services.messaging.channels.registry import list_channels
from shop.services.messaging.deliveries import begin_delivery, end_delivery, fail_delivery
from shop.services.messaging.mails.mail_composer import compose
from shop.services.messaging.spending import check_limit
from shop.services.outbox import ClaimedMessage
from shop.worker.registry import job

BATCH = 20
EVERY_SHOP = 0
PATIENCE = {"otp_code": 3, "join_code": 3}
"""Attempts on one channel before the next is tried: a code is of use for minutes only."""
DEFAULT_PATIENCE = 12

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
    down: dict[tuple[str, int], Unreachable] = {}
    for index, message in enumerate(messages):
        if clock.now() > deadline:  # a slow server: the remaining ones would exceed their lease
            outbox.release(messages[index:])
            return index
        try:
            error = down.get((message.channel, EVERY_SHOP)) or down.get((message.channel, message.shop_id))
            if error is not None:
                raise error
            _send(message, transports[message.channel], secret_key)
        except DeliveryFailed as error:
            if isinstance(error, Unreachable):
                down[message.channel, message.shop_id if isinstance(error, AccountUnusable) else EVERY_SHOP] = error
            _fail(message, error)
        except Exception as error:
            db.session.rollback()
            _postpone(message, error_location(error))
    return len(messages)


def _send(message: ClaimedMessage, transport: Transport, secret_key: str) -> None:
    with in_shop(message.shop_id):
        rendered = compose(message, secret_key)
    db.session.rollback()  # hold no connection during the call
    result: Literal["sent", "dropped"] = "sent" if rendered is not None else "dropped"
    if rendered is not None and list_channels()[message.channel].is_to_phone:
        _send_to_phone(message, rendered, transport)
    else:
        if rendered is not None:
            transport.send(rendered)
        outbox.mark_done(message, result)
    count_mail(message.kind, result)
    log.info("a message was %s", result, extra={"fields": _log_fields(message)})


def _send_to_phone(message: ClaimedMessage, rendered: RenderedMessage, transport: Transport) -> None:
    segments = count_segments(message.channel, rendered.text)
    with in_shop(message.shop_id):
        check_limit(message.kind, segments)
    begin_delivery(message, segments)
    try:
        receipt = transport.send(rendered)
    except DeliveryFailed as error:
        fail_delivery(message, error)
        raise
    if receipt is not None:
        end_delivery(message, receipt)


def _fail(message: ClaimedMessage, error: DeliveryFailed) -> None:
    """Send a message by its next channel if this one refused it, or did not take it for too long."""
    is_final = isinstance(error, Refused)
    patience = PATIENCE.get(message.kind, DEFAULT_PATIENCE)
    if message.fallbacks and (is_final or message.attempts >= patience):
        outbox.fall_back(message)
        count_mail(message.kind, "put_off")
        log.warning("a message goes by its next channel: %s", error, extra={"fields": _log_fields(message)})
    elif is_final:
        outbox.give_up(message, str(error))
        count_mail(message.kind, "dropped")
        log.warning("a message was refused: %s", error, extra={"fields": _log_fields(message)})
    else:
        _postpone(message, str(error))


def _postpone(message: ClaimedMessage, error: str) -> None:
    outbox.retry_later(message, error)
    count_mail(message.kind, "put_off")
    log.warning("a message was not sent: %s", error, extra={"fields": _log_fields(message)})


def _log_fields(message: ClaimedMessage) -> dict[str, Any]:
    """Return log fields of a message: ids only."""
    ids = {name: value for name, value in message.payload.items() if name.endswith("_id") and isinstance(value, int)}
    known = {"outbox_id": message.id, "kind": message.kind, "shop": message.shop_id, "attempts": message.attempts}
    return known | ids
