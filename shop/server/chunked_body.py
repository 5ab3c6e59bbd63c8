"""Bodies sent in chunks: what is no chunk counts as a body that broke off, which is the sender's doing and not ours."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask


class BrokenOff:
    """A server's stream of chunks. Whatever the server finds wrong with them is an OSError, as a lost connection is."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """The next bytes of the body."""
        try:
            found: bytes = self._stream.read(size) if size >= 0 else self._stream.read()
        except OSError:
            raise
        except Exception as wrong:  # each server has errors of its own for chunks it cannot read
            raise OSError("the body's chunks cannot be read") from wrong
        return found


def init_app(app: Flask) -> None:
    """Wrap the application."""
    inner: Callable[..., Iterable[bytes]] = app.wsgi_app

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = BrokenOff(environ["wsgi.input"])
        return inner(environ, start_response)

    app.wsgi_app = serve  # type: ignore[method-assign]
