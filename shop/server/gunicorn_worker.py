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
from mmap import mmap
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
LEAVE_SECONDS = 0.02
"""So long a process leaves a new connection to one that holds fewer."""
LINGER_SECONDS = 1.0
"""So long we listen to the rest of a body that we refused, for else the refusal may be lost on its way."""


class Shares:
    """How many connections each process of a server holds, in memory that they share. Made before they are."""

    PLACES = 64
    NOBODY = 2**30

    def __init__(self) -> None:
        self._held = memoryview(mmap(-1, 4 * self.PLACES)).cast("i")
        for place in range(self.PLACES):
            self._held[place] = self.NOBODY

    def note(self, age: int, count: int) -> None:
        """The process that was the ``age``-th to be started holds so many."""
        self._held[age % self.PLACES] = count

    def forget(self, age: int) -> None:
        """It is gone."""
        self._held[age % self.PLACES] = self.NOBODY

    def least_beside(self, age: int) -> int:
        """How many that of the others holds that holds the least; more than anybody can when there is no other."""
        return min(count for place, count in enumerate(self._held) if place != age % self.PLACES)


shares = Shares()


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
    """Threads for requests that come, none for connections that are only held open.

    Connections stay open for many requests, and whichever process is quickest takes them: one may have all of them,
    and the others nothing to do. So a process that holds more than another leaves new ones to that, for a moment.
    """

    _left_at: float | None = None

    def init_process(self) -> None:
        """Begin to serve, with no connections yet."""
        shares.note(self.age, 0)
        super().init_process()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for what happens; not for long while new connections are left to others."""
        shares.note(self.age, self.nr_conns)
        super().wait_for_and_dispatch_events(timeout if self._accepting else min(timeout, LEAVE_SECONDS))

    def _leaves_it(self) -> bool:
        """Whether another process should take the next connection. When none has for a moment, this one does."""
        now = time.monotonic()
        if self.nr_conns > shares.least_beside(self.age):
            self._left_at = self._left_at or now
            if now - self._left_at < LEAVE_SECONDS:
                return True
        self._left_at = None
        return False

    def accept(self, listener: socket.socket) -> None:
        """Take a connection; it waits for its first byte in the loop, which costs no thread, and not for long."""
        if self._leaves_it():
            self.set_accept_enabled(False)  # the loop looks again with its next round
            return
        try:
            connection, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        shares.note(self.age, self.nr_conns)
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
