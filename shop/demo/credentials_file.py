"""``demo.json``: the demo shop's address, sign-in and API keys; only its owner can read it."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any, Self, TypeVar

from shop.demo.load import COUPON, OWNER, STOREFRONT
from shop.domain.money import format_money
from shop.queries.customers.api_list import search_customers
from shop.services.catalogue.listed import list_products
from shop.services.catalogue.products.for_sale import current_price
from shop.services.shops.settings import get_settings
from shop.services.staff.api_keys import MAX_RATE, create_api_key

FILE = "demo.json"
PAGE = 100
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Key:
    """An API key with its secret."""

    consumer_key: str
    consumer_secret: str


@dataclass(frozen=True, slots=True)
class DemoCredentials:
    """The contents of ``demo.json``."""

    staff: dict[str, str]
    api_key: Key
    read_only_key: Key
    customers: list[dict[str, Any]]
    products: list[dict[str, Any]]
    coupon: str
    storefront_origin: str

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Return the contents of a folder's ``demo.json``; None if it is missing or invalid."""
        try:
            kept = json.loads((folder / FILE).read_text())
            kept |= {name: Key(**kept[name]) for name in ("api_key", "read_only_key")}
            return cls(**kept)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, folder: Path) -> None:
        """Write the file completely or not at all."""
        draft = folder / f"{FILE}.new"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(self), file, ensure_ascii=False, indent=2)
            file.write("\n")
        draft.replace(folder / FILE)


def create_credentials(owner_password: str) -> DemoCredentials:
    """Return credentials for the session's shop, with two new API keys that do not expire."""
    currency = get_settings().currency
    return DemoCredentials(
        staff={"email": OWNER, "password": owner_password},
        api_key=_new_key("Demo", may_write=True),
        read_only_key=_new_key("Demo, reads only", may_write=False),
        customers=[
            {"id": customer.id, "email": customer.email, "phone": customer.phone}
            for customer in _all(lambda page: search_customers(sort="created_at", page=page, limit=PAGE).customers)
        ],
        products=[
            {"id": product.id, "name": product.name, "price": format_money(current_price(product), currency)}
            for product in _all(lambda page: list_products(sort="-newest", page=page, limit=PAGE)[0])
        ],
        coupon=COUPON,
        storefront_origin=STOREFRONT,
    )


def _new_key(name: str, *, may_write: bool) -> Key:
    made = create_api_key(name, may_write=may_write, rate_limit_per_minute=MAX_RATE, life=None)
    return Key(made.consumer_key, made.consumer_secret)


def _all(page_of: Callable[[int], Sequence[Row]]) -> Iterator[Row]:
    for page in count(1):
        rows = page_of(page)
        yield from rows
        if len(rows) < PAGE:
            return
