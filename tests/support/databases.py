"""Databases of the tests: one migrated template an engine, copied for each worker and each special test."""

import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4
from weakref import WeakSet

import psycopg
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from shop import create_app
from shop.db import tenant
from shop.db.session import db
from shop.services import list_reads
from shop.services.shops import settings_cache
from tests.support.migrations import upgrade
from tests.support.postgres import PostgresServer, database_url

ENGINES = ("sqlite", "postgresql")
TEMPLATE = "tuza_template"
MEMORY = "/dev/shm"
MEMORY_BYTES = 4 * 2**30
"""A run uses less than half of it."""
TEST_CONFIG = {
    "TESTING": True,
    "SECRET_KEY": "a key for tests alone, 32 letters long",
    "STOREFRONT_REQUESTS_PER_15_MINUTES": 1_000_000,
    "ORDERS_PER_ADDRESS_HOUR": 1_000_000,
    "WTF_CSRF_ENABLED": True,
    "REQUESTS_AT_ONCE": 0,  # racing tests must meet as often as possible; real servers limit concurrency
    "DARAJA_URL": "http://127.0.0.1:9",  # no server: no test calls the real one
}


@event.listens_for(Engine, "connect")
def _reverse_unstated_order(connection: Any, _record: Any) -> None:
    """Return the rows of a statement without ORDER BY in reverse: what relies on their order fails here, not at random.

    PostgreSQL returns them in the order of the pages, which changes by updates.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects = ON").close()


@dataclass(frozen=True)
class Databases:
    """The source of databases: a folder for SQLite files, and a PostgreSQL server by its socket."""

    folder: str
    socket: str

    def fresh(self, engine: str) -> str:
        """Return the URL of a new database with all tables and no rows."""
        return self._copy(engine, f"t_{uuid4().hex}", TEMPLATE)

    def filled(self, name: str, fill: Callable[[], None]) -> str:
        """Return the URL of a new SQLite database with what ``fill`` writes: one worker calls it, once a run."""
        kept = self._file(name)
        with kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                url = self.fresh("sqlite")
                app = self.app(url)
                with app.app_context():
                    fill()
                close(app)
                os.rename(make_url(url).database or "", kept)
        return self._copy("sqlite", f"t_{uuid4().hex}", name)

    def renew(self, app: Flask) -> None:
        """Put a new database with all tables and no rows in place of an application's own; empty its folder."""
        close(app)
        parts = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
        self.drop(app.config["SQLALCHEMY_DATABASE_URI"])
        if parts.get_backend_name() == "sqlite":
            shutil.copyfile(self._file(TEMPLATE), parts.database or "")
        else:
            self._copy("postgresql", parts.database or "", TEMPLATE)
        shutil.rmtree(app.config["SHOP_INSTANCE"], ignore_errors=True)
        Path(app.config["SHOP_INSTANCE"]).mkdir(mode=0o700)
        with app.app_context():
            for kept in (tenant._live, settings_cache._kept, list_reads._recorded, list_reads._failed_at):
                kept.pop(db.engine, None)

    def empty(self, engine: str) -> str:
        """Return the URL of a new, empty database."""
        return self._copy(engine, f"e_{uuid4().hex}", None)

    def drop(self, url: str) -> None:
        """Drop a database and its connections."""
        parts = make_url(url)
        if parts.get_backend_name() == "sqlite":
            for file in Path(parts.database or "").parent.glob(f"{Path(parts.database or '').name}*"):
                file.unlink()
        else:
            self._command(f'DROP DATABASE IF EXISTS "{parts.database}" WITH (FORCE)')

    def app(self, url: str, **overrides: Any) -> Flask:
        """Return an application on a database, with its own instance folder."""
        instance = tempfile.mkdtemp(prefix="instance-", dir=self.folder)
        app = create_app(
            TEST_CONFIG
            | {"SHOP_INSTANCE": instance, "MAIL_FOLDER": f"{instance}/mail", "UPLOAD_FOLDER": f"{instance}/uploads"}
            | {"SQLALCHEMY_DATABASE_URI": driver_url(url)}
            | overrides
        )
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache(self.folder)  # each template is compiled once for all
        _set_up_connections(app)
        return app

    def make_templates(self) -> None:
        """Migrate one database an engine, to be copied."""
        for engine in ENGINES:
            app = self.app(self._copy(engine, TEMPLATE, None))
            migrate(app)
            close(app)
        with sqlite3.connect(self._file(TEMPLATE)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode = DELETE")
        connection.close()

    def _copy(self, engine: str, name: str, template: str | None) -> str:
        if engine == "sqlite":
            if template:
                shutil.copyfile(self._file(template), self._file(name))
            return f"sqlite:///{self._file(name)}"
        source = template or "template0"
        self._command(f'CREATE DATABASE "{name}" TEMPLATE "{source}" {self._strategy()}')
        return database_url(self.socket, name)

    def _file(self, name: str) -> Path:
        return Path(self.folder) / f"{name}.db"

    def _strategy(self) -> str:
        """Return the way to copy a database that is half the work of PostgreSQL 15's default, and older ones' own."""
        with psycopg.connect(database_url(self.socket, "postgres")) as connection:
            return "STRATEGY file_copy" if connection.info.server_version >= 150_000 else ""

    def _command(self, statement: str) -> None:
        with psycopg.connect(database_url(self.socket, "postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]


def driver_url(url: str) -> str:
    """Return a URL with the driver, as the configuration makes it from ``DATABASE_URL``."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def migrate(app: Flask, revision: str = "head") -> None:
    """Migrate an application's database to a revision."""
    with app.app_context():
        upgrade(revision)


def _set_up_connections(app: Flask) -> None:
    """Record each PostgreSQL connection, for :func:`close`; let SQLite, as PostgreSQL here, not wait for the disk."""
    opened: WeakSet[Any] = WeakSet()
    app.extensions["tuza_test_connections"] = opened
    with app.app_context():
        for engine in db.engines.values():
            if engine.dialect.name == "postgresql":
                event.listen(engine, "connect", lambda connection, _record: opened.add(connection))
            else:
                event.listen(engine, "connect", _forget_at_power_cut)


def _forget_at_power_cut(connection: sqlite3.Connection, _record: Any) -> None:
    """Commit without a flush to the disk: a killed process loses nothing, and no test cuts the power."""
    connection.execute("PRAGMA synchronous = OFF").close()


def close(app: Flask) -> None:
    """Close all connections of an application, including those that an ended thread never returned."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    for connection in list(app.extensions.get("tuza_test_connections", ())):
        connection.close()


def place_of_databases() -> str | None:
    """Return where to make the folder of a run's databases; None for the system's default. Sockets need a short path.

    In memory, where there is room, a PostgreSQL database (900 files) is made in a tenth of the processor time.
    """
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES:
        runs_programs = not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC  # a copy of PostgreSQL's may have to be here
        if runs_programs:
            return MEMORY
    return "/tmp" if os.path.isdir("/tmp") else None


class DatabaseHost:
    """Both engines, started on first use and stopped by :meth:`stop`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server: PostgresServer | None = None
        self._databases: Databases | None = None

    def databases(self) -> Databases:
        """Return the databases; starts the engines the first time."""
        if self._databases is None:
            self._server = PostgresServer(self.folder / "pg")
            self._databases = Databases(str(self.folder), str(self._server.folder))
            self._databases.make_templates()
        return self._databases

    def stop(self) -> None:
        """Stop the server and delete everything."""
        if self._server is not None:
            self._server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
