"""Request bodies with ``Transfer-Encoding: chunked``: malformed chunks count as a broken connection."""

from collections.abc import Callable, Iterable
from typing import Any


class ChunkedBodyErrors:
    """A body stream that raises OSError, as for a lost connection, for chunks that cannot be parsed."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes of the body."""
        try:
            found: bytes = self._stream.read(size) if size >= 0 else self._stream.read()
        except OSError:
            raise
        except Exception as error:  # each server has its own classes of errors for chunks
            raise OSError("the body's chunks cannot be read") from error
        return found


class ChunkedBodyMiddleware:
    """WSGI middleware that reads chunked bodies through :class:`ChunkedBodyErrors`."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serve one request."""
        if "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = ChunkedBodyErrors(environ["wsgi.input"])
        return self._app(environ, start_response)
