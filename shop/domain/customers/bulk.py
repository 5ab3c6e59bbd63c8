"""Bulk actions on customers."""

from enum import StrEnum


class BulkKind(StrEnum):
    """An action on each customer of a selection."""

    ADD_TAG = "add_tag"
    REMOVE_TAG = "remove_tag"
    ADJUST = "adjust"
    MESSAGE = "message"


class BulkState(StrEnum):
    """The state of an action. A held one waits for a second person's approval."""

    HELD = "held"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class BulkOutcome(StrEnum):
    """The result of an action for one customer."""

    CHANGED = "changed"
    SKIPPED = "skipped"
    REFUSED = "refused"
