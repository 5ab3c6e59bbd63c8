"""The current time. All code that stores or compares times uses it, so that tests and the demo can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from shop.db.tenant import sandbox_ahead

_moved: ContextVar[datetime | None] = ContextVar("moved_clock", default=None)
_real: ContextVar[bool] = ContextVar("real_time", default=False)


def now() -> datetime:
    """Return the current time, aware, in UTC; in a sandbox shop what its clock says."""
    ahead = sandbox_ahead()
    return real_now() if ahead is None or _real.get() else real_now() + ahead


def real_now() -> datetime:
    """Return the current time, aware, in UTC, whatever a sandbox shop's clock says."""
    return _moved.get() or datetime.now(UTC)


@contextmanager
def moved_to(moment: datetime) -> Iterator[None]:
    """Within the block the time is ``moment`` (aware)."""
    if moment.tzinfo is None:
        raise ValueError("the clock needs an aware time")
    token = _moved.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _moved.reset(token)


@contextmanager
def in_real_time() -> Iterator[None]:
    """Use real time in a sandbox shop within the block: for limits on attempts."""
    token = _real.set(True)
    try:
        yield
    finally:
        _real.reset(token)
