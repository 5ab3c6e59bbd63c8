"""Move the clock of a sandbox shop; everything that is due on the way happens, in order."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy import case, or_, select, update

from shop.db.session import db
from shop.db.tenant import current_shop_id, in_shop, sandbox_ahead
from shop.db.transaction import transaction
from shop.domain.dates.durations import Duration
from shop.models import SandboxClock
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput, NotAllowed
from shop.services.sandbox.due import next_due, run_due
from shop.services.shops.settings import get_settings

FARTHEST: Final = timedelta(days=366 * 5)
"""In one move."""
LEASE: Final = timedelta(minutes=2)
"""Renewed at each step of a move; if it ends, because the process died, another request may move the clock."""


@dataclass(frozen=True, slots=True)
class Happened:
    """A kind of work done at a moment on the way, and its count."""

    at: datetime
    work: str
    count: int


@dataclass(frozen=True, slots=True)
class ClockState:
    """A sandbox shop's clock, and what happened since it began to move."""

    now: datetime
    real_now: datetime
    happened: tuple[Happened, ...] = ()
    moved_from: datetime | None = None
    """Its time before the last move."""

    @property
    def days_ahead(self) -> int:
        """Return how many whole days it is ahead of real time."""
        return max(0, (self.now - self.real_now).days)


def is_sandbox() -> bool:
    """Return whether the session's shop is a sandbox."""
    return sandbox_ahead() is not None


def require_sandbox() -> None:
    """Raise NotAllowed ``live_shop`` unless the session's shop is a sandbox."""
    if not is_sandbox():
        raise NotAllowed("This is a live shop. Use a test key of a sandbox shop (ck_test_…).", code="live_shop")


def read_clock() -> ClockState:
    """Return the clock of the session's shop. Raise NotAllowed in a live shop."""
    require_sandbox()
    moved_from = db.session.scalars(select(SandboxClock.moved_from)).one()
    return ClockState(clock.now(), clock.real_now(), moved_from=moved_from)


def advance_clock(actor: Actor, *, by: str | None = None, to: datetime | None = None) -> ClockState:
    """Move the clock forward by an ISO 8601 duration or to a time.

    Raise InvalidInput for both or neither, a move back, and one of more than five years; NotAllowed in a live shop;
    Conflict ``clock_moving`` while someone else moves it.
    """
    require_sandbox()
    target = _target(by, to)
    shop_id, lease = current_shop_id(), _take(target, actor)
    happened: list[Happened] = []
    try:
        moment: datetime | None = clock.now()
        while moment is not None and moment < target:
            lease, done = _arrive(shop_id, moment, lease)
            happened += done
            with in_shop(shop_id):
                moment = next_due(moment)
        lease, done = _arrive(shop_id, target, lease)
    finally:
        _change(lease, moving_until=None)
    with in_shop(shop_id):
        return replace(read_clock(), happened=(*happened, *done))


def _target(by: str | None, to: datetime | None) -> datetime:
    field = "to" if by is None else "advance"
    now = clock.now()
    try:
        target = to if by is None else Duration.parse(by).after(now, get_settings().values["shop_timezone"])
    except ValueError as wrong:
        raise InvalidInput.of(field, str(wrong)) from None
    if target is None:
        raise InvalidInput.of("advance", "or to is required")
    if by is not None and to is not None:
        raise InvalidInput.of("to", "must not be given beside advance")
    if target < now:
        raise InvalidInput.of(field, "must not be before now: the clock only moves forward")
    if target - now > FARTHEST:
        raise InvalidInput.of(field, "must be at most five years ahead")
    return target


def _take(target: datetime, actor: Actor) -> datetime:
    """Return the end of the lease. Raise Conflict while another request has one."""
    row, real = SandboxClock, clock.real_now()
    free = or_(row.moving_until.is_(None), row.moving_until < real)
    with transaction() as session:
        values = {"moving_until": real + LEASE, "moved_from": clock.now()}
        taken = session.execute(update(row).where(free).values(values).returning(row.id)).first()
        if taken is None:
            raise Conflict("The clock is being moved. Try again in a moment.", code="clock_moving")
        audit_log.record(actor, "sandbox.clock", "sandbox", new=f"{target:%Y-%m-%d %H:%M} UTC")
    return real + LEASE


def _arrive(shop_id: int, moment: datetime, lease: datetime) -> tuple[datetime, list[Happened]]:
    """Set the clock to a moment and do what is due then; return the end of the renewed lease, and what was done.

    Raise Conflict if another request moves the clock since the lease ended.
    """
    row, real = SandboxClock, clock.real_now()
    ahead = max(0, ceil((moment - real).total_seconds()))
    forward = case((row.ahead_seconds < ahead, ahead), else_=row.ahead_seconds)
    if not _change(lease, ahead_seconds=forward, moving_until=real + LEASE):
        raise Conflict("The clock is being moved. Try again in a moment.", code="clock_moving")
    with in_shop(shop_id):
        done = run_due()
        db.session.rollback()
    return real + LEASE, [Happened(moment, name, count) for name, count in done.items()]


def _change(lease: datetime, **values: object) -> bool:
    """Change the clock's row; return False if the lease is not the current one."""
    row = SandboxClock
    statement = update(row).where(row.moving_until == lease).values(values).returning(row.id)
    with transaction() as session:
        return session.execute(statement.execution_options(synchronize_session=False)).first() is not None
