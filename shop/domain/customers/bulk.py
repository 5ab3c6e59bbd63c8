"""What can be done to many customers at once."""

from enum import StrEnum


class BulkKind(StrEnum):
    """An action on each customer of a selection."""

    ADD_TAG = "add_tag"
    REMOVE_TAG = "remove_tag"
    ADJUST = "adjust"
    MESSAGE = "message"


class BulkState(StrEnum):
    """How far an action is. A held one waits for a second person's approval."""

    HELD = "held"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class BulkOutcome(StrEnum):
    """What an action did to one customer."""

    CHANGED = "changed"
    SKIPPED = "skipped"
    REFUSED = "refused"
