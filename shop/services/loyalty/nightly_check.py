"""The nightly check: each shop's ledger is verified once a day, and the overview shows the result.

Any number of workers may run it; a unique key lets one of them do a day's check.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from shop.db.session import db
from shop.db.tenant import in_shop
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.models import LedgerCheck
from shop.services import clock
from shop.services.loyalty.verification import VerificationReport, verify_ledger
from shop.services.shops.settings import get_settings
from shop.services.shops.shops import list_shops

HOUR: Final = 2
"""The hour in the shop's time zone from which the day's check is due."""
LEASE: Final = timedelta(hours=1)
"""An unfinished check counts as crashed after this time, and another worker repeats it."""
KEPT_FAULTS: Final = 20
OVERDUE: Final = timedelta(days=2)

log = logging.getLogger("tuza.night")


class ShutdownRequested(Exception):
    """The process is stopping; another worker will do the check."""


@dataclass(frozen=True, slots=True)
class LastCheck:
    """The newest finished check of a shop.

    ``faults`` counts the accounts with errors; ``first`` has some of them. ``overdue``: it was too long ago.
    """

    finished_at: datetime
    accounts: int
    entries: int
    faults: int
    first: list[dict[str, Any]]
    overdue: bool


def run_due_checks(stop: threading.Event) -> int:
    """Check the ledgers that are due; return how many this worker checked. Needs an application context.

    Raises ShutdownRequested when ``stop`` is set meanwhile.
    """
    done = 0
    for shop in list_shops():
        with in_shop(shop.id):
            day = _due()
            if day is not None and _claim(day):
                _check(shop.id, day, stop)
                done += 1
    db.session.rollback()
    return done


def _due() -> date | None:
    """Return the shop's day if its check is due."""
    local = clock.now().astimezone(ZoneInfo(get_settings().values["shop_timezone"]))
    return local.date() if local.hour >= HOUR else None


def _claim(day: date) -> bool:
    """Claim the day's check for this worker unless another worker has finished or is doing it."""
    row, now = LedgerCheck, clock.now()
    if db.session.scalars(select(row.id).where(row.day == day, row.finished_at.is_not(None))).first() is not None:
        return False
    with transaction() as session:
        if insert_or_ignore(row, [row.day], day=day, started_at=now, accounts=0, entries=0, faults=0, first_faults=[]):
            return True
        left = update(row).where(row.day == day, row.finished_at.is_(None), row.started_at < now - LEASE)
        return session.execute(left.values(started_at=now).returning(row.id)).first() is not None


def _check(shop_id: int, day: date, stop: threading.Event) -> None:
    """Do a claimed check and save its result; release one that is interrupted."""
    try:
        report = verify_ledger(shop_id, on_progress=_stop_when(stop))
        db.session.rollback()
        _save(day, report)
    except BaseException:
        db.session.rollback()
        with transaction() as session:
            mine = (LedgerCheck.day == day, LedgerCheck.finished_at.is_(None))
            session.execute(delete(LedgerCheck).where(*mine))
        raise
    fields = {"shop": shop_id, "accounts": report.accounts, "entries": report.entries, "faults": len(report.faults)}
    if report.is_clean:
        log.info("the ledger was checked and has no errors", extra={"fields": fields})
    else:
        log.error("the ledger was checked and has errors: %s", report.faults[0], extra={"fields": fields})


def _stop_when(stop: threading.Event) -> Callable[[int, int], None]:
    def on_progress(_done: int, _total: int) -> None:
        if stop.is_set():
            raise ShutdownRequested

    return on_progress


def _save(day: date, report: VerificationReport) -> None:
    kept = {
        "finished_at": clock.now(),
        "accounts": report.accounts,
        "entries": report.entries,
        "faults": len(report.faults),
        "first_faults": [
            {name: value for name, value in asdict(fault).items() if name != "shop_id"}
            for fault in report.faults[:KEPT_FAULTS]
        ],
    }
    with transaction() as session:
        mine = update(LedgerCheck).where(LedgerCheck.day == day, LedgerCheck.finished_at.is_(None))
        session.execute(mine.values(**kept))


def find_last_check() -> LastCheck | None:
    """Return the newest finished check of the session's shop."""
    row = LedgerCheck
    newest = select(row).where(row.finished_at.is_not(None)).order_by(row.day.desc()).limit(1)
    found = db.session.scalars(newest).first()
    if found is None or found.finished_at is None:
        return None
    overdue = clock.now() - found.finished_at > OVERDUE
    return LastCheck(found.finished_at, found.accounts, found.entries, found.faults, found.first_faults, overdue)
