"""gunicorn's worker with threads, and an end to its patience: who is too slow loses the connection, not we a thread.

gthread reads a request in one of its few threads for as long as the client likes: eight clients that send a byte every
few seconds would hold them all. Here a connection gets a thread when its request has begun to come, the request must
keep coming, and the answer must be taken.
"""

import errno
import socket
import time
from contextlib import suppress
from functools import partial
from select import POLLIN, poll
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

GRACE_SECONDS = 5.0
"""So long a request may be waited for in all, whatever its size."""
BYTES_A_SECOND = 8192
"""Beyond the grace a request must have come at least this fast: the slowest phone's connection does."""
TAKE_SECONDS = 30.0
"""So long each piece of an answer may take to be taken."""
MOMENT_MS = 2
"""So long a thread waits whether its connection goes on, while nobody else needs it."""
LINGER_SECONDS = 1.0
"""So long we listen to the rest of a body that we refused, for else the refusal may be lost on its way."""


class ImpatientSocket:
    """A connection that ends, as if the other side had gone, when it is too slow. All else is the socket's."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._is_over = False
        self.expect_request()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def expect_request(self) -> None:
        """From here on the next request is measured: the time spent waiting for it, not that spent working on it."""
        self._measured = True
        self._waited = 0.0
        self._received = 0

    def settimeout(self, seconds: float | None) -> None:
        """Somebody measures by himself from here on."""
        self._measured = False
        self._connection.settimeout(seconds)

    def setblocking(self, flag: bool) -> None:
        """Wait for the other side, but not for ever; or not at all."""
        self._connection.settimeout(TAKE_SECONDS if flag else 0)

    def recv(self, size: int, *flags: int) -> bytes:
        """What has come; nothing, as at the end of a connection, when it was too slow or is over."""
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

    def let_go(self, owed: int = 0) -> None:
        """The last answer is on its way: hear the rest of what is being sent, for a moment, unless it was too slow.

        ``owed`` are the bytes of a body that were announced and not read: so many are waited for; without, only what
        is there is heard. gunicorn would do so in the loop that all connections wait for, two seconds for each that
        is not closed.
        """
        if self._is_over:
            return
        self._is_over = True
        until = time.monotonic() + LINGER_SECONDS
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)
            self._connection.settimeout(LINGER_SECONDS if owed > 0 else 0)  # nothing there: nothing can be lost
            while (found := len(self._connection.recv(65536))) and (left := until - time.monotonic()) > 0:
                owed -= found
                self._connection.settimeout(left if owed > 0 else 0)


class ImpatientWorker(ThreadWorker):  # type: ignore[misc]
    """Threads for requests that come, none for connections that are only held open."""

    def accept(self, listener: socket.socket) -> None:
        """Take a connection; it waits for its first byte in the loop, which costs no thread, and not for long."""
        try:
            connection, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, connection, address, listener.getsockname())
        conn.timeout = time.monotonic() + GRACE_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(connection, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def handle(self, conn: Any) -> Any:
        """Serve one request of a connection, in one of the threads."""
        if not isinstance(conn.sock, ImpatientSocket):
            conn.sock = ImpatientSocket(conn.sock)
        conn.sock.expect_request()
        goes_on = super().handle(conn)
        while goes_on and self._goes_on_at_once(conn):
            conn.sock.expect_request()
            goes_on = super().handle(conn)
        if not goes_on:
            conn.sock.let_go(_owed(conn))
        return goes_on

    def _goes_on_at_once(self, conn: Any) -> bool:
        """Whether the connection's next request is here already, and no other connection waits for a thread.

        A busy client asks again within the moment; the way back to the loop and from there to a thread costs as much
        as a small answer.
        """
        if not self.alive or self.tpool._work_queue.qsize() or conn.parser is None or conn.is_http2:
            return False
        if conn.parser.unreader.buf.getvalue():
            return True
        coming = poll()
        coming.register(conn.sock.fileno(), POLLIN)
        return bool(coming.poll(MOMENT_MS))


def _owed(conn: Any) -> int:
    """How many bytes of the last request's body were announced and not read; 0 for one in chunks."""
    request = getattr(conn.parser, "mesg", None)
    reader = getattr(getattr(request, "body", None), "reader", None)
    return int(getattr(reader, "length", 0))
