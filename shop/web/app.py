"""What Flask and its extensions would do for every request, and need not here: it adds up to more than a statement."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin


class LeanSessions(SecureCookieSessionInterface):
    """Flask's own sessions; without a cookie to read or write they cost nothing."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session in the request's cookie, or an empty one."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session if there is anything to write."""
        if session or session.modified or session.accessed:
            super().save_session(app, session, response)


class House(Flask):
    """Flask whose views and hooks are plain functions: none is looked at for being a coroutine."""

    session_interface = LeanSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself."""
        return func
