"""Cookie names: with ``__Host-`` over https, so that no other host of the domain can set them."""

from flask import Flask, Request, Response, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature

from shop.web.http.vary import vary_on

PREFIX = "__Host-"


def cookie_name(name: str) -> str:
    """Return the name under which this installation sets a cookie."""
    return PREFIX + name if current_app.config["SESSION_COOKIE_SECURE"] else name


def read_cookie(name: str) -> str:
    """Return a cookie of the request, also one set by an earlier release without the prefix; "" without one."""
    return request.cookies.get(cookie_name(name)) or request.cookies.get(name, "")


class HostCookieSessions(SecureCookieSessionInterface):
    """Flask's sessions in a prefixed cookie. A session of an earlier release continues under the new name."""

    def get_cookie_name(self, app: Flask) -> str:
        """Return the name of the session's cookie."""
        name: str = app.config["SESSION_COOKIE_NAME"]
        return PREFIX + name if app.config["SESSION_COOKIE_SECURE"] else name

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the cookie. Without anything to store, Flask would still parse and write ``Vary`` again."""
        if session or session.modified:
            super().save_session(app, session, response)
        elif session.accessed:
            vary_on(response, "Cookie")

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of the request."""
        old = app.config["SESSION_COOKIE_NAME"]
        if self.get_cookie_name(app) in request.cookies:
            return super().open_session(app, request)
        if old not in request.cookies:
            return self.session_class()
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        try:
            found = serializer.loads(request.cookies[old], max_age=int(app.permanent_session_lifetime.total_seconds()))
        except BadSignature:
            return self.session_class()
        session = self.session_class(found)
        session.modified = True
        return session
