"""Duplicate rows in a file: the first is accepted, the others are refused with its number."""

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import func, insert, select

from shop.db.prepared import PreparedQuery, table
from shop.db.session import db
from shop.domain.imports.keys import hash_key
from shop.models import ImportKey
from shop.services.errors import InvalidInput

_ADD: Final = PreparedQuery(insert(table(ImportKey)))


class FileKeys:
    """The keys of a batch of rows: each row's identifying fields by its number, and the row that owns each key.

    The dry run stores the owners, so that the import decides the same, whatever was processed before.
    """

    def __init__(self, import_id: int, rows: Mapping[int, Iterable[tuple[str, str]]]) -> None:
        self._import_id = import_id
        self._rows = {
            number: {hash_key(field, value): field for field, value in keys if value} for number, keys in rows.items()
        }
        self._owners = self._find_owners()
        self._accepted: set[int] = set()

    def _find_owners(self) -> dict[str, int]:
        wanted = {key for keys in self._rows.values() for key in keys}
        row = ImportKey
        found = select(row.key, func.min(row.number).label("first")).where(
            row.import_id == self._import_id, row.key.in_(wanted), row.is_owner
        )
        return {one.key: one.first for one in db.session.execute(found.group_by(row.key))} if wanted else {}

    def check(self, number: int) -> None:
        """Raise InvalidInput if another row owns one of a row's keys."""
        for key, field in self._rows[number].items():
            owner = self._owners.get(key, number)
            if owner != number:
                raise InvalidInput.of(field, "is also in row %(number)s of this file", number=owner)

    def accept(self, number: int) -> None:
        """Make a row the owner of its keys."""
        self._accepted.add(number)
        for key in self._rows[number]:
            self._owners.setdefault(key, number)

    def store(self) -> None:
        """Store the keys of all rows."""
        rows = [
            {"import_id": self._import_id, "number": number, "key": key, "is_owner": number in self._accepted}
            for number, keys in self._rows.items()
            for key in keys
        ]
        _ADD.many(rows)
