"""Undo a row of an import: fields changed since are kept, and noted."""

from typing import Final

from shop.db.session import db
from shop.domain.statuses import ImportVerdict, UndoResult
from shop.domain.text.messages import N_, Translatable, dumps
from shop.models import ImportLine
from shop.services.errors import NotFound, ShopError
from shop.services.imports.kinds import ImportKind, RowContext

DELETED: Final = N_("It was deleted since.")


def undo_line(line: ImportLine, kind: ImportKind, context: RowContext) -> UndoResult | None:
    """Undo a row in a savepoint. Return None for a row that did nothing."""
    if line.verdict not in (ImportVerdict.NEW, ImportVerdict.CHANGED) or line.subject_id is None:
        return None
    try:
        with db.session.begin_nested():
            kept = _restore(line, kind, context)
    except NotFound:
        line.message = dumps(Translatable(DELETED))
        return UndoResult.KEPT
    except ShopError as refused:
        line.message = dumps(refused.message)
        return UndoResult.KEPT
    if not kept:
        return UndoResult.RESTORED
    line.message = dumps(Translatable("Changed since, so not restored: %(fields)s.", fields=", ".join(kept)))
    return UndoResult.KEPT


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
