"""Requests to M-Pesa about transactions: their kinds and states."""

from enum import StrEnum
from typing import Final


class RequestKind(StrEnum):
    """The kind of a request to M-Pesa."""

    STATUS = "status"
    REVERSAL = "reversal"
    PAYOUT = "payout"


class RequestState(StrEnum):
    """The state of a request.

    ``requested``: being sent, or it is not known what became of it. ``accepted``: the result is expected. ``done`` and
    ``failed``: by the result, or ``failed`` if M-Pesa did not take the request.
    """

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DONE = "done"
    FAILED = "failed"


OPEN_STATES: Final = (RequestState.REQUESTED, RequestState.ACCEPTED)
ENDED_WORDS: Final = frozenset({"failed", "cancelled", "canceled", "declined", "expired"})
"""M-Pesa's names for the status of a transaction that will not complete."""
