"""A sandbox shop as a program meets it: by its API, and by what happened in it, in order."""

from collections.abc import Sequence
from typing import Any

from flask import Flask

from shop.db.tenant import in_shop
from shop.services.sandbox.shops import create_sandbox
from shop.services.shops.shops import get_shop
from tests import factories
from tests.support.clients import ApiCaller
from tests.support.contract import CheckedClient

PUBLIC = "/api/v1/storefront"


class SandboxCaller(ApiCaller):
    """A program with a test key, and a storefront of the same sandbox."""

    last_sequence = 0
    """Of the events that :meth:`assert_events` has seen."""

    @classmethod
    def made(cls, app: Flask, **settings: str) -> "SandboxCaller":
        """Create a sandbox of a new live shop with some settings and a payment deadline of 30 minutes for M-Pesa."""
        with app.app_context():
            live = factories.make_shop(**settings)
            host = f"{live.slug}-try.example.test"
            made = create_sandbox(get_shop(live.slug), hosts=[host])
            with in_shop(made.id):
                factories.make_payment("mpesa", "M-Pesa", time_limit_minutes=30)
                factories.make_product("Maziwa", 100_000)
                key = factories.make_api_key()
        return cls(CheckedClient.at(app, host), key.consumer_key, key.consumer_secret)

    def data(self, method: str, path: str, body: Any = None, status: int = 200, **kwargs: Any) -> Any:
        """Call and return ``data``; AssertionError for another status."""
        answer = self.call(method, path, **(kwargs if body is None else kwargs | {"json": body}))
        assert answer.status_code == status, answer.text
        return answer.json.get("data")

    def order(self, email: str, status: int = 201, **rest: Any) -> Any:
        """Place an order at the storefront; the answer's data, or what refuses it."""
        product = self.data("GET", f"{PUBLIC}/products")["products"][0]["id"]
        body = {"customer": {"email": email}, "items": [{"product_id": product, "quantity": 1}]}
        answer = self.client.post(f"{PUBLIC}/checkout/create-order", json=body | {"payment_method": "mpesa"} | rest)
        assert answer.status_code == status, answer.text
        return answer.json["data"] if status == 201 else answer.json["code"]

    def advance(self, duration: str) -> list[str]:
        """Move the clock; what was done on the way, in order, each ``2026-03-01 payments``."""
        clock = self.data("POST", "/sandbox/clock", {"advance": duration})["clock"]
        assert [one["at"] for one in clock["happened"]] == sorted(one["at"] for one in clock["happened"])
        return [f"{one['at'][:10]} {one['work']}" for one in clock["happened"]]

    def now(self) -> str:
        """Return the time of the sandbox."""
        return str(self.data("GET", "/sandbox/clock")["clock"]["now"])

    def messages(self, recipient: str = "") -> list[Any]:
        """The messages so far, the oldest first."""
        found = self.data("GET", f"/sandbox/messages?limit=200&recipient={recipient}")["messages"]
        return list(reversed(found))

    def assert_messages(self, recipient: str, kinds: Sequence[str]) -> None:
        """Assert that a recipient got messages of these kinds in this order, at ascending times."""
        found = self.messages(recipient)
        came = [one["kind"] for one in found]
        assert came == list(kinds), came
        assert [one["sent_at"] for one in found] == sorted(one["sent_at"] for one in found)
        assert all(one["subject"].startswith("[Sandbox] ") for one in found)

    def events(self) -> list[Any]:
        """The events that follow those seen before, all pages of them."""
        found: list[Any] = []
        more = True
        while more:
            page = self.data("GET", f"/events?after={self.last_sequence}&limit=100")
            found += page["events"]
            self.last_sequence = max([self.last_sequence, *(one["sequence"] for one in page["events"])])
            more = page["has_more"]
        return found

    def assert_events(self, types: Sequence[str]) -> None:
        """AssertionError unless events of exactly these types followed those seen before, in this order.

        They are numbered without a gap, at times that do not go back.
        """
        before = self.last_sequence
        found = self.events()
        assert [one["sequence"] for one in found] == list(range(before + 1, self.last_sequence + 1))
        assert [one["timestamp"] for one in found] == sorted(one["timestamp"] for one in found)
        happened = [one["type"] for one in found]
        assert happened == list(types), happened

    def entries(self, customer_id: int) -> list[tuple[str, int]]:
        """The customer's ledger, the oldest first; AssertionError unless it adds up to the balance."""
        standing = self.data("GET", f"/customers/{customer_id}/loyalty")
        found = [(entry["type"], entry["points"]) for entry in reversed(standing["ledger"])]
        assert sum(points for _, points in found) == standing["points_balance"]
        return found
