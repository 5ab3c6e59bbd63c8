"""The services below the shop: etcd, two PostgreSQL under Patroni, haproxy, pgbouncer and Redis.

They listen on loopback only, keep their files in one folder, and stop when the benchmark stops or is killed.
"""

import secrets
import shutil
import socket
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from string import Template

import psycopg

from bench.failover.node import Node
from bench.failover.processes import Process, give_to_plain_user, wait_for
from bench.replay.nouns import CannotReplay

CONFIGS = Path(__file__).with_name("configs")
HOST = "127.0.0.1"
PORTS = (
    "etcd", "etcd_peer", "postgres_a", "postgres_b", "patroni_a", "patroni_b", "primary", "replica", "web", "web_one",
    "web_two", "pgbouncer", "redis",
)  # fmt: skip
VERSIONS = {
    "patroni": "--version",
    "etcd": "--version",
    "haproxy": "-v",
    "pgbouncer": "--version",
    "redis-server": "--version",
}
PACKAGES = "patroni etcd-server haproxy pgbouncer redis-server postgresql"
START_SECONDS = 120


class Machines:
    """The cluster and its proxies, as a context manager."""

    def __init__(self, folder: Path, *, synchronous: bool) -> None:
        self.folder, self.synchronous = folder, synchronous
        self.ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
        self._password = secrets.token_hex(16)
        self._programs = _postgres_programs()
        self._stack = ExitStack()
        _must_be_there()
        self.nodes = [self._node(name) for name in ("a", "b")]

    def __enter__(self) -> "Machines":
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def url(self, door: str, database: str = "tuza") -> str:
        """Return the database URL at an entry point: ``primary`` and ``replica`` of haproxy, or ``pgbouncer``."""
        return f"postgresql://tuza:{self._password}@{HOST}:{self.ports[door]}/{database}"

    def settings(self) -> dict[str, str]:
        """Return the environment of the shop's web processes and workers."""
        return {
            "DATABASE_URL": self.url("pgbouncer"),
            "DATABASE_REPLICA_URL": self.url("pgbouncer", "tuza_replica"),
            "DATABASE_PGBOUNCER": "true",
            "REDIS_URL": f"redis://{HOST}:{self.ports['redis']}/0",
            "TRUSTED_PROXIES": HOST,
        }

    def primary(self) -> Node | None:
        """Return the node that Patroni reports as primary, or None."""
        return next((node for node in self.nodes if node.is_("primary")), None)

    def follows(self, node: Node) -> bool:
        """Return whether the primary streams to a node; with synchronous replication, whether it waits for it."""
        wanted = ("sync", "quorum") if self.synchronous else ("async", "sync", "quorum")
        try:
            with psycopg.connect(self._of_postgres("primary"), connect_timeout=3) as connection:
                rows = connection.execute(
                    "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming' AND application_name = %s",
                    (node.name,),
                ).fetchall()
        except psycopg.Error:
            return False
        return any(state in wanted for (state,) in rows)

    def versions(self) -> str:
        """Return the programs with their versions."""
        found = [_said([self._programs / "postgres", "--version"]).replace(" (PostgreSQL)", "")]
        for program, option in VERSIONS.items():
            found.append(f"{program} {next(word for word in _said([program, option]).split() if _is_version(word))}")
        return ", ".join(found).replace("postgres ", "PostgreSQL ").replace("v=", "")

    def _start(self) -> None:
        self._write("haproxy.cfg", "pgbouncer.ini", "pgbouncer.users")
        etcd = f"http://{HOST}:{self.ports['etcd']}", f"http://{HOST}:{self.ports['etcd_peer']}"
        self._run(
            "etcd", "--name", "etcd", "--data-dir", self.folder / "etcd", "--logger", "zap", "--log-level", "error",
            "--listen-client-urls", etcd[0], "--advertise-client-urls", etcd[0], "--listen-peer-urls", etcd[1],
            "--initial-advertise-peer-urls", etcd[1], "--initial-cluster", f"etcd={etcd[1]}",
        )  # fmt: skip
        self._run("redis-server", "--bind", HOST, "--port", str(self.ports["redis"]), "--save", "", "--dir", ".")
        wait_for("etcd", lambda: _listens(self.ports["etcd"]), START_SECONDS)
        for node in self.nodes:
            self._stack.callback(node.stop)
            node.start()
        self._run("haproxy", "-f", self.folder / "haproxy.cfg", "-db")
        self._wait("a primary", lambda: self.primary() is not None)
        self._wait("a database behind haproxy", lambda: self._answers("primary"))
        self._make_database()
        self._run("pgbouncer", self.folder / "pgbouncer.ini")
        self._wait("a replica that follows", lambda: all(map(self._has_its_part, self.nodes)))

    def _has_its_part(self, node: Node) -> bool:
        return node.is_("primary") or (node.is_("replica") and self.follows(node))

    def _wait(self, what: str, is_so: Callable[[], bool]) -> None:
        try:
            wait_for(what, is_so, START_SECONDS)
        except CannotReplay as cannot:
            said = "\n".join(f"{node.name}:\n{node.last_words()}" for node in self.nodes)
            raise CannotReplay(f"{cannot}\n{said}") from None

    def _node(self, name: str) -> Node:
        folder = self.folder / name
        folder.mkdir(mode=0o700)
        give_to_plain_user(folder)
        self._write(
            "patroni.yml", into=folder, name=name, synchronous=str(self.synchronous).lower(),
            postgres_port=self.ports[f"postgres_{name}"], patroni_port=self.ports[f"patroni_{name}"],
            programs=self._programs,
        )  # fmt: skip
        return Node(name, folder, f"http://{HOST}:{self.ports[f'patroni_{name}']}")

    def _write(self, *names: str, into: Path | None = None, **more: object) -> None:
        """Write a configuration file from its template, readable by its user only: it has a password."""
        folder = into or self.folder
        known = {f"{name}_port": port for name, port in self.ports.items()}
        for name in names:
            template = Template((CONFIGS / name).read_text())
            file = folder / name
            file.touch(mode=0o600)
            file.write_text(
                template.substitute(known | {"host": HOST, "folder": folder, "password": self._password} | more)
            )
            give_to_plain_user(file)

    def _run(self, *command: str | Path) -> None:
        self._stack.callback(Process(command, self.folder, f"{command[0]}-said").stop)

    def _of_postgres(self, door: str) -> str:
        return f"host={HOST} port={self.ports[door]} user=postgres password={self._password} dbname=postgres"

    def _answers(self, door: str) -> bool:
        try:
            psycopg.connect(self._of_postgres(door), connect_timeout=3).close()
        except psycopg.Error:
            return False
        return True

    def _make_database(self) -> None:
        with psycopg.connect(self._of_postgres("primary"), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE tuza LOGIN PASSWORD '{self._password}'")
            connection.execute("CREATE DATABASE tuza OWNER tuza")


def _must_be_there() -> None:
    missing = [program for program in VERSIONS if shutil.which(program) is None]
    if missing:
        raise CannotReplay(f"Not installed: {', '.join(missing)}. On Debian: apt-get install {PACKAGES}.")


def _postgres_programs() -> Path:
    """Return the folder of the newest installed PostgreSQL with ``pg_rewind``."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    for place in places:
        if (place / "pg_rewind").exists() and (place / "postgres").exists():
            return place
    raise CannotReplay(f"There is no PostgreSQL in /usr/lib/postgresql. On Debian: apt-get install {PACKAGES}.")


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _said(command: list[str | Path]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # type: ignore[arg-type]


def _is_version(word: str) -> bool:
    return word.removeprefix("v=")[:1].isdigit()
