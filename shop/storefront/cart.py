"""The cart by the storefront door (``docs/contract/api.md``, section 6)."""

from shop.schemas.carts import CartAnswer, CartItemAnswer, CartQuantity, LeftBehind
from shop.schemas.envelope import Message
from shop.schemas.storefront import CartItem
from shop.services.shoppers import carts
from shop.services.shoppers.abandoned_carts import keep_abandoned_cart
from shop.storefront import blueprint
from shop.storefront.session import keep, policy, shopper
from shop.web.endpoint import endpoint
from shop.web.request_context import client_address

TAG = "Cart"
ID = "<id:item_id>"


@blueprint.get("/cart")
@endpoint(CartAnswer, tag=TAG)
def storefront_cart_show() -> CartAnswer:
    """Get the cart

    Of the session's guest or signed-in customer; empty without a session. Articles that are not for sale any more
    are left out.
    """
    return CartAnswer.of(carts.list_items(shopper()))


@blueprint.post("/cart")
@endpoint(CartItemAnswer, tag=TAG, body=CartItem, errors=[409])
def storefront_cart_add(body: CartItem) -> CartItemAnswer:
    """Put an article into the cart

    On top of what is there of it. Begins a guest's session when there is none. 409 past the stock.
    """
    item, token = carts.add_item(shopper(), body.line())
    if token is not None:
        keep(token)
    return CartItemAnswer.of(item)


@blueprint.delete("/cart")
@endpoint(Message, tag=TAG, errors=[403])
def storefront_cart_empty() -> Message:
    """Empty the cart"""
    carts.empty_cart(shopper())
    return Message(message="Cart emptied")


@blueprint.put(f"/cart/{ID}")
@endpoint(CartItemAnswer, tag=TAG, body=CartQuantity, errors=[404, 409])
def storefront_cart_change(item_id: int, body: CartQuantity) -> CartItemAnswer:
    """Change how many of an article are in the cart

    409 past the stock.
    """
    return CartItemAnswer.of(carts.set_quantity(shopper(), item_id, body.quantity))


@blueprint.delete(f"/cart/{ID}")
@endpoint(Message, tag=TAG, errors=[403, 404])
def storefront_cart_remove(item_id: int) -> Message:
    """Take an article out of the cart"""
    carts.remove_item(shopper(), item_id)
    return Message(message="Item removed")


@blueprint.post("/marketing/abandoned-carts")
@endpoint(Message, tag=TAG, body=LeftBehind, status=202)
def storefront_cart_left(body: LeftBehind) -> Message:
    """Tell of a cart that was left behind

    Kept for 90 days, the newest for an e-mail. 60 an hour from one address.
    """
    keep_abandoned_cart(
        [item.line() for item in body.items],
        email=body.email,
        phone=body.phone,
        total_cents=body.total,
        shopper=shopper(),
        address=client_address(),
        secret_key=policy().secret_key,
    )
    return Message(message="Cart kept")
