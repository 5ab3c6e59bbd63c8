"""A shopper in the embedded checkout over HTTP, without a browser."""

import html
import json
import re
from collections.abc import Callable
from typing import Any, Self

from flask.testing import FlaskClient

Send = Callable[..., tuple[int, str]]
FILLED_IN = {
    "name": "Wanjiku Kamau",
    "phone": "0712 000 118",
    "street": "Kirichwa Road, Flat B4",
    "city": "Nairobi",
    "payment": "cod",
}
NOSCRIPT = re.compile("<noscript>.*?</noscript>", re.DOTALL)
INPUT = re.compile(r"<input\b[^>]*>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


class CheckoutShopper:
    """Holds the form as the page does. ``page`` is the last response, ``status`` its status."""

    runs_scripts = True

    def __init__(self, send: Send, base: str, token: str, page: str, status: int = 200) -> None:
        self.send = send
        self.base = base
        self.token = token
        self.status = status
        self.form: dict[str, str] = {}
        self.read(page)

    @classmethod
    def open(cls, send: Send, address: str) -> Self:
        """Open a checkout at its URL; AssertionError if that fails."""
        status, page = send("GET", address)
        assert status == 200, page
        return cls(send, data_of(page, "base"), data_of(page, "token"), page)

    @classmethod
    def at(cls, client: FlaskClient, slug: str, items: str, **query: str) -> Self:
        """Open a checkout for a cart by a client of the application."""

        def send(method: str, path: str, **rest: Any) -> tuple[int, str]:
            answer = client.open(path, method=method, **rest)
            return answer.status_code, answer.get_data(as_text=True)

        more = "".join(f"&{name}={value}" for name, value in query.items())
        return cls.open(send, f"/checkout/{slug}?items={items}{more}")

    def read(self, page: str) -> None:
        """Take the fields of a response."""
        self.page = page
        for tag in INPUT.findall(NOSCRIPT.sub("", page) if self.runs_scripts else page):
            found = {name: html.unescape(value) for name, value in ATTRIBUTE.findall(tag)}
            if "name" in found and (found.get("type") != "radio" or " checked" in tag):
                self.form[found["name"]] = found.get("value", "")

    def step(self, what: str, /, *, token: str | None = None, **filled: Any) -> str:
        """Fill in some fields and take a step; return the response."""
        self.form |= {field: str(value) for field, value in filled.items()}
        headers = {"X-Tuza-Checkout": self.token if token is None else token}
        self.status, page = self.send("POST", f"{self.base}/{what}", data=self.form, headers=headers)
        self.read(page)
        return page

    def fill(self, email: str, **filled: Any) -> str:
        """Fill in contact and address."""
        return self.step("quote", email=email, **(FILLED_IN | filled))

    @property
    def order(self) -> dict[str, Any]:
        """The order that the embedding page receives."""
        found: dict[str, Any] = json.loads(html.unescape(data_of(self.page, "order")))
        return found

    def wrong(self) -> dict[str, str]:
        """Errors by field; ``problem`` for the whole form."""
        found = re.findall(r'id="([\w-]+?)(?:-wrong)?"[^>]*?>([^<>]*)</(?:span|p)>', self.page)
        return {name: html.unescape(words).strip() for name, words in found if words.strip() and name != "note"}


def data_of(page: str, name: str) -> str:
    """A data attribute of the page."""
    match = re.search(rf'data-{name}="([^"]*)"', page)
    assert match is not None, page
    return match[1]
