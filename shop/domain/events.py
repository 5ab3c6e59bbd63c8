"""The types of domain events, what each is about, and patterns of types (``docs/api/events-and-webhooks.md``)."""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

VERSION: Final = 1
"""The version of the events' data; increased when a field is removed or changes its meaning."""
_PATTERN: Final = re.compile(r"\*|[a-z]+\.\*")


class Noun(StrEnum):
    """The object that an event is about; its key in the data."""

    CUSTOMER = "customer"
    MERGE = "merge"
    ENTRY = "entry"
    ORDER = "order"
    PAYMENT = "payment"
    PRODUCT = "product"
    REGISTRATION = "registration"
    ENDPOINT = "endpoint"


class EventType(StrEnum):
    """The type of an event."""

    CUSTOMER_CREATED = "customer.created"
    CUSTOMER_UPDATED = "customer.updated"
    CUSTOMER_MERGED = "customer.merged"
    CUSTOMER_DELETED = "customer.deleted"
    POINTS_EARNED = "points.earned"
    POINTS_REDEEMED = "points.redeemed"
    POINTS_RETURNED = "points.returned"
    POINTS_REVERSED = "points.reversed"
    POINTS_ADJUSTED = "points.adjusted"
    ORDER_PLACED = "order.placed"
    ORDER_UPDATED = "order.updated"
    ORDER_PAID = "order.paid"
    ORDER_COMPLETED = "order.completed"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_REFUNDED = "order.refunded"
    ORDER_DELETED = "order.deleted"
    PAYMENT_NEEDS_REVIEW = "payment.needs_review"
    PRODUCT_UPDATED = "product.updated"
    PRODUCT_DELETED = "product.deleted"
    REGISTRATION_REQUESTED = "registration.requested"
    REGISTRATION_DECIDED = "registration.decided"
    ENDPOINT_DISABLED = "endpoint.disabled"

    @property
    def noun(self) -> Noun:
        """The object that the event is about."""
        return _NOUNS[self]


def _noun_of(type: EventType) -> Noun:
    if type is EventType.CUSTOMER_MERGED:
        return Noun.MERGE
    area = type.partition(".")[0]
    return Noun.ENTRY if area == "points" else Noun(area)


_NOUNS: Final = {type: _noun_of(type) for type in EventType}


def check_pattern(pattern: str) -> str:
    """Return a name, a prefix such as ``points.*``, or ``*``. Raise ValueError for a pattern that no type can match."""
    is_known = pattern in list(EventType) or (_PATTERN.fullmatch(pattern) and any(matches([pattern], EventType)))
    if not is_known:
        raise ValueError("must be an event type, a prefix such as points.*, or *")
    return pattern


def matches(patterns: Iterable[str], types: Iterable[str]) -> list[str]:
    """Return the types that one of the patterns names."""
    wanted = set(patterns)
    return [each for each in types if wanted & {"*", str(each), each.partition(".")[0] + ".*"}]
