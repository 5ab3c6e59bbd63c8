"""Dump and restore PostgreSQL with its own programs, which must not be older than the server."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from shop.backups.archive import BackupError, Manifest

COUNT = "SELECT count(*) FROM {}"


def dump(url: str, target: Path, made_at: str) -> Manifest:
    """Dump a database in use. Rows are counted in the same snapshot as the dump."""
    with _connect(url) as connection:
        program = _program("pg_dump", connection.info.server_version // 10000)
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        manifest = _describe(connection, made_at)
        (moment,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        _run(
            url, program, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment}", f"--file={target}"
        )
    return manifest


def describe(url: str, made_at: str) -> Manifest:
    """Return the manifest of a database's current contents."""
    with _connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        return _describe(connection, made_at)


def _describe(connection: "psycopg.Connection[tuple[object, ...]]", made_at: str) -> Manifest:
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    ).fetchall()
    if ("alembic_version",) not in tables:
        raise BackupError("The database has no tables: there is nothing to back up.")
    counts = {}
    for (name,) in tables:
        row = connection.execute(sql.SQL(COUNT).format(sql.Identifier(str(name)))).fetchone()
        counts[str(name)] = int(str(row[0])) if row else 0
    said = connection.execute(
        "SELECT (SELECT version_num FROM alembic_version), (SELECT coalesce(sum(points), 0) FROM loyalty_entries)"
    ).fetchone()
    schema, points = said or ("", 0)
    version = connection.info.parameter_status("server_version") or "unknown"
    return Manifest(made_at, "postgresql", version.split()[0], str(schema), counts, int(str(points)))


@contextmanager
def set_up(url: str, dumped: Path) -> Iterator[str]:
    """Yield the URL of a temporary database on the same server with the dump in it."""
    name = f"tuza_check_{uuid4().hex[:12]}"
    _create(url, name, dumped)
    try:
        yield _beside(url, name)
    finally:
        with _administer(url) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def is_empty(url: str) -> bool:
    with _connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()").fetchone()
    return row == (0,)


def put_back(url: str, dumped: Path) -> str:
    """Replace the database with a dump and return the name under which the former one is kept.

    The dump is loaded into a new database first; then both are renamed, which takes a moment and ends all connections.
    Nothing is changed if the dump cannot be read.
    """
    live = make_url(url).database or ""
    stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    fresh, former = f"{live}_restored_{stamp}", f"{live}_before_{stamp}"
    _create(url, fresh, dumped)
    with _administer(url) as connection:
        live_name, fresh_name, former_name = (sql.Identifier(name) for name in (live, fresh, former))
        connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(live_name))
        try:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                (live,),
            )
            _rename(connection, live_name, former_name)
            _rename(connection, fresh_name, live_name)
        finally:
            for name in (live_name, former_name):
                with suppress(psycopg.errors.InvalidCatalogName):
                    connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
    return former


def _rename(connection: "psycopg.Connection[tuple[object, ...]]", old: sql.Identifier, new: sql.Identifier) -> None:
    """Rename a database once its connections have ended, which takes a moment."""
    for _ in range(50):
        with suppress(psycopg.errors.ObjectInUse):
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(old, new))
            return
        connection.execute("SELECT pg_sleep(0.1)")
    raise BackupError("Somebody stays connected to the database. Stop the shop and try again.")


def _create(url: str, name: str, dumped: Path) -> None:
    try:
        with _administer(url) as connection:
            server = connection.info.server_version // 10000
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
            )
    except psycopg.errors.InsufficientPrivilege:
        user = make_url(url).username or "the user"
        raise BackupError(
            f"The database user may not create databases, which this needs: ALTER ROLE {user} CREATEDB."
        ) from None
    try:
        program = _program("pg_restore", server)
        _run(_beside(url, name), program, "--no-owner", "--no-privileges", "--exit-on-error", str(dumped))
    except BaseException:
        with _administer(url) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        raise


def _program(name: str, server: int) -> str:
    """Return a program from PG_BIN, PATH or the system's folders that is not older than the server."""
    folder = os.environ.get("PG_BIN")
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    places = [Path(folder) / name] if folder else [Path(shutil.which(name) or f"/nowhere/{name}"), *installed]
    seen = []
    for place in places:
        version = _version(place)
        if version is not None and version >= server:
            return str(place)
        if version is not None:
            seen.append(f"{place} is of version {version}")
    found = f" ({'; '.join(dict.fromkeys(seen))})" if seen else ""
    where = f"in PG_BIN, which is {folder}" if folder else "on PATH"
    raise BackupError(
        f"The server is PostgreSQL {server}, and there is no {name} of version {server} or later {where}{found}. "
        f"Install postgresql-client-{server}, or set PG_BIN to the folder that has it."
    )


def _version(program: Path) -> int | None:
    if not program.is_file():
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else None


def _run(url: str, program: str, *given: str) -> None:
    """Run a program on a database. The password goes in the environment, which other users cannot read.

    A URL without one leaves it to PGPASSWORD, PGPASSFILE or ``~/.pgpass``.
    """
    parts = make_url(url)
    environ = dict(os.environ) | ({"PGPASSWORD": str(parts.password)} if parts.password else {})
    plain = URL.create("postgresql", parts.username, None, parts.host, parts.port, parts.database, parts.query)
    command = [program, f"--dbname={plain.render_as_string()}", *given]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise BackupError(f"{Path(program).name} failed: {done.stderr.strip()[-500:]}")


def _beside(url: str, database: str) -> str:
    made: URL = make_url(url).set(database=database)
    return made.render_as_string(hide_password=False)


def _connect(url: str, *, autocommit: bool = False) -> "psycopg.Connection[tuple[object, ...]]":
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        return psycopg.connect(plain, autocommit=autocommit, connect_timeout=10)
    except psycopg.OperationalError:
        raise BackupError("The database cannot be reached: check DATABASE_URL.") from None


def _administer(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    """Connect to the server's maintenance database: a database in use cannot be renamed."""
    return _connect(_beside(url, "postgres"), autocommit=True)
