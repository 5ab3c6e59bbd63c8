"""How the application holds its databases: pools, what goes with each connection, and the read replica."""

from typing import Any

from flask import Flask

from shop.extensions import REPLICA
from shop.slow import TimedConnection

CONNECT_SECONDS = 5
"""How long to wait for a database server that does not answer at all."""


def init_app(app: Flask) -> None:
    """Set what Flask-SQLAlchemy reads when it makes the engines."""
    config = app.config
    config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", _options(app, config["SQLALCHEMY_DATABASE_URI"]))
    url = config["DATABASE_REPLICA_URL"]
    if url:
        options = _options(app, url) | {"execution_options": {"postgresql_readonly": True}}
        config["SQLALCHEMY_BINDS"] = {REPLICA: {"url": url, **options}}


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
        "pool_pre_ping": True,
    }
