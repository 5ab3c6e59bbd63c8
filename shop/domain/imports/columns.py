"""Columns of a file and their fields: guessed from the headings; people can change them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shop.domain.text.search import normalize_search


@dataclass(frozen=True, slots=True)
class ImportField:
    """A field of an import; ``other_names`` are headings that people use for it."""

    name: str
    label: str
    other_names: tuple[str, ...] = ()

    @property
    def headings(self) -> Iterable[str]:
        """All headings of the field, normalised."""
        return (_plain(word) for word in (self.name, self.label, *self.other_names))


def _plain(heading: str) -> str:
    """Return ``price`` for ``Price (KES)``, ``mobile no`` for ``Mobile No.``."""
    words = re.sub(r"\(.*?\)|[_.:*]", " ", heading.partition(",")[0])
    return " ".join(normalize_search(words).split())


def guess_columns(headings: Sequence[str], fields: Sequence[ImportField]) -> list[str]:
    """Return the name of the field for each heading, "" for none; no field twice."""
    known = {heading: field.name for field in reversed(fields) for heading in field.headings if heading}
    exact = {field.name for field in fields}
    found: list[str] = []
    for heading in headings:
        name = heading.strip() if heading.strip() in exact else known.get(_plain(heading), "")
        found.append("" if name in found else name)
    return found


def map_columns(
    headings: Sequence[str], fields: Sequence[ImportField], mapping: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Return each heading's field by a mapping, and the mapping's unknown fields."""
    names = {field.name for field in fields}
    wanted = {heading.strip().casefold(): name for heading, name in mapping.items()}
    found = [wanted.get(heading.strip().casefold(), "") for heading in headings]
    unknown = [name for name in wanted.values() if name and name not in names]
    return [name if name in names else "" for name in found], unknown


def repeated_heading(headings: Sequence[str], found: Sequence[str]) -> str | None:
    """Return a heading with a field that stands over two columns, None if there is none."""
    plain = [heading.strip().casefold() for heading in headings]
    return next(
        (one for one, name in zip(headings, found, strict=True) if name and plain.count(one.strip().casefold()) > 1),
        None,
    )
