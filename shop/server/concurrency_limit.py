"""Limit how many requests a process works on at once (``docs/decisions/concurrency-limit.md``).

Python runs one thread at a time, and each statement lets another thread run: eight threads at work cost a request half
as much processor time again. So a request waits for a slot before its view runs, and releases the slot while it waits
for something slow: a body that is still being sent, a payment provider, a password hash, SQLite's write lock. A
streamed response needs no slot.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, Final

from shop.server.fifo_semaphore import FifoSemaphore

SMALL_BODY: Final = 64 * 1024
"""A body of up to this many bytes is read whole before a slot is taken."""

_held = threading.local()


def holds_slot() -> bool:
    """Return whether this thread works on a request that counts towards the limit."""
    return getattr(_held, "slots", None) is not None


@contextmanager
def released() -> Iterator[None]:
    """Release this thread's slot for the duration of the block. No-op if the thread holds none."""
    slots: FifoSemaphore | None = getattr(_held, "slots", None)
    if slots is None:
        yield
        return
    _held.slots = None
    slots.release()
    try:
        yield
    finally:
        slots.acquire()
        _held.slots = slots


@contextmanager
def slot_kept() -> Iterator[None]:
    """Make :func:`released` a no-op within the block, while other requests may be waiting for a lock of this one."""
    slots: FifoSemaphore | None = getattr(_held, "slots", None)
    _held.slots = None
    try:
        yield
    finally:
        _held.slots = slots


class ConcurrencyLimitMiddleware:
    """WSGI middleware that runs up to ``limit`` requests at once, each until its view returns."""

    def __init__(self, app: Callable[..., Iterable[bytes]], limit: int) -> None:
        self._app = app
        self._slots = FifoSemaphore(limit)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serve one request within the limit."""
        body = environ.get("wsgi.input")
        if "HTTP_TRANSFER_ENCODING" in environ or environ.get("CONTENT_LENGTH", "0") not in {"", "0"}:
            environ["wsgi.input"] = body = RequestBody(body)
            body.read_ahead(environ)
        self._slots.acquire()
        _held.slots = self._slots
        try:
            return self._app(environ, start_response)
        finally:
            _held.slots = None
            self._slots.release()


class RequestBody:
    """A request's body: a small one is read before the slot is taken, a large one in pieces with the slot released."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._error: Exception | None = None

    def read_ahead(self, environ: dict[str, Any]) -> None:
        """Read a small body completely. An error is raised by the first :meth:`read` instead."""
        length = environ.get("CONTENT_LENGTH", "")
        if "HTTP_TRANSFER_ENCODING" in environ or not (length.isdecimal() and int(length) <= SMALL_BODY):
            return
        try:
            self._stream = BytesIO(self._stream.read(int(length)))
        except Exception as error:  # each server has its own classes of errors
            self._error = error

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        if self._error is not None:
            raise self._error
        if isinstance(self._stream, BytesIO):
            return self._stream.read(size)
        with released():
            found: bytes = self._stream.read(size) if size >= 0 else self._stream.read()
        return found
