"""A cart in a URL: ``12:1,13.4:2`` is one of product 12, and two of variant 4 of product 13."""

import re

from pydantic import Field

from shop.schemas.shoppers.storefront import Cart
from shop.schemas.types import RequestModel
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.errors import InvalidInput
from shop.web.json_api.requests import read_part

LINE = re.compile(r"(?P<product_id>[0-9]{1,19})(?:\.(?P<variant_id>[0-9]{1,19}))?(?::(?P<quantity>[0-9]{1,9}))?")


class _Cart(RequestModel):
    items: Cart = Field()


def read_cart(text: str) -> list[CartLine]:
    """Return the lines of a cart; the default quantity is 1. Raise InvalidInput if it cannot be parsed."""
    found = [LINE.fullmatch(part.strip()) for part in text.split(",") if part.strip()]
    if not found:
        raise InvalidInput("The cart is empty.", code="cart_empty")
    if None in found:
        raise InvalidInput.of("items", "must look like 12:1,13.4:2 (product, variant after a dot, quantity)")
    items = [{name: int(part) for name, part in match.groupdict("").items() if part} for match in found if match]
    cart = read_part(_Cart, {"items": [{"quantity": 1} | item for item in items]})
    return [item.line() for item in cart.items]
