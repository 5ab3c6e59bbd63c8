"""Backup runs: requested by staff, executed by the worker or a command."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import BackupRun, Shop
from shop.services import audit_log, clock
from shop.services.actors import Actor

UNDER_WAY: Final = ("queued", "writing", "verifying")
LEASE: Final = timedelta(hours=6)
"""A run that has not ended after this time counts as crashed."""
LISTED: Final = 20


def list_runs() -> list[BackupRun]:
    """Return the newest runs, the newest first."""
    return list(db.session.scalars(select(BackupRun).order_by(BackupRun.id.desc()).limit(LISTED)))


def request_backup(actor: Actor) -> bool:
    """Queue a backup for the worker. Return False if one is under way already."""
    with transaction() as session:
        # a lock on the oldest shop, so that two requests at once queue one backup
        session.execute(select(Shop.id).order_by(Shop.id).limit(1).with_for_update())
        if session.scalars(select(BackupRun.id).where(BackupRun.state.in_(UNDER_WAY)).limit(1)).first() is not None:
            return False
        session.add(BackupRun(state="queued", requested_by=actor.label[:200], requested_at=clock.now()))
        audit_log.record(actor, "backup.requested", "backups")
        return True


def claim_run() -> int | None:
    """Return the id of a queued run claimed for this worker, or None; fail runs whose worker crashed."""
    now = clock.now()
    with transaction() as session:
        died = update(BackupRun).where(BackupRun.state.in_(UNDER_WAY[1:]), BackupRun.started_at < now - LEASE)
        ended = died.values(state="failed", finished_at=now, error="The worker stopped.")
        session.execute(ended)
        queued = select(BackupRun.id).where(BackupRun.state == "queued").order_by(BackupRun.id).limit(1)
        mine = update(BackupRun).where(BackupRun.id == queued.scalar_subquery(), BackupRun.state == "queued")
        claimed = mine.values(state="writing", started_at=now).returning(BackupRun.id)
        row = session.execute(claimed).first()
        return row[0] if row else None


def keep_file(run_id: int, file: str, size_bytes: int) -> None:
    """Record the file that a run has written, before it is verified."""
    _change(run_id, state="verifying", file=file, size_bytes=size_bytes)


def finish_run(run_id: int) -> None:
    """Record that the file was verified."""
    now = clock.now()
    _change(run_id, state="done", finished_at=now, verified_at=now)


def fail_run(run_id: int, error: str) -> None:
    """Record why a run failed."""
    _change(run_id, state="failed", finished_at=clock.now(), error=error)


def record_backup(requested_by: str, file: str, size_bytes: int) -> None:
    """Record a backup made by a command."""
    now = clock.now()
    with transaction() as session:
        run = BackupRun(state="done", requested_by=requested_by, file=file, size_bytes=size_bytes)
        run.requested_at = run.started_at = run.finished_at = now
        session.add(run)


def _change(run_id: int, **values: Any) -> None:
    with transaction() as session:
        session.execute(update(BackupRun).where(BackupRun.id == run_id).values(**values))
