"""Host names outside ASCII: stored in punycode, as they are called, and shown in Unicode."""

from urllib.parse import SplitResult, quote, urlsplit

import idna


def ascii_url(url: str) -> str:
    """Return a URL with its host in punycode and other characters outside ASCII percent-encoded.

    Raise ValueError if it is no URL or its host no name.
    """
    if url.isascii():
        return url
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host.isascii():
        parts = _with_host(parts, ascii_host(host))
    quoted = {name: quote(getattr(parts, name), safe="%/:=&?~#+!$,;'@()*[]") for name in ("path", "query", "fragment")}
    return parts._replace(**quoted).geturl()


def ascii_host(host: str) -> str:
    """Return a host name in punycode. Raise ValueError if it is no name."""
    return host if host.isascii() else idna.encode(host, uts46=True).decode()


def readable_url(url: str) -> str:
    """Return a stored URL with its host in Unicode: ``https://xn--dkka-0ra.ke/`` → ``https://dükka.ke/``."""
    parts = urlsplit(url)
    if "xn--" not in (parts.hostname or ""):
        return url
    return _with_host(parts, readable_host(parts.hostname or "")).geturl()


def readable_host(host: str) -> str:
    """Return a host in Unicode, or as it is if it is not valid punycode."""
    try:
        return idna.decode(host)
    except UnicodeError:
        return host


def _with_host(parts: SplitResult, host: str) -> SplitResult:
    login, at, _old = parts.netloc.rpartition("@")
    port = f":{parts.port}" if parts.port is not None else ""
    return parts._replace(netloc=f"{login}{at}{host}{port}")
