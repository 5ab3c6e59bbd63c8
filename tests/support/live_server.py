"""An application served over HTTP to a real browser, in this process.

Uses the standard library's server, because it closes the response even if the connection breaks. Werkzeug's reads again
after the response; if the browser has disconnected, that read raises before the response is closed, and the file stays
open until a later test fails with a ResourceWarning.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import WSGIApplication

POLL_SECONDS = 0.02


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each connection; closing it waits for all of them."""

    request_queue_size = 64  # many clients may connect at the same moment


class _Handler(WSGIRequestHandler):
    timeout = 5  # seconds that a browser may keep a connection open without asking for anything

    def handle(self) -> None:
        with suppress(ConnectionError, TimeoutError):
            super().handle()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serve(app: WSGIApplication, port: int = 0) -> Iterator[str]:
    """The application on a port of this machine, a free one unless given; the value is its address.

    Nothing runs any more afterwards.
    """
    with make_server("127.0.0.1", port, app, _Server, _Handler) as server:
        thread = Thread(target=server.serve_forever, args=[POLL_SECONDS])
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
