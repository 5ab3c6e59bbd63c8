"""gunicorn's gthread worker with deadlines for slow clients (``docs/decisions/slow-clients.md``).

gthread reads a request in one of its few threads for as long as the client likes: eight clients that send a byte every
few seconds would hold them all. Here a connection gets a thread when the first byte of its request has arrived, the
request must keep arriving, and the client must read the response.
"""

import errno
import json
import secrets
import socket
import time
from collections import deque
from contextlib import suppress
from functools import partial
from select import POLLIN, poll
from selectors import EVENT_READ
from typing import Any

from gunicorn.http.errors import (
    InvalidHeader,
    InvalidHeaderName,
    InvalidHTTPVersion,
    InvalidRequestLine,
    InvalidRequestMethod,
    LimitRequestHeaders,
    LimitRequestLine,
)
from gunicorn.workers.gthread import TConn, ThreadWorker

from shop.server.connection_balance import connection_counts

GRACE_SECONDS = 5.0
"""How long to wait for a request in all, whatever its size."""
BYTES_A_SECOND = 8192
"""The minimum speed of a request after the grace period; the slowest phone connection reaches it."""
TAKE_SECONDS = 30.0
"""How long the client may take to read each piece of a response."""
MOMENT_MS = 2
"""How long an idle thread waits for the next request on its connection."""
LEAVE_SECONDS = 0.02
"""How long a process leaves a new connection to one with fewer connections."""
LINGER_SECONDS = 1.0
"""How long to read the rest of a refused body; closing earlier may lose the response in transit."""

UNREADABLE = (400, "Bad Request", "bad_request", "The request can't be read.")
REFUSED: dict[type[Exception], tuple[int, str, str, str]] = {
    LimitRequestLine: (414, "URI Too Long", "uri_too_long", "The address is too long."),
    LimitRequestHeaders: (431, "Request Header Fields Too Large", "headers_too_large", "The headers are too large."),
    InvalidHeader: UNREADABLE,
    InvalidHeaderName: UNREADABLE,
    InvalidHTTPVersion: UNREADABLE,
    InvalidRequestLine: UNREADABLE,
    InvalidRequestMethod: UNREADABLE,
}
"""Status, reason, code and message of requests that never reach the application."""


class DeadlineSocket:
    """A socket that reports the end of the connection if the client is too slow."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._is_over = False
        self.start_request()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def start_request(self) -> None:
        """Start measuring the next request: time waiting for the client counts, time in the view does not."""
        self._measured = True
        self._waited = 0.0
        self._received = 0

    def settimeout(self, seconds: float | None) -> None:
        """Set the caller's timeout and stop measuring."""
        self._measured = False
        self._connection.settimeout(seconds)

    def setblocking(self, flag: bool) -> None:
        """Wait for the client up to :data:`TAKE_SECONDS`, or do not wait."""
        self._connection.settimeout(TAKE_SECONDS if flag else 0)

    def recv(self, size: int, *flags: int) -> bytes:
        """Return the received bytes; none, as at the end of a connection, if the client was too slow."""
        if self._is_over:
            return b""
        if not self._measured:
            return self._connection.recv(size, *flags)
        left = GRACE_SECONDS + self._received / BYTES_A_SECOND - self._waited
        if left <= 0:
            self._is_over = True
            return b""
        began = time.monotonic()
        self._connection.settimeout(left)
        try:
            found = self._connection.recv(size, *flags)
        except TimeoutError:
            self._is_over = True
            found = b""
        self._connection.settimeout(TAKE_SECONDS)
        self._waited += time.monotonic() - began
        self._received += len(found)
        return found

    def drain(self, owed: int = 0) -> None:
        """Read the rest of what the client sends after the last response, briefly, unless it was too slow.

        ``owed`` is the number of announced bytes of a body that were not read: these are waited for; with 0 only
        received bytes are read. gunicorn would do this in the event loop, two seconds for each connection.
        """
        if self._is_over:
            return
        self._is_over = True
        until = time.monotonic() + LINGER_SECONDS
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)
            self._connection.settimeout(LINGER_SECONDS if owed > 0 else 0)  # nothing received: nothing can be lost
            while (found := len(self._connection.recv(65536))) and (left := until - time.monotonic()) > 0:
                owed -= found
                self._connection.settimeout(left if owed > 0 else 0)


