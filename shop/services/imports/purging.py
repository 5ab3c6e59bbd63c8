"""Retention of imports: unread files are deleted after a day, rows 30 days after the import was applied."""

from datetime import timedelta
from typing import Final

from sqlalchemy import and_, delete, func, or_, select

from shop.db.session import db
from shop.db.upsert import purge_batch
from shop.domain.statuses import ImportState
from shop.models import Import, ImportFilePart, ImportKey, ImportLine
from shop.services import clock
from shop.services.imports.held import expire_held
from shop.services.imports.records import UNDO_DAYS

UNREAD: Final = timedelta(days=1)


def purge_imports() -> int:
    """Delete expired files and rows of the session's shops; return how many rows.

    An applied import keeps its counts; one that was not applied is deleted. Held rows are refused when their approval
    can no longer be given.
    """
    expire_held()
    now = clock.now()
    unread = and_(Import.state == ImportState.UPLOADED, Import.is_read.is_(False), Import.created_at < now - UNREAD)
    ended = func.coalesce(Import.applied_at, Import.created_at) < now - timedelta(days=UNDO_DAYS)
    old = select(Import.id).where(or_(unread, ended))
    parts = delete(ImportFilePart).where(ImportFilePart.import_id.in_(old))
    db.session.execute(parts.execution_options(synchronize_session=False))
    rows = max(purge_batch(model, model.import_id.in_(old)) for model in (ImportKey, ImportLine))
    if not rows:
        purge_batch(Import, Import.id.in_(old), Import.applied_at.is_(None), Import.state != ImportState.APPLYING)
    return rows
