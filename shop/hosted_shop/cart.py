"""The cart of the hosted shop, and its link to the checkout."""

from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import g, redirect, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from shop.domain.loyalty.points import points_earned
from shop.hosted_shop import blueprint
from shop.hosted_shop.requests import current_shopper, render, set_session
from shop.schemas.types import RequestModel
from shop.services.catalogue.products.for_sale import CartLine, current_price
from shop.services.shoppers import carts
from shop.services.shoppers.cart_reference import sign_cart
from shop.services.shops.settings import get_settings
from shop.web.json_api.requests import read_part

FormId = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""A database id as forms send it, in digits."""


class CartForm(RequestModel):
    """The form beside a product."""

    product_id: FormId
    variant_id: FormId | None = None
    quantity: Annotated[int, Field(ge=1, le=100_000)] = 1


class QuantityForm(RequestModel):
    """The new quantity of a line; 0 removes it."""

    quantity: Annotated[int, Field(ge=0, le=100_000)]


@blueprint.get("/cart")
def cart_show() -> str:
    """Show the cart with its total and the points that it earns."""
    items = carts.list_items(current_shopper())
    subtotal = carts.add_up(items)
    rules = get_settings().rules
    return render(
        "cart.html",
        items=items,
        prices={item.id: current_price(item.product, item.variant) for item in items},
        subtotal=subtotal,
        earns=points_earned(subtotal, rules) if rules.enabled else 0,
        checkout=_checkout_address(carts.write_cart(items)) if items else None,
    )


def _checkout_address(items: str) -> str:
    shopper = current_shopper()
    assert shopper is not None, "only a session has a cart"
    return url_for("checkout.checkout_show", shop=g.slug, items=items, cart=sign_cart(shopper))


@blueprint.post("/cart")
def cart_add() -> Response:
    """Add a product to the cart and return to the page."""
    form = read_part(CartForm, _filled())
    item, token = carts.add_item(current_shopper(), CartLine(form.product_id, form.quantity, form.variant_id))
    if token is not None:
        set_session(token)
    return redirect(_back(item.id))


@blueprint.post("/cart/<id:item_id>")
def cart_change(item_id: int) -> Response:
    """Change the quantity of a line."""
    quantity = read_part(QuantityForm, _filled()).quantity
    if quantity:
        carts.set_quantity(current_shopper(), item_id, quantity)
    else:
        carts.remove_item(current_shopper(), item_id)
    return redirect(url_for("hosted_shop.cart_show"))


def _filled() -> dict[str, str]:
    names = ("product_id", "variant_id", "quantity")
    return {name: request.form[name].strip() for name in names if request.form.get(name, "").strip()}


def _back(added: int) -> str:
    """Redirect to the page named by the form, if it belongs to this shop, with a confirmation."""
    home = url_for("hosted_shop.catalogue")
    asked = request.form.get("back", "")
    safe = asked.startswith(home) and "//" not in asked and "\\" not in asked and asked.isprintable()
    parts = urlsplit(asked if safe else home)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "added"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("added", added)]), fragment=""))
