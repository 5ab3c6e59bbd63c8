"""The states of a received payment, and how it was matched."""

from enum import StrEnum
from typing import Final


class ReceivedState(StrEnum):
    """The state of a received payment.

    ``received``: stored, not matched yet. ``unmatched``: waits for a claim. ``matched``: pays an order or a sale at the
    till. ``short``, ``over``: another amount than the order costs. ``twice``: the order was paid before. ``late``: the
    order had ended. ``returned``: the money was sent back.
    """

    RECEIVED = "received"
    UNMATCHED = "unmatched"
    MATCHED = "matched"
    SHORT = "short"
    OVER = "over"
    TWICE = "twice"
    LATE = "late"
    RETURNED = "returned"


class MatchedBy(StrEnum):
    """How a payment was matched; ``reference`` if an order or a sale had its transaction id before."""

    ORDER_NUMBER = "order_number"
    PHONE = "phone"
    PAYER = "payer"
    REFERENCE = "reference"
    PROMPT = "prompt"
    STAFF = "staff"
    CUSTOMER = "customer"


class PaymentSource(StrEnum):
    """The source of a received payment."""

    CALLBACK = "callback"
    STATEMENT = "statement"
    QUERY = "query"


TO_DECIDE: Final = (
    ReceivedState.UNMATCHED,
    ReceivedState.SHORT,
    ReceivedState.OVER,
    ReceivedState.TWICE,
    ReceivedState.LATE,
)
"""The states that wait for a person."""
SETTLED: Final = (ReceivedState.MATCHED, ReceivedState.RETURNED)
