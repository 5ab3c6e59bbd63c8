"""The WSGI middleware around the application, the outermost last."""

from ipaddress import ip_network

from flask import Flask

from shop.server.chunked_body import ChunkedBodyMiddleware
from shop.server.concurrency_limit import ConcurrencyLimitMiddleware
from shop.server.trusted_proxies import TrustedProxiesMiddleware


def init_app(app: Flask) -> None:
    """Wrap the application. ``REQUESTS_AT_ONCE`` of 0 sets no limit."""
    networks = [ip_network(part, strict=False) for part in app.config["TRUSTED_PROXIES"]]
    proxies = TrustedProxiesMiddleware(app.wsgi_app, networks, forwards_host=app.config["TRUST_FORWARDED_HOST"])
    serve = ChunkedBodyMiddleware(proxies)
    limit = app.config["REQUESTS_AT_ONCE"]
    app.wsgi_app = ConcurrencyLimitMiddleware(serve, limit) if limit > 0 else serve  # type: ignore[method-assign]
