"""What can be imported from a file. A kind is a module with a :class:`ImportKind`; ``files.py`` lists them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shop.domain.statuses import ImportVerdict
from shop.services.actors import Actor

Cells = Mapping[str, str]
"""A row: cells by the names of the kind's fields."""


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What a row did; ``before`` is what it replaced, to be given to ``undo``."""

    verdict: ImportVerdict
    subject_id: int | None = None
    before: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ImportKind:
    """How the rows of a kind are applied and undone, each in the caller's transaction.

    ``apply`` raises ShopError for a row that is refused; a trial runs it and rolls back. ``undo`` gets the subject,
    and what was before, None for a subject that the row added.
    """

    name: str
    fields: tuple[str, ...]
    apply: Callable[[Cells, Actor], RowOutcome]
    undo: Callable[[int, Mapping[str, str] | None, Actor], None]
