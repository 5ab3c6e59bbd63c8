"""The Flask application class."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from shop.web.http.cookies import HostCookieSessions
from shop.web.json_api.requests import ExactJson


class LateRule(Rule):
    """A URL rule that compiles the functions that build its URL with the first URL: all 500 take half a second."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            built = Rule._compile_builder(self, append_unknown)
            setattr(rule, "_build_unknown" if append_unknown else "_build", built.__get__(rule))
            return built(rule, **values)

        return build


class TuzaFlask(Flask):
    """Flask that reads JSON fractions as exact decimals and keeps sessions in ``__Host-`` cookies."""

    url_rule_class = LateRule
    json_provider_class = ExactJson
    session_interface = HostCookieSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a view or hook unchanged: none is a coroutine, and checking would cost 30 µs a request."""
        return func
