"""How the application holds its databases: pools, what goes with each connection, and the read replica."""

import time
from typing import Any, Final

from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from shop.extensions import REPLICA, db
from shop.slow import TimedConnection

CONNECT_SECONDS = 5
"""How long to wait for a database server that does not answer at all."""
RESTED_SECONDS: Final = 1.0
"""So long unused, a connection is tried before it is used."""
_RESTS_SINCE: Final = "tuza_rests_since"


def init_app(app: Flask) -> None:
    """Set what Flask-SQLAlchemy reads when it makes the engines."""
    config = app.config
    config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", _options(app, config["SQLALCHEMY_DATABASE_URI"]))
    url = config["DATABASE_REPLICA_URL"]
    if url:
        options = _options(app, url) | {"execution_options": {"postgresql_readonly": True}}
        config["SQLALCHEMY_BINDS"] = {REPLICA: {"url": url, **options}}


def watch(app: Flask) -> None:
    """Once the engines are made: try connections to PostgreSQL that have rested, before they are given to anybody."""
    with app.app_context():
        for engine in db.engines.values():
            if engine.dialect.name == "postgresql":
                _try_rested(engine)


def _try_rested(engine: Engine) -> None:
    """Asking with every request whether the server is still there would cost as much as a statement.

    A connection that somebody used a moment ago is taken to be alive; when it is not, one request is answered 503 and
    SQLAlchemy gives up all connections of before.
    """

    def note(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_RESTS_SINCE] = time.monotonic()

    def try_out(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        since = record.info.get(_RESTS_SINCE)
        if since is None or time.monotonic() - since < RESTED_SECONDS:
            return
        try:
            alive = engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            alive = False
        if not alive:
            raise DisconnectionError("the server has closed this connection")

    event.listen(engine, "checkin", note)
    event.listen(engine, "checkout", try_out)


def _options(app: Flask, url: str) -> dict[str, Any]:
    """``hide_parameters`` keeps e-mails and hashes out of errors and logs; a dead connection is replaced.

    Behind pgbouncer in transaction mode a prepared statement would be looked for on another connection than the one
    that has it, so none are prepared.
    """
    if not url.startswith("postgresql"):
        timed = {"factory": TimedConnection} if app.config["SLOW_QUERY_MS"] > 0 else {}
        return {"hide_parameters": True, "connect_args": timed}
    connect: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS}
    if app.config["DATABASE_PGBOUNCER"]:
        connect["prepare_threshold"] = None
    size = app.config["DATABASE_POOL_SIZE"]
    return {
        "hide_parameters": True,
        "connect_args": connect,
        "pool_size": size,
        "max_overflow": size,
        "pool_timeout": 10,
        "skip_autocommit_rollback": True,
    }
