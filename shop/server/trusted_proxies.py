"""The client's address, scheme and host: ``X-Forwarded-*`` headers are used only from a configured proxy."""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


class TrustedProxiesMiddleware:
    """WSGI middleware that uses the forwarded address and scheme if the peer is a trusted proxy.

    With ``forwards_host`` its ``X-Forwarded-Host`` is used too: a proxy that does not set it passes on the client's
    own. The address is the right-most one that is not itself a trusted proxy. From any other peer the headers are
    dropped.
    """

    def __init__(self, app: Callable[..., Any], networks: list[Network], *, forwards_host: bool = False) -> None:
        self._app = app
        self._networks = networks
        self._forwards_host = forwards_host

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        if self._trusted(environ.get("REMOTE_ADDR", "")):
            self._apply(environ)
        for name in FORWARDED:
            environ.pop(name, None)
        result: Iterable[bytes] = self._app(environ, start_response)
        return result

    def _apply(self, environ: dict[str, Any]) -> None:
        hops = [hop.strip() for hop in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        for hop in reversed(hops):
            if not self._is_address(hop):
                break
            environ["REMOTE_ADDR"] = hop
            if not self._trusted(hop):
                break
        proto = environ.get("HTTP_X_FORWARDED_PROTO", "").split(",")[-1].strip()
        if proto in {"http", "https"}:
            environ["wsgi.url_scheme"] = proto
        host = environ.get("HTTP_X_FORWARDED_HOST", "").split(",")[-1].strip()
        if host and self._forwards_host:
            environ["HTTP_HOST"] = host

    def _trusted(self, address: str) -> bool:
        if not self._networks or not self._is_address(address):
            return False
        ip = ipaddress.ip_address(address)
        return any(ip in network for network in self._networks)

    @staticmethod
    def _is_address(text: str) -> bool:
        try:
            ipaddress.ip_address(text)
        except ValueError:
            return False
        return True
