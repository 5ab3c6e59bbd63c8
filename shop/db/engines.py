"""How the application holds its databases: pools, what goes with each connection, and the read replica."""

import time
from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import from_json
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
"""How long to wait for a server that does not answer at all, because its machine has gone without closing anything: 5
seconds for a connection, 10 (in milliseconds) for what was sent, 5 + 2 × 3 for an answer. An address may differ."""
READ_ONLY: Final = "25006"
"""PostgreSQL's state for a write on a server that only reads: one that has just stopped being the primary."""
GONE: Final = {READ_ONLY, "08P01"}
"""States after which a connection is of no use, though it may look alive. The second one is pgbouncer's, with which it
says that it has lost the server, or found none in time."""
RESTED_SECONDS: Final = 1.0
"""So long unused, a connection is tried before it is used."""
_RESTS_SINCE: Final = "tuza_rests_since"


def configure(config: dict[str, Any]) -> None:
    """Set what Flask-SQLAlchemy reads when it makes the engines."""
    config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", _options(config, config["SQLALCHEMY_DATABASE_URI"]))
    url = config["DATABASE_REPLICA_URL"]
    if url:
        options = _options(config, url) | {"execution_options": {"postgresql_readonly": True}}
        config["SQLALCHEMY_BINDS"] = {REPLICA: {"url": url, **options}}


def watch(engines: Mapping[str | None, Engine]) -> None:
    """Set how PostgreSQL plans, what counts as a lost connection, and when one is tried before use."""
    for name, engine in engines.items():
        if engine.dialect.name == "postgresql":
            _try_rested(engine)
            event.listen(engine, "do_execute", _plan_patterns_anew)
            event.listen(engine, "handle_error", _recognise_gone)
            if name == REPLICA:
                _greet(engine)


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


def _plan_patterns_anew(cursor: Any, statement: str, parameters: Any, _context: Any) -> bool:
    """Let PostgreSQL see what is looked for before it plans how; whether the statement was sent here.

    For a statement that is kept prepared it plans once, for no pattern in particular, and would then look up in an
    index what nearly every row has.
    """
    if " LIKE " not in statement:
        return False
    cursor.execute(statement, parameters, prepare=False)
    return True


def _recognise_gone(context: ExceptionContext) -> None:
    """Let go of the pool's connections that were made before: each of them leads to the same server."""
    if getattr(context.original_exception, "sqlstate", None) in GONE:
        context.is_disconnect = True


def _greet(engine: Engine) -> None:
    """Ask something on each new connection: pgbouncer gives one out also when no server is behind it."""

    def greet(connection: Any, _record: Any) -> None:
        connection.execute("SELECT 1")
        connection.rollback()

    event.listen(engine, "connect", greet)


def _options(config: Mapping[str, Any], url: str) -> dict[str, Any]:
    """``hide_parameters`` keeps e-mails and hashes out of errors and logs; a dead connection is replaced.

    Behind pgbouncer in transaction mode a prepared statement would be looked for on another connection than the one
    that has it, so none are prepared. The connection that was given back last is given out first: few are used, and
    these have their statements prepared and cached pages. pydantic's parser reads a small JSON column in a tenth
    of the time of ``json.loads``.
    """
    common = {"hide_parameters": True, "json_deserializer": from_json, "pool_use_lifo": True}
    if not url.startswith("postgresql"):
        timed = {"factory": TimedConnection} if config["SLOW_QUERY_MS"] > 0 else {}
        # As many as threads want: a writer that waits for its turn keeps its own, and who has the turn must get one.
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
