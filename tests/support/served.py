"""A shop on a real server, seen by HTTP and in its tables."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.services.loyalty.ledger import find_balance
from tests import factories
from tests.support.clients import ApiCaller
from tests.support.server import Ask, Server


class ServedShop:
    """A shop on the server: requests to its host, and reads of its rows."""

    def __init__(self, server: Server) -> None:
        self.server = server
        with server.app.app_context():
            self.made = factories.make_shop()
            key = factories.make_api_key()
        self._basic = ApiCaller(server.app.test_client(), key.consumer_key, key.consumer_secret).authorization

    def inside(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a function in the shop, in this process."""
        with self.server.app.app_context():
            use_shop(self.made.id)
            return function(*args, **kwargs)

    def admin(self, method: str, path: str, body: Any = None, **headers: str) -> Ask:
        """Send a request with the shop's API key."""
        return Ask(method, f"/api/v1{path}", body, {"Authorization": self._basic, **self._named(headers)})

    def public(self, path: str, body: Any, *, address: str = "192.0.2.1", **headers: str) -> Ask:
        """Send a shopper's request, from an address forwarded by our proxy."""
        return Ask("POST", path, body, {"X-Forwarded-For": address, **self._named(headers)})

    def _named(self, headers: dict[str, str]) -> dict[str, str]:
        return {"Host": self.made.host, **{name.replace("_", "-"): text for name, text in headers.items()}}

    def at_once(self, asks: list[Ask]) -> list[Any]:
        """Send all requests at the same moment."""
        return self.server.at_once(asks)

    def count(self, model: Any, *conditions: Any) -> int:
        """Return how many rows the shop has."""
        return int(self.inside(lambda: db.session.scalars(select(func.count(model.id)).where(*conditions)).one()))

    def balance(self, customer: Any) -> int:
        """Return a customer's points."""
        return int(self.inside(find_balance, customer.id))
