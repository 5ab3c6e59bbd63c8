"""Endpoints and deliveries in the words of the pages."""

import json
from typing import Any, Final
from urllib.parse import urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.domain.formats import group_digits
from shop.domain.text.hosts import readable_host, readable_url
from shop.services.webhooks.requests import TIMED_OUT
from shop.services.webhooks.sending import body_of

STATUSES: Final = {
    "waiting": lazy_gettext("Waiting"),
    "delivered": lazy_gettext("Delivered"),
    "failed": lazy_gettext("Failed"),
}
OBJECT_NAMES: Final = ("order_number", "full_name", "name", "email", "note", "url", "reference")


def short_url(url: str) -> str:
    """Return a URL without its scheme."""
    return readable_url(url).partition("://")[2].rstrip("/")


def host(url: str) -> str:
    """Return the host of a URL."""
    return readable_host(urlsplit(url).hostname or url)


def state(endpoint: Any) -> str:
    """Return the state of an endpoint, one of ``STATES``: if Tuza disabled it, the reason."""
    if not endpoint.enabled:
        return endpoint.disabled_reason or "off"
    return "failing_now" if endpoint.failing_since else "on"


STATES: Final = {
    "on": (lazy_gettext("On"), "returned", "check"),
    "failing_now": (lazy_gettext("Failing"), "taken", "alert-triangle"),
    "failing": (lazy_gettext("Disabled"), "taken", "alert-triangle"),
    "gone": (lazy_gettext("Disabled (410)"), "taken", "alert-triangle"),
    "off": (lazy_gettext("Off"), "", "minus"),
}
"""The word, colour and icon of each state."""


def outcome(delivery: Any) -> str:
    """Return the last answer: a status, ``Timed out``, or that there was none."""
    if not delivery.attempts:
        return _("Not sent yet")
    last = delivery.attempts[-1]
    if last.status_code is not None:
        return str(last.status_code)
    return _("Timed out") if last.response == TIMED_OUT else _("No answer")


def duration(attempt: Any) -> str:
    """Return how long an attempt took."""
    return _("%(milliseconds)s ms", milliseconds=group_digits(attempt.duration_ms))


def answer_line(attempt: Any) -> str:
    """Return the first line of an attempt's answer, without the protocol."""
    line: str = attempt.response.partition("\n")[0]
    return line.removeprefix("HTTP/1.1 ")[:80]


def object_name(delivery: Any) -> str:
    """Return what an event is about, such as an order number; empty if its object has no name."""
    if delivery.event is None:
        return _("Test event")
    data = delivery.event.data
    if data.get("first_name"):
        return " ".join(filter(None, [data["first_name"], data.get("last_name")]))
    return next((str(data[name]) for name in OBJECT_NAMES if data.get(name)), "")


def pretty_body(delivery: Any) -> str:
    """Return the body of a delivery, indented."""
    return json.dumps(body_of(delivery), ensure_ascii=False, indent=2)
