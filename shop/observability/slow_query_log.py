"""Log slow statements by the service function that sent them, without any values."""

import logging
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from types import FrameType
from typing import Any, Final

from sqlalchemy import Connection, Engine, event

log = logging.getLogger("tuza.slow")
CALLERS: Final = ("shop.services.", "shop.queries.")
"""The packages whose functions a statement is logged by."""
_STARTED: Final = "tuza_started"


def watch(engines: Iterable[Engine], limit_ms: float, context: Callable[[], Mapping[str, object]]) -> None:
    """Log each statement that takes ``limit_ms`` or longer, with ``context()``'s fields; none if it is 0."""
    if limit_ms > 0:
        slow_log = SlowQueryLog(limit_ms / 1000, context)
        for engine in engines:
            _time_statements(engine, slow_log)


class SlowQueryLog:
    """Where slow statements are logged: those of ``limit`` seconds or longer."""

    def __init__(self, limit: float, context: Callable[[], Mapping[str, object]]) -> None:
        self.limit = limit
        self._context = context

    def write(self, seconds: float) -> None:
        """Log the statement that the caller's caller has executed."""
        inner, outer = _senders(sys._getframe(2))
        fields: dict[str, object] = {"statement": inner, "within": outer, "ms": round(seconds * 1000, 1)}
        log.warning("slow statement", extra={"fields": {**fields, **self._context()}})


def _time_statements(engine: Engine, slow_log: SlowQueryLog) -> None:
    """PostgreSQL works while a statement is executed, SQLite while its rows are fetched too."""

    def begin(connection: Connection, *_: Any) -> None:
        connection.info[_STARTED] = time.perf_counter()

    def end(connection: Connection, cursor: Any, *_: Any) -> None:
        took = time.perf_counter() - connection.info.pop(_STARTED, time.perf_counter())
        if isinstance(cursor, TimedCursor):
            cursor.took, cursor.slow_log = took, slow_log
        if took >= slow_log.limit:
            slow_log.write(took)

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)


class TimedCursor(sqlite3.Cursor):
    """A SQLite cursor that logs when executing and fetching together took long."""

    took = 0.0
    slow_log: SlowQueryLog | None = None

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        began = time.perf_counter()
        rows = super().fetchall()
        total = self.took + time.perf_counter() - began
        if self.slow_log is not None and self.took < self.slow_log.limit <= total:  # else it was logged already
            self.slow_log.write(total)
        return rows


class TimedConnection(sqlite3.Connection):
    """A SQLite connection whose cursors are timed."""

    def cursor(self, *_: Any) -> TimedCursor:  # type: ignore[override]
        """Return a new cursor."""
        return super().cursor(TimedCursor)


def _senders(frame: FrameType | None) -> tuple[str, str]:
    """Return the function that sent the statement, and the outermost one, whose use case it is part of."""
    found = []
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        package = next((prefix for prefix in CALLERS if module.startswith(prefix)), None)
        if package:
            found.append(f"{module.removeprefix(package)}.{frame.f_code.co_qualname.split('.<locals>')[0]}")
        frame = frame.f_back
    return (found[0], found[-1]) if found else ("-", "-")
