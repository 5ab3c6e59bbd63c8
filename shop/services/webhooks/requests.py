"""One POST of a webhook: to a checked address, within a time limit, without following redirects."""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from shop.services.webhooks.addresses import AddressRefused, clock_ms, open_socket

TIMEOUT_MS: Final = 15_000
"""For the whole request, its response included."""
MAX_RESPONSE: Final = 65_536
"""Characters kept of a response."""
TIMED_OUT: Final = "Timed out"


@dataclass(frozen=True, slots=True)
class WebhookResponse:
    """The outcome of a request: status, headers and body in ``text``; without a response, the reason.

    ``status_code`` is None without a response. ``retry_after`` is the header as it was sent.
    """

    status_code: int | None
    text: str
    duration_ms: int
    retry_after: str | None = None


class _Connection(http.client.HTTPConnection):
    """A connection to a checked address, with TLS if there is a context, for a limited time in all."""

    def __init__(self, parts: SplitResult, deadline: int, *, allow_private: bool) -> None:
        self.tls = ssl.create_default_context() if parts.scheme == "https" else None
        self.default_port = 443 if self.tls else 80  # left out of the Host header
        super().__init__(parts.hostname or "", parts.port or self.default_port)
        self.deadline, self.allow_private, self.aborted = deadline, allow_private, False

    def connect(self) -> None:
        """Open the socket. Raise AddressRefused, OSError."""
        self.sock = open_socket(self.host, self.port, self.deadline, allow_private=self.allow_private)
        if self.tls is not None:  # the handshake is apart, so that it can be aborted
            self.sock = self.tls.wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock.do_handshake()
        if self.aborted:
            raise TimeoutError("timed out")

    def abort(self) -> None:
        """End a request that takes too long, from another thread."""
        self.aborted = True
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def post(
    url: str, headers: Mapping[str, str], body: bytes, *, allow_private: bool, timeout_ms: int = TIMEOUT_MS
) -> WebhookResponse:
    """POST a body and return the response. Raises nothing."""
    started = clock_ms()
    connection = _Connection(urlsplit(url), started + timeout_ms, allow_private=allow_private)
    timer = threading.Timer(timeout_ms / 1000, connection.abort)
    timer.daemon = True
    timer.start()
    try:
        status, text, retry_after = _exchange(connection, url, headers, body)
        if not connection.aborted:
            return WebhookResponse(status, text, clock_ms() - started, retry_after)
        return WebhookResponse(None, TIMED_OUT, clock_ms() - started)
    except (OSError, http.client.HTTPException, AddressRefused, ValueError) as error:
        late = connection.aborted or isinstance(error, TimeoutError)
        return WebhookResponse(None, TIMED_OUT if late else _reason(error), clock_ms() - started)
    finally:
        timer.cancel()
        connection.close()


def _exchange(
    connection: _Connection, url: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, str, str | None]:
    connection.request("POST", target_of(url), body, dict(headers))
    response = connection.getresponse()
    content = response.read(MAX_RESPONSE).decode("utf-8", "replace")
    lines = [f"HTTP/1.1 {response.status} {response.reason}", *(f"{name}: {v}" for name, v in response.getheaders())]
    text = "\n".join([*lines, "", content])[:MAX_RESPONSE]
    return response.status, text.replace("\0", "\N{REPLACEMENT CHARACTER}"), response.getheader("Retry-After")


def target_of(url: str) -> str:
    """Return the path and query of a URL, as the request line has them."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _reason(error: Exception) -> str:
    if isinstance(error, AddressRefused):
        return str(error)
    return f"{type(error).__name__}: {error}"[:500].replace("\0", "")
