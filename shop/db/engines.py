"""Engine options: connection pools, checks of each connection, and the read replica."""

import time
from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import from_json, to_json
from sqlalchemy import Engine, ExceptionContext, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from shop.db.session import REPLICA
from shop.observability.slow_query_log import TimedConnection

PATIENCE: Final = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
"""Timeouts for a server that stops answering without closing the connection: 5 seconds to connect, 10 (in milliseconds)
for data that is not acknowledged, 5 + 2 × 3 for an answer. DATABASE_URL may set others."""
READ_ONLY: Final = "25006"
"""PostgreSQL's SQLSTATE for a write on a read-only server, such as a former primary."""
GONE: Final = {READ_ONLY, "08P01"}
"""SQLSTATEs after which a connection is unusable although it looks alive. 08P01 is pgbouncer's, sent if it lost the
server or found none in time."""
RESTED_SECONDS: Final = 1.0
"""A connection that was unused for this long is tested before use."""
_RESTS_SINCE: Final = "tuza_rests_since"


def configure(config: dict[str, Any]) -> None:
    """Set the configuration that Flask-SQLAlchemy reads when it creates the engines; options that are set stay."""
    own = config.get("SQLALCHEMY_ENGINE_OPTIONS", {})
    config["SQLALCHEMY_ENGINE_OPTIONS"] = _options(config, config["SQLALCHEMY_DATABASE_URI"]) | own
    url = config["DATABASE_REPLICA_URL"]
    if url:
        options = _options(config, url) | {"execution_options": {"postgresql_readonly": True}}
        config["SQLALCHEMY_BINDS"] = {REPLICA: {"url": url, **options}}


def watch(engines: Mapping[str | None, Engine]) -> None:
    """Register the PostgreSQL hooks: test idle connections, plan LIKE with its pattern, recognise lost connections."""
    for name, engine in engines.items():
        if engine.dialect.name == "postgresql":
            _try_rested(engine)
            event.listen(engine, "do_execute", _plan_with_pattern)
            event.listen(engine, "handle_error", _recognise_gone)
            if name == REPLICA:
                _query_new_connections(engine)


def _try_rested(engine: Engine) -> None:
    """Test connections that were idle, with ``do_ping``.

    A test at every checkout would cost as much as a statement. A connection used a moment ago is assumed to be alive;
    if it is not, one request gets 503 and SQLAlchemy invalidates the pool.
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


def _plan_with_pattern(cursor: Any, statement: str, parameters: Any, _context: Any) -> bool:
    """Execute a statement with LIKE unprepared and return True, so that PostgreSQL plans it with its pattern.

    The generic plan of a prepared statement would use an index for a pattern that most rows match.
    """
    if " LIKE " not in statement:
        return False
    cursor.execute(statement, parameters, prepare=False)
    return True


def _recognise_gone(context: ExceptionContext) -> None:
    """Mark these errors as disconnects: SQLAlchemy then invalidates the pool's other connections to the same server."""
    if getattr(context.original_exception, "sqlstate", None) in GONE:
        context.is_disconnect = True


def _query_new_connections(engine: Engine) -> None:
    """Query each new connection once: pgbouncer accepts connections even if it has no server."""

    def query(connection: Any, _record: Any) -> None:
        connection.execute("SELECT 1")
        connection.rollback()

    event.listen(engine, "connect", query)


def _to_json(value: Any) -> str:
    return to_json(value).decode()


def _options(config: Mapping[str, Any], url: str) -> dict[str, Any]:
    """Return the options of an engine.

    ``hide_parameters`` keeps e-mails and hashes out of errors and logs. Behind pgbouncer in transaction mode nothing is
    prepared: the next statement may run on another server connection. LIFO keeps few connections in use, which have
    their statements prepared and their pages cached. pydantic's parser reads a small JSON column in a tenth of the time
    of ``json.loads``.
    """
    json_columns = {"json_serializer": _to_json, "json_deserializer": from_json}
    common = {"hide_parameters": True, **json_columns, "pool_use_lifo": True}
    if not url.startswith("postgresql"):
        timed = {"factory": TimedConnection} if config["SLOW_QUERY_MS"] > 0 else {}
        # Unlimited: a writer keeps its connection while it waits for the lock, and the lock's holder must get one, too.
        return {**common, "connect_args": timed, "max_overflow": -1}
    said = make_url(url).query
    connect: dict[str, Any] = {name: value for name, value in PATIENCE.items() if name not in said}
    if config["DATABASE_PGBOUNCER"]:
        connect["prepare_threshold"] = None
    size = config["DATABASE_POOL_SIZE"]
    return {
        **common,
        "connect_args": connect,
        "pool_size": size,
        "max_overflow": size,
        "pool_timeout": 10,
        "skip_autocommit_rollback": True,
    }
