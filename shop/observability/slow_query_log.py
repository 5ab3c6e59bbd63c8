"""Statements that take long, put on the log by the name of the service that sent them; nobody's values among them."""

import logging
import sqlite3
import sys
import time
from types import FrameType
from typing import Any, Final

from flask import Flask, g, has_request_context
from sqlalchemy import Connection, Engine, event

from shop.db.session import db

log = logging.getLogger("tuza.slow")
SERVICES: Final = "shop.services."
INNARDS: Final = {f"shop.services.{name}" for name in ("ready", "scope", "statements", "transaction")}
_STARTED: Final = "tuza_started"


def init_app(app: Flask) -> None:
    """Time every statement of the application's databases, unless ``SLOW_QUERY_MS`` is 0."""
    if app.config["SLOW_QUERY_MS"] <= 0:
        return
    with app.app_context():
        for engine in db.engines.values():
            _watch(engine, app.config["SLOW_QUERY_MS"] / 1000)


def _watch(engine: Engine, limit: float) -> None:
    """PostgreSQL works while a statement is executed, SQLite while its rows are fetched too."""

    def begin(connection: Connection, *_: Any) -> None:
        connection.info[_STARTED] = time.perf_counter()

    def end(connection: Connection, cursor: Any, *_: Any) -> None:
        took = time.perf_counter() - connection.info.pop(_STARTED, time.perf_counter())
        if isinstance(cursor, TimedCursor):
            cursor.took, cursor.limit = took, limit
        if took >= limit:
            _tell(took)

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)


class TimedCursor(sqlite3.Cursor):
    """A cursor of SQLite that tells when executing and fetching together took long."""

    took = 0.0
    limit = float("inf")

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        began = time.perf_counter()
        rows = super().fetchall()
        fetched = time.perf_counter() - began
        if self.took < self.limit <= self.took + fetched:  # else it was told already
            _tell(self.took + fetched)
        return rows


class TimedConnection(sqlite3.Connection):
    """A connection to SQLite whose cursors are timed."""

    def cursor(self, *_: Any) -> TimedCursor:  # type: ignore[override]
        """A new cursor."""
        return super().cursor(TimedCursor)


def _tell(seconds: float) -> None:
    inner, outer = _senders(sys._getframe(2))
    fields: dict[str, object] = {"statement": inner, "within": outer, "ms": round(seconds * 1000, 1)}
    if has_request_context():
        fields |= {"request_id": g.get("request_id", "-"), "shop": g.get("shop_id")}
    log.warning("slow statement", extra={"fields": fields})


def _senders(frame: FrameType | None) -> tuple[str, str]:
    """The service function that sent the statement, and the outermost one, whose use case it is part of."""
    found = []
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith(SERVICES) and module not in INNARDS:
            found.append(f"{module.removeprefix(SERVICES)}.{frame.f_code.co_qualname.split('.<locals>')[0]}")
        frame = frame.f_back
    return (found[0], found[-1]) if found else ("-", "-")