class SlowClientGuardWorker(ThreadWorker):  # type: ignore[misc]
    """A worker that gives threads to requests that arrive, none to idle connections.

    Connections are kept alive for many requests, and the fastest process accepts them: it may hold all while the others
    are idle. So a process with more connections than another waits a moment before it accepts new ones.
    """

    _left_at: float | None = None

    def init_process(self) -> None:
        """Start serving without connections."""
        connection_counts.note(self.age, 0)
        self._queued: deque[Any] = deque()  # connections that wait for a thread; its ends are thread-safe
        super().init_process()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for events, briefly while new connections are left to other processes."""
        connection_counts.note(self.age, self.nr_conns)
        super().wait_for_and_dispatch_events(timeout if self._accepting else min(timeout, LEAVE_SECONDS))

    def _leave_to_others(self) -> bool:
        """Return whether another process should accept the next connection; this one does if none has in time."""
        now = time.monotonic()
        if self.nr_conns > connection_counts.lowest_of_others(self.age):
            self._left_at = self._left_at or now
            if now - self._left_at < LEAVE_SECONDS:
                return True
        self._left_at = None
        return False

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection; the loop waits for its first byte, without a thread and for a limited time."""
        if self._leave_to_others():
            self.set_accept_enabled(False)  # the loop tries again in its next iteration
            return
        try:
            connection, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        connection_counts.note(self.age, self.nr_conns)
        conn = TConn(self.cfg, connection, address, listener.getsockname())
        conn.timeout = time.monotonic() + GRACE_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(connection, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def enqueue_req(self, conn: Any) -> None:
        """Serve the connection in a thread."""
        self._queued.append(conn)
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """Serve one request of a connection."""
        self._queued.popleft()
        if not isinstance(conn.sock, DeadlineSocket):
            conn.sock = DeadlineSocket(conn.sock)
        conn.sock.start_request()
        goes_on = super().handle(conn)
        while goes_on and self._next_request_is_here(conn):
            conn.sock.start_request()
            goes_on = super().handle(conn)
        if not goes_on:
            conn.sock.drain(_owed(conn))
        return goes_on

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer a request that cannot be read in the API's envelope; gunicorn handles all other errors."""
        if type(exc) not in REFUSED:
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("Invalid request from ip=%s: %s", (addr or ("",))[0], exc)
        with suppress(OSError):
            client.sendall(_refusal(*REFUSED[type(exc)]))

    def _next_request_is_here(self, conn: Any) -> bool:
        """Return whether the connection's next request has arrived and no other connection waits for a thread.

        A busy client sends the next one within milliseconds; returning to the loop and to a thread costs as much as a
        small response.
        """
        if not self.alive or self._queued or conn.parser is None or conn.is_http2:
            return False
        if conn.parser.unreader.buf.getvalue():
            return True
        coming = poll()
        coming.register(conn.sock.fileno(), POLLIN)
        return bool(coming.poll(MOMENT_MS))


def _refusal(status: int, reason: str, code: str, message: str) -> bytes:
    body = json.dumps({"status": "error", "message": message, "code": code})
    headers = [
        f"HTTP/1.1 {status} {reason}",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"X-Request-Id: {secrets.token_hex(8)}",
    ]
    return ("\r\n".join([*headers, "", body])).encode()


def _owed(conn: Any) -> int:
    """Return how many announced bytes of the last request's body were not read; 0 for a chunked one."""
    request = getattr(conn.parser, "mesg", None)
    reader = getattr(getattr(request, "body", None), "reader", None)
    return int(getattr(reader, "length", 0))
