"""The Flask application class."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from shop.web.http.cookies import HostCookieSessions
from shop.web.json_api.requests import ExactJson


class TuzaFlask(Flask):
    """Flask that reads JSON fractions as exact decimals and keeps sessions in ``__Host-`` cookies."""

    json_provider_class = ExactJson
    session_interface = HostCookieSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a view or hook unchanged: none is a coroutine, and checking would cost 30 µs a request."""
        return func
