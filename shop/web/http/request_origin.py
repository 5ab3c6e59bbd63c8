"""The origin of a request: protects forms and cookie sessions against other websites (CSRF)."""

from urllib.parse import urlsplit

from flask import request


def is_from_own_page(*, other_origin_allowed: bool = False) -> bool:
    """Return whether a request comes from a page of this host, or not from a web page.

    ``other_origin_allowed``: the shop allows the request's Origin.
    """
    origin = request.headers.get("Origin")
    if origin is not None:
        return other_origin_allowed or _is_own_host(origin)
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    referrer = request.headers.get("Referer")
    return referrer is None or _is_own_host(referrer)


def _is_own_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == request.host.lower()
