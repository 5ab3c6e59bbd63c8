"""The page of the checkout: opened with a cart in its address, embedded or by itself."""

from flask import g, render_template, request, url_for

from shop.checkout import blueprint
from shop.checkout.cart_link import read_cart
from shop.checkout.form import Form
from shop.checkout.view_model import screen
from shop.services.checkout.sessions import open_checkout
from shop.services.orders.quote import quote_order
from shop.services.shoppers.cart_reference import read_cart_reference
from shop.services.shops.settings import get_settings
from shop.web.request_context import client_address

THEMES = ("light", "dark")


@blueprint.get("/<string:shop>")
def checkout_show(shop: str) -> str:
    """The checkout for a cart: ``?items=12:1,13.4:2``, embedded with ``&origin=`` of the page around it.

    Each time that it is opened is a checkout of its own, with a token of its own.
    """
    origin = request.args.get("origin", "")
    cart = read_cart_reference(request.args.get("cart", ""))
    opened = open_checkout(read_cart(request.args.get("items", "")), origin, client_address(), cart_session_id=cart)
    if origin:
        g.ancestors = get_settings().allowed_origins
    form = Form(coupon_code=request.args.get("coupon", "").replace("\0", "")[:64])
    quote = quote_order(opened.checkout.lines, form.quote_request())
    theme = request.args.get("theme")
    return render_template(
        "checkout/page.html",
        base=url_for("checkout.checkout_show", shop=shop) + f"/{opened.checkout.id}",
        token=opened.token,
        origin=origin,
        slug=shop,
        theme=theme if theme in THEMES else None,
        **screen(quote, form),
    )
