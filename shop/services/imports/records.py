"""Imports: store a file for the worker, match its columns, start, list and delete imports."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import IO, Final

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.imports.columns import guess_columns, map_columns, repeated_heading
from shop.domain.statuses import ImportState, ImportVerdict, UndoResult
from shop.domain.text.cleaning import drop_unstorable
from shop.models import Import, ImportFilePart
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.imports.kinds import ImportKind
from shop.services.imports.reader import MAX_ROWS, read_rows
from shop.services.imports.registry import find_kind

__all__ = [
    "Import",
    "ImportFile",
    "create_import",
    "get_import",
    "list_imports",
    "set_columns",
    "start_apply",
    "start_undo",
]
SAMPLES: Final = 4
UNDO_DAYS: Final = 30
PART_BYTES: Final = 256 * 1024
LEASE: Final = timedelta(seconds=60)
WAITING: Final = (ImportState.UPLOADED, ImportState.CHECKED)
"""States in which columns can be matched."""


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file to import. ``mapping`` has a field for each heading; without one, fields are guessed from the headings.

    ``options`` apply to all rows: ``phones_verified``. With ``wait`` the import waits until its columns are matched.
    """

    kind: str
    data: bytes
    name: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, bool] = field(default_factory=dict)
    apply_at_once: bool = False
    wait: bool = False


def create_import(file: ImportFile, actor: Actor) -> Import:
    """Store a file for the worker to read and check. Raise InvalidInput for an unreadable file."""
    kind = find_kind(file.kind)
    headings, samples, total = _look_at(io.BytesIO(file.data))
    mapping = _match(headings, file.mapping, kind) if file.mapping else guess_columns(headings, kind.fields())
    if not (any(mapping) or file.wait):
        names = ", ".join(one.name for one in kind.fields())
        raise InvalidInput.of("file", "has no column that can be imported: %(fields)s", fields=names)
    if not file.wait and (heading := repeated_heading(headings, mapping)) is not None:
        raise InvalidInput.of("file", "has two columns with the heading %(heading)s", heading=heading[:60])
    with transaction() as session:
        made = Import(
            kind=kind.name,
            filename=drop_unstorable(file.name)[:200],
            state=ImportState.UPLOADED if file.wait else ImportState.CHECKING,
            apply_at_once=file.apply_at_once,
            headings=headings,
            samples=samples,
            mapping=mapping,
            options=dict(file.options),
            is_read=False,
            total_rows=total,
            counts=dict.fromkeys(ImportVerdict, 0),
            undo_counts={},
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_label=actor.label,
            created_at=clock.now(),
        )
        session.add(made)
        session.flush()
        for number, start in enumerate(range(0, len(file.data), PART_BYTES), start=1):
            part = file.data[start : start + PART_BYTES]
            session.add(ImportFilePart(import_id=made.id, number=number, data=part))
        audit_log.record(actor, "import.created", f"import:{made.id}", new=kind.name)
    return made


def _look_at(file: IO[bytes]) -> tuple[list[str], list[list[str]], int]:
    """Return the headings, the first rows, and the number of rows. Raise InvalidInput."""
    rows = read_rows(file)
    headings = [drop_unstorable(cell)[:200] for cell in next(rows, [])]
    samples = [[drop_unstorable(cell)[:80] for cell in row] for row in islice(rows, SAMPLES)]
    total = len(samples) + sum(1 for _ in rows)
    if not samples:
        raise InvalidInput.of("file", "has no rows")
    if total > MAX_ROWS:
        raise InvalidInput.of("file", "must have at most %(limit)s rows", limit=f"{MAX_ROWS:,}")
    return headings, samples, total


def _match(headings: Sequence[str], mapping: Mapping[str, str], kind: ImportKind) -> list[str]:
    found, unknown = map_columns(headings, kind.fields(), mapping)
    if unknown:
        raise InvalidInput.of("mapping", "has an unknown field: %(field)s", field=unknown[0][:60])
    _check_once(found, kind)
    return found


def _check_once(fields: Sequence[str], kind: ImportKind) -> None:
    """Raise InvalidInput if no column has a field, or a field has two."""
    twice = next((name for name in fields if name and fields.count(name) > 1), None)
    if twice is not None:
        label = next(one.label for one in kind.fields() if one.name == twice)
        raise InvalidInput.of("mapping", "has two columns for %(field)s", field=label)
    if not any(fields):
        raise InvalidInput.of("mapping", "must name at least one column of the file")


def set_columns(import_id: int, fields: Sequence[str], options: Mapping[str, bool], actor: Actor) -> Import:
    """Match each column to a field ("" for none) and queue the check of the rows.

    Raise NotFound; Conflict once it is applied; InvalidInput for a field that is unknown or has several columns, or if
    no column has a field.
    """
    with transaction():
        found = lock_import(import_id)
        if found.state not in WAITING:
            raise Conflict("This import is %(state)s.", code="import_state", state=found.state)
        kind = find_kind(found.kind)
        known = {one.name for one in kind.fields()}
        chosen = [name if name in known else "" for name in fields][: len(found.headings)]
        _check_once(chosen, kind)
        found.mapping = chosen + [""] * (len(found.headings) - len(chosen))
        found.options, found.state = dict(options), ImportState.CHECKING
        begin_again(found)
        audit_log.record(actor, "import.checking", f"import:{import_id}")
        return found


def get_import(import_id: int) -> Import:
    """Return an import. Raise NotFound."""
    found = db.session.scalars(select(Import).where(Import.id == import_id)).first()
    if found is None:
        raise NotFound("There is no such import.", code="import_not_found")
    return found


def lock_import(import_id: int) -> Import:
    """Return an import, locked until the transaction ends. Raise NotFound."""
    statement = select(Import).where(Import.id == import_id).with_for_update()
    found = db.session.scalars(statement, execution_options={"populate_existing": True}).first()
    if found is None:
        raise NotFound("There is no such import.", code="import_not_found")
    return found


def list_imports(kind: str | None = None, *, limit: int = 50) -> Sequence[Import]:
    """Return the newest imports."""
    rows = select(Import).where(*([Import.kind == kind] if kind else [])).order_by(Import.id.desc())
    return db.session.scalars(rows.limit(limit)).all()


def start_apply(import_id: int, actor: Actor) -> Import:
    """Queue applying a checked import. Raise NotFound, Conflict unless it is checked."""
    return _start(import_id, ImportState.CHECKED, ImportState.APPLYING, actor)


def start_undo(import_id: int, actor: Actor) -> Import:
    """Queue undoing an applied import. Raise NotFound, Conflict unless it was applied within 30 days."""
    return _start(import_id, ImportState.APPLIED, ImportState.UNDOING, actor)


def _start(import_id: int, before: ImportState, after: ImportState, actor: Actor) -> Import:
    with transaction():
        found = lock_import(import_id)
        if found.state != before:
            raise Conflict("This import is %(state)s.", code="import_state", state=found.state)
        if found.applied_at is not None and clock.now() - found.applied_at > timedelta(days=UNDO_DAYS):
            raise Conflict("An import can be undone for %(days)s days.", code="import_too_old", days=UNDO_DAYS)
        found.state = after
        begin_again(found)
        audit_log.record(actor, f"import.{after}", f"import:{import_id}")
        return found


def begin_again(found: Import) -> None:
    """Restart the current state of an import from the first row."""
    found.next_row, found.leased_until = 1, None
    if found.state == ImportState.UNDOING:
        found.undo_counts = dict.fromkeys(UndoResult, 0)
    else:
        found.counts = dict.fromkeys(ImportVerdict, 0)
