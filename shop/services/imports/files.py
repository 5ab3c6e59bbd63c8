"""Files that are imported by the worker: a trial with a verdict for each row, then the run, and undoing it.

Each batch of rows is one transaction with the progress, so an import that is interrupted goes on where it was.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, insert, or_, select, update

from shop.db.prepared import PreparedQuery, table
from shop.db.session import db
from shop.db.tenant import all_tenants, in_shop
from shop.db.transaction import transaction
from shop.domain.statuses import ImportState, ImportVerdict
from shop.models import Import, ImportLine
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput, NotFound, ShopError
from shop.services.imports.kinds import ImportKind
from shop.services.imports.products import PRODUCTS

KINDS: Final = {kind.name: kind for kind in (PRODUCTS,)}
MAX_ROWS: Final = 100_000
BATCH: Final = 50
LEASE: Final = timedelta(seconds=60)
UNDO_DAYS: Final = 30
AT_WORK: Final = (ImportState.CHECKING, ImportState.APPLYING, ImportState.UNDOING)
DONE: Final = {
    ImportState.CHECKING: ImportState.CHECKED,
    ImportState.APPLYING: ImportState.APPLIED,
    ImportState.UNDOING: ImportState.UNDONE,
}

_ADD_LINES: Final = PreparedQuery(insert(table(ImportLine)))


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file to import. ``mapping`` has a field for each heading; without one, headings are names of fields."""

    kind: str
    data: bytes
    name: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    apply_at_once: bool = False


class _Trial(Exception):
    """Rolls a row of a trial back."""


def create_import(file: ImportFile, actor: Actor) -> Import:
    """Store the rows of a CSV file; the worker checks them next. Raises InvalidInput for what is no such file."""
    kind = KINDS.get(file.kind)
    if kind is None:
        raise InvalidInput.of("kind", "must be one of %(choices)s", choices=", ".join(KINDS))
    rows = list(_read_rows(file, kind))
    if not rows:
        raise InvalidInput.of("file", "has no rows")
    with transaction() as session:
        made = Import(
            kind=kind.name,
            filename=file.name[:200],
            state=ImportState.CHECKING,
            apply_at_once=file.apply_at_once,
            total_rows=len(rows),
            counts=dict.fromkeys(ImportVerdict, 0),
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_label=actor.label,
            created_at=clock.now(),
        )
        session.add(made)
        session.flush()
        common = {"import_id": made.id, "message": "", "before": {}}
        _ADD_LINES.many([common | {"number": n, "cells": row} for n, row in enumerate(rows, start=1)])
        audit_log.record(actor, "import.created", f"import:{made.id}", new=kind.name)
    return made


def _read_rows(file: ImportFile, kind: ImportKind) -> Iterator[dict[str, str]]:
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = file.data.decode("cp1252", errors="replace")
    first_line = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=_delimiter(first_line))
    try:
        columns = _columns(next(reader, []), file.mapping, kind)
        for number, row in enumerate(reader, start=1):
            if number > MAX_ROWS:
                raise InvalidInput.of("file", "must have at most %(limit)s rows", limit=f"{MAX_ROWS:,}")
            yield {name: row[place] for place, name in columns.items() if place < len(row)}
    except csv.Error:
        raise InvalidInput.of("file", "must be a CSV file") from None


def _delimiter(line: str) -> str:
    return max(",;\t", key=line.count)


def _columns(head: Sequence[str], mapping: Mapping[str, str], kind: ImportKind) -> dict[int, str]:
    """Return the field of each column that has one, by its place."""
    wanted = {heading.strip().casefold(): name for heading, name in mapping.items()}
    found: dict[int, str] = {}
    for place, heading in enumerate(head):
        plain = heading.strip().casefold()
        name = wanted.get(plain, "" if mapping else plain.replace(" ", "_"))
        if name in kind.fields and name not in found.values():
            found[place] = name
    if not found:
        raise InvalidInput.of("file", "has no column that can be imported: %(fields)s", fields=", ".join(kind.fields))
    return found


def get_import(import_id: int) -> Import:
    """Return an import. Raises NotFound."""
    found = db.session.scalars(select(Import).where(Import.id == import_id)).first()
    if found is None:
        raise NotFound("There is no such import.", code="import_not_found")
    return found


def list_lines(import_id: int, verdict: str | None, *, page: int, limit: int) -> tuple[list[ImportLine], int]:
    """Return a page of an import's rows, those with a verdict if one is given, and how many there are.

    Raises NotFound.
    """
    get_import(import_id)
    row = ImportLine
    conditions = [row.import_id == import_id, *([row.verdict == verdict] if verdict else [])]
    total = db.session.scalars(select(func.count(row.id)).where(*conditions)).one()
    found = select(row).where(*conditions).order_by(row.number).offset((page - 1) * limit).limit(limit)
    return list(db.session.scalars(found)), total


