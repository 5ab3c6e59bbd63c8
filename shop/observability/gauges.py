"""Current values of the installation for ``/metrics``: totals of all shops together."""

import shutil
from datetime import datetime

from sqlalchemy import func, select

from shop.db.readiness import write_problem
from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.models import LedgerCheck, OutboxMessage
from shop.models.base import UtcDateTime
from shop.services import clock
from shop.services.app_config import app_config


def collect_gauges() -> dict[str, tuple[str, int]]:
    """Return name, description and value of each. Raise SQLAlchemyError if the database cannot be reached."""
    row, now = OutboxMessage, clock.now()
    waiting = row.state == "waiting"
    with all_tenants():
        count, oldest = db.session.execute(
            select(func.count(row.id), func.min(row.created_at, type_=UtcDateTime())).where(waiting)
        ).one()
        tried = db.session.scalars(select(func.count(row.id)).where(waiting, row.last_error.is_not(None))).one()
        checked, off = _checks()
    db.session.rollback()
    return {
        "tuza_disk_free_bytes": (
            "Free space on the disk of the instance folder.",
            shutil.disk_usage(app_config()["SHOP_INSTANCE"]).free,
        ),
        "tuza_database_writable": ("Whether the database can be written to.", int(write_problem() is None)),
        "tuza_outbox_waiting": ("Messages that wait to be sent.", count),
        "tuza_outbox_failing": ("Of these, those that could not be sent so far.", tried),
        "tuza_outbox_oldest_seconds": ("How long the oldest of them has waited.", _seconds(oldest, now)),
        "tuza_ledger_checked_seconds": (
            "Since the last nightly check, of the shop whose check was longest ago.",
            _seconds(checked, now),
        ),
        "tuza_ledger_accounts_off": ("Accounts that did not add up in the last check of their shop.", off),
    }


def _checks() -> tuple[datetime | None, int]:
    """Return the time of the oldest last check of a shop, and the accounts with errors in all last checks."""
    row = LedgerCheck
    newest = (
        select(func.max(row.day).label("day"), row.shop_id)
        .where(row.finished_at.is_not(None))
        .group_by(row.shop_id)
        .subquery()
    )
    found = db.session.execute(
        select(func.min(row.finished_at, type_=UtcDateTime()), func.coalesce(func.sum(row.faults), 0)).join(
            newest, (newest.c.shop_id == row.shop_id) & (newest.c.day == row.day)
        )
    ).one()
    return found[0], int(found[1])


def _seconds(since: datetime | None, now: datetime) -> int:
    return max(0, int((now - since).total_seconds())) if since is not None else 0
