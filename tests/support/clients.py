"""Clients of the tests: a browser or storefront at a shop's host, and a program with an API key."""

import base64
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shop.web.json_api.openapi_parts import SHOPPER_COOKIE


class ShopClient(FlaskClient):
    """A client that sends its requests to one shop's host."""

    host = "localhost"

    @classmethod
    def at(cls, app: Flask, host: str) -> "ShopClient":
        """Return a client of an application for the shop of ``host``."""
        client = cls(app, app.response_class, use_cookies=True)
        client.host = host
        return client

    def carry(self, token: str) -> None:
        """Use the cookie of a shopper's session from here on."""
        self.set_cookie(SHOPPER_COOKIE, token, domain=self.host)

    @property
    def carried(self) -> str | None:
        """Return the token of the shopper's session in use."""
        cookie = self.get_cookie(SHOPPER_COOKIE, domain=self.host)
        return cookie.value if cookie else None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request."""
        if args and isinstance(args[0], str) and not args[0].startswith("http"):
            kwargs.setdefault("base_url", f"http://{self.host}")
        return super().open(*args, **kwargs)


class ApiCaller:
    """A program with an API key. Paths are those below ``/api/v1``: ``api.get("/customers")``."""

    def __init__(self, client: FlaskClient, key: str, secret: str) -> None:
        self.client = client
        self.key = key
        self.secret = secret

    @property
    def authorization(self) -> str:
        """Return the Authorization header."""
        return f"Basic {base64.b64encode(f'{self.key}:{self.secret}'.encode()).decode()}"

    def call(self, method: str, path: str, *, headers: dict[str, str] | None = None, **kwargs: Any) -> TestResponse:
        """Send a request with the key; ``json=`` is the body."""
        path = path if path.startswith("/api/") else f"/api/v1{path}"
        sent = {"Authorization": self.authorization} | (headers or {})
        return self.client.open(path, method=method, headers=sent, **kwargs)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """GET."""
        return self.call("GET", path, **kwargs)

    def post(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        """POST with a JSON body."""
        return self.call("POST", path, **_body(json, kwargs))

    def put(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        """PUT with a JSON body."""
        return self.call("PUT", path, **_body(json, kwargs))

    def patch(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        """PATCH with a JSON body."""
        return self.call("PATCH", path, **_body(json, kwargs))

    def delete(self, path: str, **kwargs: Any) -> TestResponse:
        """DELETE."""
        return self.call("DELETE", path, **kwargs)


def _body(json: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    return kwargs if json is None else kwargs | {"json": json}
