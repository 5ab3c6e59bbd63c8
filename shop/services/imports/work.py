"""The worker's part of an import: read the file, check, apply and undo rows.

Each batch of rows is one transaction with its progress, so an interrupted import continues where it was.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from sqlalchemy import delete, or_, select, update

from shop.db.session import db
from shop.db.tenant import all_tenants, in_shop
from shop.db.transaction import transaction
from shop.domain.imports.cells import refuse_error
from shop.domain.statuses import ImportState, ImportVerdict
from shop.domain.text.messages import Translatable, dumps
from shop.models import Import, ImportKey, ImportLine
from shop.services import clock
from shop.services.actors import Actor
from shop.services.errors import InvalidInput, ShopError
from shop.services.imports.file_keys import FileKeys
from shop.services.imports.held import REASON as HELD_REASON
from shop.services.imports.kinds import Cells, ImportKind, RowContext, RowOutcome
from shop.services.imports.lines import cells_of
from shop.services.imports.records import LEASE, begin_again, lock_import
from shop.services.imports.registry import find_kind
from shop.services.imports.storage import read_file
from shop.services.imports.undo import undo_lines

BATCH: Final = 50
AT_WORK: Final = (ImportState.CHECKING, ImportState.APPLYING, ImportState.UNDOING)
DONE: Final = {
    ImportState.CHECKING: ImportState.CHECKED,
    ImportState.APPLYING: ImportState.APPLIED,
    ImportState.UNDOING: ImportState.UNDONE,
}
NOT_REFUSED: Final = {"balance_not_given": ImportVerdict.SKIPPED, "approval_required": ImportVerdict.HELD}
"""Verdicts by error code: of a row with nothing to do, and of one that needs a second person."""
Hold = Callable[[Import], None]
"""Asks for the approval of an import's held rows."""


class _Trial(Exception):
    """Raised to roll back a row of a dry run."""


def work_on_imports(hold: Hold) -> int:
    """Process one batch of an import that no other worker has claimed. Return how many rows were processed."""
    claimed = _claim()
    if claimed is None:
        return 0
    import_id, shop_id, is_read = claimed
    with in_shop(shop_id):
        if not is_read:
            read_file(import_id)
        with transaction():
            return _process_batch(lock_import(import_id), hold)


def _claim() -> tuple[int, int, bool] | None:
    now = clock.now()
    free = or_(Import.leased_until.is_(None), Import.leased_until < now)
    with all_tenants(), transaction() as session:
        oldest = select(Import.id).where(Import.state.in_(AT_WORK), free).order_by(Import.id).limit(1)
        chosen = oldest.with_for_update(skip_locked=True).scalar_subquery()
        claim = update(Import).where(Import.id == chosen).values(leased_until=now + LEASE)
        returned = claim.returning(Import.id, Import.shop_id, Import.is_read)
        # a claim returns columns; no object is loaded that could be synchronised
        row = session.execute(returned.execution_options(synchronize_session=False)).first()
        return None if row is None else (row.id, row.shop_id, row.is_read)


def _process_batch(found: Import, hold: Hold) -> int:
    """Process the next rows and save the progress, in the caller's transaction."""
    if found.state not in AT_WORK:
        return 0
    row = ImportLine
    next_rows = select(row).where(row.import_id == found.id, row.number >= found.next_row)
    if _applies_held(found):
        next_rows = next_rows.where(row.verdict == ImportVerdict.HELD)
    lines = db.session.scalars(
        next_rows.order_by(row.number).limit(BATCH), execution_options={"populate_existing": True}
    ).all()
    if found.state == ImportState.UNDOING:
        _undo_batch(found, lines)
    else:
        _run_batch(found, lines)
    found.leased_until = None
    found.next_row = lines[-1].number + 1 if lines else found.total_rows + 1
    if found.next_row > found.total_rows:
        _finish(found, hold)
    return len(lines)


def _applies_held(found: Import) -> bool:
    return found.approved and found.state == ImportState.APPLYING


def _context(found: Import) -> RowContext:
    actor = Actor(found.actor_kind, found.actor_id, found.actor_label)  # type: ignore[arg-type]
    return RowContext(actor, found.id, found.options, approved=found.approved)


def _undo_batch(found: Import, lines: Sequence[ImportLine]) -> None:
    results = undo_lines(lines, find_kind(found.kind), _context(found))
    found.undo_counts = {
        name: found.undo_counts.get(name, 0) + results[name] for name in {*found.undo_counts, *results}
    }


def _run_batch(found: Import, lines: Sequence[ImportLine]) -> None:
    kind, context, counts = find_kind(found.kind), _context(found), dict(found.counts)
    is_trial = found.state == ImportState.CHECKING
    if is_trial and found.next_row == 1:
        _forget_keys(found.id)
    keys = FileKeys(found.id, {line.number: kind.keys(cells_of(line, found)) for line in lines})
    if _applies_held(found):
        counts[ImportVerdict.HELD] -= len(lines)
    results = [_run(line, found, kind, context, keys) for line in lines]
    for line, result in zip(lines, results, strict=True):  # together, or each savepoint writes the row before it
        for name, value in result.items():
            setattr(line, name, value)
        counts[result["verdict"]] = counts.get(result["verdict"], 0) + 1
    if is_trial:
        keys.store()
    found.counts = counts


def _forget_keys(import_id: int) -> None:
    db.session.execute(delete(ImportKey).where(ImportKey.import_id == import_id))


def _run(line: ImportLine, found: Import, kind: ImportKind, context: RowContext, keys: FileKeys) -> dict[str, Any]:
    """Apply a row in a savepoint, which a dry run rolls back. Return what to store on the row."""
    is_trial, outcome = found.state == ImportState.CHECKING, RowOutcome(ImportVerdict.SKIPPED)
    try:
        keys.check(line.number)
        with suppress(_Trial), db.session.begin_nested():
            outcome = kind.apply(_without_errors(cells_of(line, found)), context)
            if is_trial:
                raise _Trial
    except ShopError as refused:
        verdict = NOT_REFUSED.get(refused.code, ImportVerdict.REFUSED)
        message = refused.message
        if verdict == ImportVerdict.HELD:
            message = Translatable(HELD_REASON)
            keys.accept(line.number)
        field = refused.errors[0].field[:64] if refused.errors else ""
        return {"verdict": verdict, "message": dumps(message), "field": field}
    keys.accept(line.number)
    result = {"verdict": outcome.verdict, "message": "", "field": ""}
    if is_trial:
        return result
    changed = {"subject_id": outcome.subject_id, "before": dict(outcome.before), "after": dict(outcome.after)}
    return result | changed | {"customer_id": outcome.subject_id if kind.name == "customers" else None}


def _without_errors(cells: Cells) -> Cells:
    """Return the cells. Raise InvalidInput for one that a spreadsheet could not calculate."""
    for name, cell in cells.items():
        try:
            refuse_error(cell)
        except ValueError as wrong:
            raise InvalidInput.of(name, str(wrong)) from None
    return cells


def _finish(found: Import, hold: Hold) -> None:
    found.state = DONE[ImportState(found.state)]
    if found.state == ImportState.APPLIED:
        found.applied_at = clock.now()
        if found.counts.get(ImportVerdict.HELD, 0) and not found.approved:
            hold(found)
    if found.state == ImportState.CHECKED and found.apply_at_once:
        found.state = ImportState.APPLYING
        begin_again(found)
