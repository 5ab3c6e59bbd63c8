"""Requests to the providers of messages."""

import http.client
import ssl
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from shop.services.messaging.channels.base import Unanswered, Unreachable

LARGEST = 65_536


def exchange(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: timedelta
) -> tuple[int, bytes]:
    """Return status and body of a response.

    Raises Unreachable if nothing was sent, Unanswered if the request was sent and there is no response.
    """
    place = urlsplit(url)
    connection = _connect(place.scheme, place.hostname or "", place.port, timeout)
    try:
        target = place.path + (f"?{place.query}" if place.query else "")
        connection.request(method, target, body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read(LARGEST)
    except (OSError, http.client.HTTPException) as broken:
        raise Unanswered(f"The provider did not answer ({type(broken).__name__}).") from None
    finally:
        connection.close()


def _connect(scheme: str, host: str, port: int | None, timeout: timedelta) -> http.client.HTTPConnection:
    connection: http.client.HTTPConnection
    if scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, port, timeout=timeout.total_seconds(), context=context)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=timeout.total_seconds())
    try:
        connection.connect()
    except OSError as broken:
        raise Unreachable(f"The provider cannot be reached ({type(broken).__name__}).") from None
    return connection
