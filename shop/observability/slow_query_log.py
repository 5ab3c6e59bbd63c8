"""Log slow statements with the service function that executed them, without values."""

import logging
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from types import FrameType
from typing import Any, Final, Self

import psycopg
from sqlalchemy import Engine, event

log = logging.getLogger("tuza.slow")
CALLERS: Final = ("shop.services.", "shop.queries.")
"""Packages whose functions are named as a statement's caller."""


def watch(engines: Iterable[Engine], limit_ms: float, context: Callable[[], Mapping[str, object]]) -> None:
    """Log each statement that takes ``limit_ms`` or longer, with ``context()``'s fields; 0 disables it."""
    if limit_ms <= 0:
        return
    slow_log = SlowQueryLog(limit_ms / 1000, context)

    def time_statements(connection: Any, _record: Any) -> None:
        if isinstance(connection, TimedConnection):
            connection.slow_log = slow_log
        elif isinstance(connection, psycopg.Connection):
            connection.cursor_factory = slow_log.cursor_class

    for engine in engines:
        event.listen(engine, "connect", time_statements)


class SlowQueryLog:
    """The log of statements that take ``limit`` seconds or longer."""

    def __init__(self, limit: float, context: Callable[[], Mapping[str, object]]) -> None:
        self.limit = limit
        self._context = context
        self.cursor_class = type("TimedCursor", (TimedPostgresCursor,), {"slow_log": self})

    def write(self, seconds: float) -> None:
        """Log the statement that was just executed."""
        inner, outer = _senders(sys._getframe(1))
        fields: dict[str, object] = {"statement": inner, "within": outer, "ms": round(seconds * 1000, 1)}
        log.warning("slow statement", extra={"fields": {**fields, **self._context()}})


class TimedPostgresCursor(psycopg.Cursor[Any]):
    """A PostgreSQL cursor that logs slow statements."""

    slow_log: SlowQueryLog

    def execute(self, *args: Any, **kwargs: Any) -> Self:
        began = time.perf_counter()
        super().execute(*args, **kwargs)
        seconds = time.perf_counter() - began
        if seconds >= self.slow_log.limit:
            self.slow_log.write(seconds)
        return self


class TimedCursor(sqlite3.Cursor):
    """A SQLite cursor that logs if executing and fetching together were slow."""

    took = 0.0
    slow_log: SlowQueryLog | None = None

    def execute(self, *args: Any) -> Self:
        began = time.perf_counter()
        super().execute(*args)
        self.took = time.perf_counter() - began
        if self.slow_log is not None and self.took >= self.slow_log.limit:
            self.slow_log.write(self.took)
        return self

    def fetchall(self) -> list[Any]:
        began = time.perf_counter()
        rows = super().fetchall()
        total = self.took + time.perf_counter() - began
        if self.slow_log is not None and self.took < self.slow_log.limit <= total:  # else it was logged already
            self.slow_log.write(total)
        return rows


class TimedConnection(sqlite3.Connection):
    """A SQLite connection whose cursors are timed."""

    slow_log: SlowQueryLog | None = None

    def cursor(self, *_: Any) -> TimedCursor:  # type: ignore[override]
        cursor = super().cursor(TimedCursor)
        cursor.slow_log = self.slow_log
        return cursor


def _senders(frame: FrameType | None) -> tuple[str, str]:
    """Return the function that executed the statement, and the outermost service function."""
    found = []
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        package = next((prefix for prefix in CALLERS if module.startswith(prefix)), None)
        if package:
            found.append(f"{module.removeprefix(package)}.{frame.f_code.co_qualname.split('.<locals>')[0]}")
        frame = frame.f_back
    return (found[0], found[-1]) if found else ("-", "-")
