"""A real server for tests: gunicorn with our settings, its processes and threads, on its own port."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any

from flask import Flask

from shop.config import ROOT
from tests.support.databases import TEST_CONFIG
from tests.support.postgres import die_with_parent

PROCESSES = 2
"""On PostgreSQL; SQLite has one web process, as everywhere."""
QUIET = {
    "TUZA_ENV": "production",
    "PUBLIC_URL": "https://shop.test",
    "TRUSTED_PROXIES": "127.0.0.1",
    "STOREFRONT_REQUESTS_PER_15_MINUTES": "1000000",
    "ORDERS_PER_ADDRESS_HOUR": "1000000",
}


@dataclass(frozen=True)
class Reply:
    """A response as received."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The error code."""
        return str(self.json["code"])


@dataclass(frozen=True)
class Ask:
    """A request to send."""

    method: str
    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Server:
    """A running server; :attr:`app` is an application of the test's own process on the same database."""

    def __init__(self, app: Flask, folder: str, **environment: str) -> None:
        self.app = app
        url = app.config["SQLALCHEMY_DATABASE_URI"]
        self._log = Path(folder) / "server.log"
        # The test owns the socket, so the port is free, and early connections wait instead of being refused.
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as gunicorn does with its own
        self.port = self._socket.getsockname()[1]
        with self._log.open("wb") as log:
            self._process = self._start(log, url, environment)

    def _start(self, log: IO[bytes], url: str, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"fd://{self._socket.fileno()}"],
            cwd=ROOT,
            env={
                "PATH": os.environ.get("PATH", ""),
                "SHOP_INSTANCE": self.app.config["SHOP_INSTANCE"],
                "DATABASE_URL": url.replace("+psycopg", ""),
                "SECRET_KEY": TEST_CONFIG["SECRET_KEY"],
                "WEB_CONCURRENCY": str(PROCESSES),
                **QUIET,
                **environment,
            },
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[self._socket.fileno()],
            preexec_fn=die_with_parent,
        )

    def ask(self, ask: Ask, *, before: Callable[[], Any] = lambda: None) -> Reply:
        """Send one request on its own connection, after ``before`` has returned."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.connect()
            before()
            sent = {"Connection": "close", **ask.headers}
            body = None
            if ask.body is not None:
                body = ask.body if isinstance(ask.body, bytes) else json.dumps(ask.body).encode()
                sent.setdefault("Content-Type", "application/json")
            with suppress(BrokenPipeError, ConnectionResetError):  # refused while still being sent: read the error
                connection.request(ask.method, ask.path, body, sent)
            answer = connection.getresponse()
            return Reply(answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def at_once(self, asks: Sequence[Ask]) -> list[Reply]:
        """Send all requests at the same moment, each on an open connection; return the responses in order."""
        barrier = threading.Barrier(len(asks))
        with ThreadPoolExecutor(len(asks)) as pool:
            return list(pool.map(lambda ask: self.ask(ask, before=lambda: barrier.wait(60)), asks))

    def log(self) -> str:
        """Return the server's log so far."""
        return self._log.read_text()

    def stop(self) -> None:
        """Stop it at once and wait for its end."""
        self._socket.close()
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