def start_apply(import_id: int, actor: Actor) -> Import:
    """Let the worker apply a checked import. Raises NotFound, Conflict unless it is checked."""
    return _start(import_id, ImportState.CHECKED, ImportState.APPLYING, actor)


def start_undo(import_id: int, actor: Actor) -> Import:
    """Let the worker undo an applied import. Raises NotFound, Conflict unless it was applied within 30 days."""
    return _start(import_id, ImportState.APPLIED, ImportState.UNDOING, actor)


def _start(import_id: int, before: ImportState, after: ImportState, actor: Actor) -> Import:
    with transaction():
        get_import(import_id)
        statement = select(Import).where(Import.id == import_id).with_for_update()
        found = db.session.scalars(statement, execution_options={"populate_existing": True}).one()
        if found.state != before:
            raise Conflict("This import is %(state)s.", code="import_state", state=found.state)
        if found.applied_at is not None and clock.now() - found.applied_at > timedelta(days=UNDO_DAYS):
            raise Conflict("An import can be undone for %(days)s days.", code="import_too_old", days=UNDO_DAYS)
        found.state = after
        _reset(found)
        audit_log.record(actor, f"import.{after}", f"import:{import_id}")
        return found


def _reset(found: Import) -> None:
    found.next_row, found.leased_until = 1, None
    if found.state != ImportState.UNDOING:
        found.counts = dict.fromkeys(ImportVerdict, 0)


def work_on_imports() -> int:
    """Process one batch of an import of any shop that no other worker holds. Return how many rows were processed."""
    claimed = _claim()
    if claimed is None:
        return 0
    import_id, shop_id = claimed
    with in_shop(shop_id), transaction():
        return _process_batch(get_import(import_id))


def _claim() -> tuple[int, int] | None:
    now = clock.now()
    free = or_(Import.leased_until.is_(None), Import.leased_until < now)
    with all_tenants(), transaction() as session:
        oldest = select(Import.id).where(Import.state.in_(AT_WORK), free).order_by(Import.id).limit(1)
        chosen = oldest.with_for_update(skip_locked=True).scalar_subquery()
        claim = update(Import).where(Import.id == chosen).values(leased_until=now + LEASE)
        returned = claim.returning(Import.id, Import.shop_id).execution_options(synchronize_session=False)
        row = session.execute(returned).first()
        return None if row is None else (row.id, row.shop_id)


def _process_batch(found: Import) -> int:
    """Process the next rows and note the progress, in the caller's transaction."""
    row, kind = ImportLine, KINDS[found.kind]
    actor = Actor(found.actor_kind, found.actor_id, found.actor_label)  # type: ignore[arg-type]
    next_rows = select(row).where(row.import_id == found.id, row.number >= found.next_row).order_by(row.number)
    lines = db.session.scalars(next_rows.limit(BATCH)).all()
    counts: dict[str, Any] = dict(found.counts)
    for line in lines:
        if found.state == ImportState.UNDOING:
            _undo(line, kind, actor)
        else:
            _run(line, kind, actor, is_trial=found.state == ImportState.CHECKING)
            counts[line.verdict or ""] = counts.get(line.verdict or "", 0) + 1
    found.counts, found.leased_until = counts, None
    found.next_row += len(lines)
    if found.next_row > found.total_rows:
        _finish(found)
    return len(lines)


def _finish(found: Import) -> None:
    found.state = DONE[ImportState(found.state)]
    if found.state == ImportState.APPLIED:
        found.applied_at = clock.now()
    if found.state == ImportState.CHECKED and found.apply_at_once:
        found.state = ImportState.APPLYING
        _reset(found)


def _run(line: ImportLine, kind: ImportKind, actor: Actor, *, is_trial: bool) -> None:
    """Apply a row in a savepoint, which a trial rolls back, and note its verdict."""
    outcome = None
    try:
        with suppress(_Trial), db.session.begin_nested():
            outcome = kind.apply(line.cells, actor)
            if is_trial:
                raise _Trial
    except ShopError as refused:
        line.verdict, line.message = ImportVerdict.REFUSED, str(refused.message)
        return
    assert outcome is not None
    line.verdict, line.message = outcome.verdict, ""
    if not is_trial:
        line.subject_id, line.before = outcome.subject_id, dict(outcome.before or {})


def _undo(line: ImportLine, kind: ImportKind, actor: Actor) -> None:
    if line.verdict not in (ImportVerdict.NEW, ImportVerdict.CHANGED) or line.subject_id is None:
        return
    try:
        with db.session.begin_nested():
            kind.undo(line.subject_id, line.before if line.verdict == ImportVerdict.CHANGED else None, actor)
    except ShopError as refused:
        line.message = str(refused.message)
