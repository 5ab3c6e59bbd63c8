"""Undo a row of an import: fields changed since are kept, and noted."""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from shop.db.session import db
from shop.domain.statuses import ImportVerdict, UndoResult
from shop.domain.text.messages import N_, Translatable, dumps
from shop.models import ImportLine
from shop.services.errors import NotFound, ShopError
from shop.services.imports.kinds import ImportKind, RowContext

DELETED: Final = N_("It was deleted since.")


def undo_lines(lines: Sequence[ImportLine], kind: ImportKind, context: RowContext) -> Counter[str]:
    """Undo the rows of a batch and return how many have each result; rows that did nothing have none."""
    removed: set[int] = set()
    results: list[tuple[ImportLine, UndoResult, Translatable | None]] = []
    for line in lines:
        if line.verdict in (ImportVerdict.NEW, ImportVerdict.CHANGED) and line.subject_id is not None:
            kept_because = _undo(line, kind, context, removed)
            results.append((line, UndoResult.KEPT if kept_because else UndoResult.RESTORED, kept_because))
            if line.verdict == ImportVerdict.NEW and not kept_because:
                removed.add(line.subject_id)
    for line, result, kept_because in results:  # together, or each savepoint writes the row before it
        line.undone = result
        if kept_because:
            line.message = dumps(kept_because)
    db.session.flush()
    if removed:
        kind.delete_removed(sorted(removed), context)
    return Counter(result for _line, result, _message in results)


def _undo(line: ImportLine, kind: ImportKind, context: RowContext, removed: AbstractSet[int]) -> Translatable | None:
    """Undo a row in a savepoint; ``removed`` are subjects that are deleted after the batch.

    Return why all or part of it was kept, None if nothing was.
    """
    try:
        if line.subject_id in removed:
            raise NotFound(DELETED)
        with db.session.begin_nested():
            kept = _restore(line, kind, context)
    except NotFound:
        return Translatable(DELETED)
    except ShopError as refused:
        return refused.message
    return Translatable("Changed since, so not restored: %(fields)s.", fields=", ".join(kept)) if kept else None


def _restore(line: ImportLine, kind: ImportKind, context: RowContext) -> list[str]:
    """Restore the fields that are still as the import left them; return the others."""
    assert line.subject_id is not None
    before, after = dict(line.before), dict(line.after)
    if line.verdict == ImportVerdict.NEW:
        kind.remove(line.subject_id, after, context)
        return []
    current = kind.snapshot(line.subject_id, before)
    kept = [name for name in before if current[name] not in (after.get(name, current[name]), before[name])]
    if fields := {name: value for name, value in before.items() if name not in kept and current[name] != value}:
        kind.restore(line.subject_id, fields, context)
    return kept
