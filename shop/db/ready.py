"""What a prepared statement becomes for one database: its text, and how values go in and come out, worked out once.

SQLAlchemy looks all of this up again with each call, and builds a result object from the cursor's description: a small
statement costs more there than in the database. The text, the types, the connection, the events and the translation of
errors are SQLAlchemy's; only the way in between is shorter.
"""

import collections
from collections.abc import Callable, Collection, Iterator, Mapping
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql.compiler import SQLCompiler

_NONE: Final[tuple[Any, ...]] = ()


class Rows:
    """What a statement gave back, whole: rows that know their columns by name, and how many rows it changed."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> list[Any]:
        """All rows."""
        return self._rows

    def first(self) -> Any:
        """The first row, or None."""
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """The one row there is; ValueError for none or several."""
        (row,) = self._rows
        return row

    def scalar(self) -> Any:
        """The first column of the first row, or None."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """The first column of the one row there is; ValueError for none or several."""
        return self.one()[0]


class Ready:
    """A statement ready to be sent in one dialect; an INSERT for the columns with these ``names``.

    ``usable`` is False for what SQLAlchemy has to look at anew with each call, such as a list of ids of any length.
    """

    def __init__(self, statement: Any, dialect: Dialect, names: Collection[str]) -> None:
        compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=list(names) or None)
        defaults = {column.key: column.default for column in compiled.insert_prefetch}
        self.usable = not (
            compiled.post_compile_params
            or compiled.literal_execute_params
            or compiled.update_prefetch
            or any(default is None or not default.is_scalar for default in defaults.values())
        )
        if not self.usable:
            return
        self._text = str(compiled)
        self._fixed: dict[str, Any] = {}
        self._going_in: dict[str, Callable[[Any], Any]] = {}
        for parameter, name in compiled.bind_names.items():
            process = parameter.type.dialect_impl(dialect).bind_processor(dialect)
            if not parameter.required or name in defaults:
                default: Any = defaults.get(name)
                value = parameter.effective_value if default is None else default.arg
                self._fixed[name] = process(value) if process else value
            elif process:
                self._going_in[name] = process
        self._place = _placed(compiled.positiontup) if compiled.positional else None
        columns = list(statement.exported_columns)
        row: Any = collections.namedtuple("Row", [one.key for one in columns], rename=True)  # type: ignore[misc]
        self._row = row._make if columns else None
        outgoing = [one.type.dialect_impl(dialect).result_processor(dialect, None) for one in columns]
        self._coming_out = [(place, process) for place, process in enumerate(outgoing) if process]

    def send(self, connection: Connection, values: Mapping[str, Any]) -> Rows:
        """Execute it with values by name. Raises what SQLAlchemy raises."""
        given = {**self._fixed, **values}
        for name, process in self._going_in.items():
            given[name] = process(given[name])
        parameters = given if self._place is None else self._place(given)
        text, cursor = self._text, connection.connection.cursor()
        try:
            for hear in connection.dispatch.before_cursor_execute:
                text, parameters = hear(connection, cursor, text, parameters, None, False)
            cursor.execute(text, parameters)
            for hear in connection.dispatch.after_cursor_execute:
                hear(connection, cursor, text, parameters, None, False)
            rows = list(cursor.fetchall()) if self._row else []
            changed = cursor.rowcount
            cursor.close()
        except BaseException as error:
            connection._handle_dbapi_exception(error, text, parameters, cursor, None)
        return Rows(self._named(rows), changed)

    def _named(self, rows: list[Any]) -> list[Any]:
        if self._row is None:
            return rows
        if not self._coming_out:
            return [self._row(row) for row in rows]
        found = []
        for row in rows:
            values = list(row)
            for place, process in self._coming_out:
                values[place] = process(values[place])
            found.append(self._row(values))
        return found


def _placed(order: list[str] | None) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """How values by name become a tuple in the order in which the text has its marks."""
    if not order:
        return lambda given: _NONE
    if len(order) == 1:
        return lambda given: (given[order[0]],)
    return itemgetter(*order)
