"""Addresses that webhooks may call: checked when they are saved, and again at the connection itself.

A name is resolved once for each connection, all its addresses are checked, and the socket is connected to one of them.
So a name cannot mean another address between the check and the connection (DNS rebinding).
"""

import ipaddress
import socket
import time
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from shop.domain.text.cleaning import INVISIBLE
from shop.domain.text.hosts import ascii_url
from shop.services.app_config import app_config
from shop.services.errors import InvalidInput

MAX_URL: Final = 2000
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC: Final = [
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # IETF protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "100.64.0.0/10",  # shared by carriers
        "64:ff9b::/96",  # NAT64; it and IPv4-mapped addresses are no global unicast either
        "2001::/23",  # Teredo and other protocol assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
]


class AddressRefused(Exception):
    """An address that is not public."""


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public internet and contains no other address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    is_special = any(ip.version == network.version and ip in network for network in _NOT_PUBLIC)
    is_unicast = ip.version == 4 or ip in _GLOBAL_UNICAST
    return is_unicast and ip.is_global and not (is_special or ip.is_multicast or ip.is_reserved)


def open_socket(host: str, port: int, deadline: int, *, allow_private: bool) -> socket.socket:
    """Connect to a host until a time of ``clock_ms``.

    Raise AddressRefused if one of its addresses is not public, OSError if none answers.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    for address in () if allow_private else addresses:
        if not is_public(address):
            raise AddressRefused(f"{host} is {address}, which is not a public address")
    error: OSError = OSError(f"{host} has no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), _left_ms(deadline) / 1000)
        except OSError as failed:
            error = failed
    raise error


def clock_ms() -> int:
    """Return the milliseconds of a clock that only moves forward."""
    return time.monotonic_ns() // 1_000_000


def _left_ms(deadline: int) -> int:
    left = deadline - clock_ms()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def clean_url(raw: str) -> str:
    """Return a URL that webhooks may call, in ASCII. Raise InvalidInput otherwise; names are resolved when called."""
    url, config = INVISIBLE.sub("", raw).strip(), app_config()
    with suppress(ValueError):
        url = ascii_url(url)
    schemes = {"https"} if config["TUZA_ENV"] == "production" else {"https", "http"}
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= MAX_URL
    host = _host(url, schemes) if is_plain else None
    if host is None:
        raise InvalidInput.of("url", "must be an address such as https://example.com/webhooks")
    if not config["WEBHOOK_ALLOW_PRIVATE"] and _is_private(host):
        raise InvalidInput.of("url", "must be a public address", code="address_not_public")
    return url


def _host(url: str, schemes: set[str]) -> str | None:
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return None
    is_usable = has_port and parts.scheme in schemes and not (parts.username or parts.password)
    return parts.hostname if is_usable else None


def _is_private(host: str) -> bool:
    name = host.rstrip(".")
    with suppress(OSError):  # 2130706433, 0x7f.1 and 127.1 are 127.0.0.1 to the resolver
        return not is_public(socket.inet_ntoa(socket.inet_aton(name)))
    with suppress(ValueError):
        return not is_public(name)
    return name == "localhost" or name.endswith(".localhost")
