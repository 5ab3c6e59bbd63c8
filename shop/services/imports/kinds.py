"""Kinds of imports. A kind is a module with an :class:`ImportKind`; ``registry.py`` lists them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shop.domain.imports.columns import ImportField
from shop.domain.statuses import ImportVerdict
from shop.services.actors import Actor

Cells = Mapping[str, Any]
"""A row: cells by the names of the kind's fields."""


@dataclass(frozen=True, slots=True)
class RowContext:
    """The import of a row: its actor, its options."""

    actor: Actor
    import_id: int
    options: Mapping[str, bool] = field(default_factory=dict)
    approved: bool = False
    """Whether a second person approved it."""


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """The effect of a row; ``before`` and ``after`` are the fields it changed.

    For something that was added, ``before`` is empty and ``after`` has all fields.
    """

    verdict: ImportVerdict
    subject_id: int | None = None
    before: Cells = field(default_factory=dict)
    after: Cells = field(default_factory=dict)

    @classmethod
    def of_change(cls, subject_id: int, before: Cells, after: Cells) -> "RowOutcome":
        """Return the outcome from fields before and after."""
        changed = [name for name in after if after[name] != before.get(name, "")]
        if not changed:
            return cls(ImportVerdict.UNCHANGED, subject_id)
        old, new = {name: before.get(name, "") for name in changed}, {name: after[name] for name in changed}
        return cls(ImportVerdict.CHANGED, subject_id, old, new)


@dataclass(frozen=True, slots=True)
class ImportKind:
    """How the rows of a kind are applied and undone, each in the caller's transaction.

    ``keys`` are a row's identifying fields and values. ``apply`` raises ShopError for a row that is refused; a dry run
    calls it and rolls back. ``snapshot`` returns the current fields, ``restore`` sets them, ``remove`` removes what a
    row added, given its fields then, and raises Conflict if it was changed since. A kind with ``delete_removed`` leaves
    the deletion to that, for all rows of a batch together.
    """

    name: str
    fields: Callable[[], Sequence[ImportField]]
    keys: Callable[[Cells], Iterable[tuple[str, str]]]
    apply: Callable[[Cells, RowContext], RowOutcome]
    snapshot: Callable[[int, Iterable[str]], Cells]
    restore: Callable[[int, Cells, RowContext], None]
    remove: Callable[[int, Cells, RowContext], None]
    sample: Mapping[str, str]
    """A row for the template file."""
    delete_removed: Callable[[Sequence[int], RowContext], None] = lambda _ids, _context: None
