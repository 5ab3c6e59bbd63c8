"""The cart (``docs/contract/api.md``, section 6)."""

from flask_babel import gettext

from shop.schemas.envelope import Message
from shop.schemas.shoppers.carts import CartItemResponse, CartQuantity, CartResponse, NewAbandonedCart
from shop.schemas.shoppers.storefront import NewCartItem
from shop.services.shoppers import carts
from shop.services.shoppers.abandoned_carts import CartLeft, keep_abandoned_cart
from shop.storefront import blueprint
from shop.storefront.session import account_config, current_shopper, set_session_cookie
from shop.web.json_api.endpoint import endpoint
from shop.web.request_context import client_address

TAG = "Cart"
ID = "<id:item_id>"


@blueprint.get("/cart")
@endpoint(CartResponse, tag=TAG)
def storefront_cart_show() -> CartResponse:
    """Get the cart

    The cart of the session's guest or signed-in customer; empty without a session. Products no longer for sale are
    left out.
    """
    return CartResponse.of(carts.list_items(current_shopper()))


@blueprint.post("/cart")
@endpoint(CartItemResponse, tag=TAG, body=NewCartItem, errors=[409])
def storefront_cart_add(body: NewCartItem) -> CartItemResponse:
    """Add an item to the cart

    Adds to the quantity already there. Starts a guest session if there is none. 409 if the stock is too low.
    """
    item, token = carts.add_item(current_shopper(), body.line())
    if token is not None:
        set_session_cookie(token)
    return CartItemResponse.of(item)


@blueprint.delete("/cart")
@endpoint(Message, tag=TAG, errors=[403])
def storefront_cart_empty() -> Message:
    """Empty the cart

    All its items are removed.
    """
    carts.empty_cart(current_shopper())
    return Message(message=gettext("Cart emptied"))


@blueprint.put(f"/cart/{ID}")
@endpoint(CartItemResponse, tag=TAG, body=CartQuantity, errors=[404, 409])
def storefront_cart_change(item_id: int, body: CartQuantity) -> CartItemResponse:
    """Change an item's quantity

    409 if the stock is too low.
    """
    return CartItemResponse.of(carts.set_quantity(current_shopper(), item_id, body.quantity))


@blueprint.delete(f"/cart/{ID}")
@endpoint(Message, tag=TAG, errors=[403, 404])
def storefront_cart_remove(item_id: int) -> Message:
    """Remove an item from the cart

    404 if the cart has no such item.
    """
    carts.remove_item(current_shopper(), item_id)
    return Message(message=gettext("Item removed"))


@blueprint.post("/marketing/abandoned-carts")
@endpoint(Message, tag=TAG, body=NewAbandonedCart, status=202)
def storefront_cart_left(body: NewAbandonedCart) -> Message:
    """Record an abandoned cart

    Kept for 90 days; only the newest of each e-mail. 60 an hour per address.
    """
    keep_abandoned_cart(
        CartLeft([item.line() for item in body.items], body.email, body.phone, body.total, body.reminder_consent),
        shopper=current_shopper(),
        address=client_address(),
        secret_key=account_config().secret_key,
    )
    return Message(message=gettext("Cart recorded"))
