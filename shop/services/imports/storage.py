"""Stored files: read into rows of the database, then deleted."""

import re
from collections.abc import Iterator
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Final

from sqlalchemy import ColumnElement, delete, func, insert, select

from shop.db.prepared import PreparedQuery, table
from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import ImportFilePart, ImportLine
from shop.services import clock
from shop.services.imports.reader import MAX_ROWS, UNREADABLE, Row, read_rows
from shop.services.imports.records import LEASE, lock_import

AT_ONCE: Final = 1_000
UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
_ADD_LINES: Final = PreparedQuery(insert(table(ImportLine)))


def read_file(import_id: int) -> None:
    """Store the rows of an import's file in batches, and delete the file.

    Rows stored before an interruption are kept. Raise InvalidInput for an unreadable file.
    """
    with TemporaryFile() as file:
        _copy_to(file, import_id)
        rows = read_rows(file)
        next(rows, None)  # the headings
        with transaction() as session:
            done = session.scalars(select(func.max(ImportLine.number)).where(_of(import_id))).one() or 0
        rest = islice(rows, done, MAX_ROWS)
        while chunk := list(islice(rest, AT_ONCE)):
            with transaction():
                lock_import(import_id).leased_until = clock.now() + LEASE
                _ADD_LINES.many(list(_lines(import_id, done + 1, chunk)))
            done += len(chunk)
    with transaction() as session:
        found = lock_import(import_id)
        found.is_read, found.total_rows, found.samples = True, done, []
        session.execute(delete(ImportFilePart).where(ImportFilePart.import_id == import_id))


def _of(import_id: int) -> ColumnElement[bool]:
    return ImportLine.import_id == import_id


def _copy_to(file: IO[bytes], import_id: int) -> None:
    part = ImportFilePart
    number = 1
    while data := db.session.scalars(
        select(part.data).where(part.import_id == import_id, part.number == number)
    ).first():
        file.write(data)
        number += 1
    db.session.rollback()  # no transaction is open while the file is read


def _lines(import_id: int, first: int, rows: list[Row]) -> Iterator[dict[str, object]]:
    common = {"import_id": import_id, "field": "", "message": "", "before": {}, "after": {}}
    for number, row in enumerate(rows, start=first):
        yield common | {"number": number, "cells": [UNSTORABLE.sub(UNREADABLE, cell) for cell in row]}
