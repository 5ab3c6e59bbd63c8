"""How many requests a process works on at once: few, whatever the number of its threads.

Python runs one thread at a time. With eight at work each statement, which lets another thread run, costs a struggle
to come back, and a request half as much again of processor. So threads wait at the door for their turn, where waiting
costs nothing, and step outside while they wait for something slow: a body that is still being sent, a payment
provider, a password's hash, the turn to write on SQLite. An answer that is sent while it is made needs no turn.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, Final

from flask import Flask, has_app_context

from shop.db.session import IN_TRANSACTION, db

SMALL_BODY: Final = 64 * 1024
"""A body of so many bytes is taken whole before the turn is waited for."""

_inside = threading.local()


def init_app(app: Flask) -> None:
    """Let ``REQUESTS_AT_ONCE`` requests in; any number when it is 0."""
    if app.config["REQUESTS_AT_ONCE"] > 0:
        app.wsgi_app = Turnstile(app.wsgi_app, app.config["REQUESTS_AT_ONCE"])  # type: ignore[method-assign]


@contextmanager
def stepped_outside() -> Iterator[None]:
    """Within the block somebody else may have the turn of this thread; nothing happens in a thread that has none.

    Nor within a transaction that writes: those who have the turns may be waiting for its end.
    """
    turns: Turns | None = getattr(_inside, "turns", None)
    if turns is None or (has_app_context() and db.session().info.get(IN_TRANSACTION)):
        yield
        return
    _inside.turns = None
    turns.release()
    try:
        yield
    finally:
        turns.acquire()
        _inside.turns = turns


class Turns:
    """So many at once, the others in the order in which they came."""

    def __init__(self, at_once: int) -> None:
        self._guard = threading.Lock()
        self._free = at_once
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self) -> None:
        """Wait for a turn."""
        with self._guard:
            if self._free > 0:
                self._free -= 1
                return
            called = threading.Lock()
            called.acquire()
            self._waiting.append(called)
        called.acquire()

    def release(self) -> None:
        """Give the turn to who has waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


class Turnstile:
    """WSGI middleware that lets in so many requests at once, each for as long as its view works."""

    def __init__(self, app: Callable[..., Iterable[bytes]], at_once: int) -> None:
        self._app = app
        self._turns = Turns(at_once)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serve one request in its turn."""
        body = environ.get("wsgi.input")
        if "HTTP_TRANSFER_ENCODING" in environ or environ.get("CONTENT_LENGTH", "0") not in {"", "0"}:
            environ["wsgi.input"] = body = Body(body)
            body.take(environ)
        self._turns.acquire()
        _inside.turns = self._turns
        try:
            return self._app(environ, start_response)
        finally:
            _inside.turns = None
            self._turns.release()


class Body:
    """What a client sends. A small body is here before the turn; of a large one each piece is waited for outside."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._wrong: Exception | None = None

    def take(self, environ: dict[str, Any]) -> None:
        """Take a small body. What goes wrong is told to who reads, as if it had happened then."""
        length = environ.get("CONTENT_LENGTH", "")
        if "HTTP_TRANSFER_ENCODING" in environ or not (length.isdecimal() and int(length) <= SMALL_BODY):
            return
        try:
            self._stream = BytesIO(self._stream.read(int(length)))
        except Exception as wrong:  # each server has its own
            self._wrong = wrong

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        if self._wrong is not None:
            raise self._wrong
        if isinstance(self._stream, BytesIO):
            return self._stream.read(size)
        with stepped_outside():
            found: bytes = self._stream.read(size) if size >= 0 else self._stream.read()
        return found
