"""The tested shop: its folder, database, a key for each client, gunicorn as in production, and its worker."""

import ctypes
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import psycopg

from bench.replay.nouns import BasketLine, CannotReplay
from bench.replay.sums import ReplayRules

ROOT = Path(__file__).resolve().parents[2]
OURS = re.compile(
    r"^(DATABASE_|REDIS_URL|SECRET_KEY|TUZA_|MAIL_|OTP_|STOREFRONT_|TRUSTED_|WORKER_|SHOP_INSTANCE|FLASK_|WEBHOOK_)"
)
"""Settings of the caller's own installation, which the trial must not inherit."""
START_SECONDS = 60
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1


class Trial:
    """A running shop, as a context manager. ``keys`` are (key, secret), one for each client."""

    def __init__(self, clients: int, redeem: int, database_url: str | None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tuza-replay-"))
        self.port = _free_port()
        self.keys: list[tuple[str, str]] = []
        self._clients = clients
        self._database_url = database_url
        self._processes: list[subprocess.Popen[bytes]] = []
        self._log: IO[bytes] = (self.folder / "server.log").open("wb")
        self._environment = self._settings(redeem)

    def _settings(self, redeem: int) -> dict[str, str]:
        """Return the environment without another shop's settings; limits are raised: all clients have one address."""
        kept = {name: value for name, value in os.environ.items() if not OURS.match(name)}
        given = {
            "SHOP_INSTANCE": str(self.folder),
            "SECRET_KEY": secrets.token_hex(32),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "OTP_SENDS_PER_ADDRESS_HOUR": str(max(60, 2 * redeem)),
            "OTP_VERIFIES_PER_ADDRESS_10_MINUTES": str(max(30, 2 * redeem)),
            "ORDERS_PER_ADDRESS_HOUR": "1000000",
            "STOREFRONT_REQUESTS_PER_15_MINUTES": str(max(5000, 10 * redeem)),
            "WORKER_POLL_SECONDS": "0.1",
        }
        return kept | given | ({"DATABASE_URL": self._database_url} if self._database_url else {})

    def __enter__(self) -> "Trial":
        try:
            if self._database_url:
                _must_be_empty(self._database_url)
            self.flask("db", "upgrade")
            self.flask("shop", "create", "Replay", "--currency", "USD", "--country", "US", "--timezone", "UTC")
            self.keys = [self._new_key(number) for number in range(1, self._clients + 1)]
            self._start("gunicorn", "--config", str(ROOT / "gunicorn.conf.py"), "wsgi:app")
            if self._database_url:  # on SQLite the web process is its own worker
                self._start("flask", "--app", "wsgi", "worker")
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop what was started and remove the folder."""
        for process in self._processes:
            if process.poll() is None:
                process.terminate()
        for process in self._processes:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def mails(self) -> Path:
        """Return the worker's mail folder."""
        return self.folder / "mail"

    def flask(self, *command: str) -> str:
        """Run a command of the shop and return its output. Raises CannotReplay if it fails."""
        done = self.run("flask", "--app", "wsgi", *command)
        if done.returncode != 0:
            raise CannotReplay(f"flask {' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def run(self, program: str, *command: str, given: str = "") -> "subprocess.CompletedProcess[str]":
        """Run a program of the installation in the shop's environment."""
        return subprocess.run(
            [*_program(program), *command],
            cwd=ROOT,
            env=self._environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def put_on_shelf(self, lines: Sequence[BasketLine]) -> dict[tuple[str, int], int]:
        """Add products for these lines, by article and price, so that the storefront sells them at that price."""
        wanted = {(line.sku, line.cents): line for line in lines}
        given = json.dumps([[line.sku, line.name, line.cents] for line in wanted.values()])
        done = self.run("python", "-m", "bench.replay.products", given=given)
        if done.returncode != 0:
            raise CannotReplay(f"The products could not be added:\n{done.stderr}")
        return dict(zip(wanted, json.loads(done.stdout), strict=True))

    def tamper(self) -> None:
        """Change the tables directly: a point more for one customer, a cent more spent by another."""
        statements = (
            "UPDATE loyalty_accounts SET points_balance = points_balance + 1"
            " WHERE id = (SELECT min(id) FROM loyalty_accounts)",
            "UPDATE customers SET total_spent_cents = total_spent_cents + 1 WHERE id = (SELECT max(id) FROM customers)",
        )
        for statement in statements:
            _execute(self._database_url, self.folder, statement)

    def engine(self) -> str:
        """Return name and version of the database."""
        if self._database_url:
            return f"PostgreSQL {_execute(self._database_url, self.folder, 'SHOW server_version')}"
        return f"SQLite {_execute(None, self.folder, 'SELECT sqlite_version()')}"

    def last_words(self) -> str:
        """Return the end of the server's output, without its access log."""
        self._log.flush()
        said = (self.folder / "server.log").read_text(errors="replace").splitlines()
        return "\n".join([line for line in said if '"status":' not in line][-30:])

    def _new_key(self, number: int) -> tuple[str, str]:
        said = self.flask("api-key", "create", f"Client {number}", "--rate", "10000")
        found = re.search(r"(ck_\w+).*?(cs_\w+)", said, re.DOTALL)
        if found is None:
            raise CannotReplay(f"api-key create printed no key:\n{said}")
        return found[1], found[2]

    def _start(self, program: str, *command: str) -> None:
        process = subprocess.Popen(
            [*_program(program), *command],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C is ours to pass on
            preexec_fn=_die_with_parent,
        )
        self._processes.append(process)

    def _wait_until_ready(self) -> None:
        gives_up_at = time.monotonic() + START_SECONDS
        while time.monotonic() < gives_up_at:
            if any(process.poll() is not None for process in self._processes):
                break
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.05)
            finally:
                connection.close()
        raise CannotReplay(f"The server did not start:\n{self.last_words()}")


def _program(name: str) -> list[str]:
    return [sys.executable] if name == "python" else [sys.executable, "-m", name]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _plain(url: str) -> str:
    return re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql://", url)


def _must_be_empty(url: str) -> None:
    try:
        tables = _execute(url, Path(), "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()")
    except psycopg.OperationalError as away:
        raise CannotReplay(f"The database cannot be reached: {away}") from None
    if tables:
        raise CannotReplay("The database has tables in it already. The replay needs an empty one of its own.")


def _execute(url: str | None, folder: Path, statement: str) -> Any:
    """Run one statement on the shop's database and return its first value, if any."""
    if url is None:
        import sqlite3

        base = sqlite3.connect(folder / "tuza.db")
        try:
            row = base.execute(statement).fetchone()
            base.commit()
        finally:
            base.close()
    else:
        with psycopg.connect(_plain(url)) as connection:
            cursor = connection.execute(statement)
            row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def _die_with_parent() -> None:
    """Make the kernel end this child when the replay is killed (Linux only)."""
    if os.uname().sysname == "Linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def settings_of(rules: ReplayRules) -> dict[str, str]:
    """Return the settings of the tested shop."""
    return {
        "loyalty_points_per_currency_unit": rules.points_per_currency_unit,
        "loyalty_points_per_currency_discount": rules.points_per_currency_discount,
        "loyalty_max_redeem_percent": rules.max_redeem_percent,
        "loyalty_award_trigger": "payment_paid",
        "loyalty_otp_ttl_minutes": "10",
        "loyalty_points_enabled": "true",
    }
