"""Texts and rows of the import pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.domain.statuses import ImportState, ImportVerdict, UndoResult
from shop.services.imports.lines import LineView
from shop.services.imports.records import Import
from shop.services.imports.registry import find_kind
from shop.web.i18n import sentence_case, translate

KINDS: Final = {"customers": lazy_gettext("Customers"), "products": lazy_gettext("Products")}
STATES: Final = {
    ImportState.UPLOADED: lazy_gettext("Match columns"),
    ImportState.CHECKING: lazy_gettext("Checking"),
    ImportState.CHECKED: lazy_gettext("Checked, not imported yet"),
    ImportState.APPLYING: lazy_gettext("Importing"),
    ImportState.APPLIED: lazy_gettext("Imported"),
    ImportState.UNDOING: lazy_gettext("Undoing"),
    ImportState.UNDONE: lazy_gettext("Undone"),
}
AT_WORK: Final = (ImportState.CHECKING, ImportState.APPLYING, ImportState.UNDOING)
VERDICTS: Final = {
    ImportVerdict.NEW: lazy_gettext("New"),
    ImportVerdict.CHANGED: lazy_gettext("Changed"),
    ImportVerdict.UNCHANGED: lazy_gettext("Unchanged"),
    ImportVerdict.SKIPPED: lazy_gettext("Skipped"),
    ImportVerdict.REFUSED: lazy_gettext("Refused"),
    ImportVerdict.HELD: lazy_gettext("Needs approval"),
}
VERDICT_COLOURS: Final = {
    ImportVerdict.NEW: "returned",
    ImportVerdict.CHANGED: "earned",
    ImportVerdict.UNCHANGED: "",
    ImportVerdict.SKIPPED: "",
    ImportVerdict.REFUSED: "taken",
    ImportVerdict.HELD: "earned",
}
UNDO_RESULTS: Final = {UndoResult.RESTORED: lazy_gettext("Restored"), UndoResult.KEPT: lazy_gettext("Kept")}
STEPS: Final = (
    lazy_gettext("Upload"),
    lazy_gettext("Match columns"),
    lazy_gettext("Check"),
    lazy_gettext("Import"),
    lazy_gettext("Done"),
)
STEP_OF: Final = {
    ImportState.UPLOADED: 1,
    ImportState.CHECKING: 2,
    ImportState.CHECKED: 2,
    ImportState.APPLYING: 3,
    ImportState.APPLIED: 4,
    ImportState.UNDOING: 4,
    ImportState.UNDONE: 4,
}
SHOWN_CELLS: Final = 4


@dataclass(frozen=True, slots=True)
class RowView:
    """A row of the table of verdicts."""

    number: int
    verdict: str
    title: str
    below: str
    reason: str
    subject_id: int | None
    undone: str | None

    @classmethod
    def of(cls, line: LineView, headings: dict[str, str]) -> Self:
        """Return a row; ``headings`` are those of the file by field."""
        cells = [cell for cell in line.cells.values() if cell.strip()] or [_("Empty row")]
        title, below = cells[0], " · ".join(cells[1:SHOWN_CELLS])
        reason = explain(line, headings)
        return cls(line.number, line.verdict or "", title, below, reason, line.subject_id, line.undone)


def explain(line: LineView, headings: dict[str, str]) -> str:
    """Return a row's error with the heading of the column; "" for none."""
    if not line.message:
        return ""
    problem = line.message.params.get("problem")
    heading = headings.get(line.field)
    if not (problem and heading):
        return sentence_case(translate(line.message))
    return f"{heading}: {translate(problem)}"


def undo_question() -> str:
    """Return the confirmation question before an import is undone."""
    return _("Undo this import? What it added is deleted and what it changed is restored. Later changes are kept.")


def headings_by_field(found: Import) -> dict[str, str]:
    """Return the file's heading of each field."""
    return {name: heading for name, heading in zip(found.mapping, found.headings, strict=False) if name}


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column of the file on the page for matching columns."""

    number: int
    heading: str
    sample: str
    field: str


def columns_of(found: Import, fields: Sequence[str]) -> list[ColumnView]:
    """Return the columns of a file with their fields."""
    return [
        ColumnView(number, heading or _("Column %(number)s", number=number + 1), _sample(found, number), name)
        for number, (heading, name) in enumerate(zip(found.headings, fields, strict=False))
    ]


def _sample(found: Import, number: int) -> str:
    cells = [row[number].strip() for row in found.samples if number < len(row)]
    return " · ".join(cell for cell in cells if cell)


def choices_of(found: Import) -> list[tuple[str, Any]]:
    """Return the fields that a column can have, with their labels."""
    return [(one.name, _(one.label)) for one in find_kind(found.kind).fields()]
