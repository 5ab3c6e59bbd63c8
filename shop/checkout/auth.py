"""Who may be in which checkout: the shop is in the address, leave to go on is a token in a header; no cookies."""

from flask import Response, abort, g, render_template, request

from shop.checkout import blueprint
from shop.db.tenant import use_shop
from shop.services.checkout.sessions import OpenCheckout, get_checkout
from shop.services.errors import NotSignedIn, ShopError, TooOften
from shop.services.shops.settings import get_settings
from shop.services.shops.shops import get_shop
from shop.web.error_handlers import status_of
from shop.web.http.rate_limit import limit_address
from shop.web.i18n import use_customer_language

TOKEN_HEADER = "X-Tuza-Checkout"  # noqa: S105 (a header's name)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)


@blueprint.before_request
def admit() -> None:
    """Find the shop by its short name, count the request, and hold it to its own checkout."""
    values = request.view_args or {}
    token = request.headers.get(TOKEN_HEADER, "")
    if "checkout_id" in values and not token:
        raise NotSignedIn("This checkout has no token. Open it again.", code="checkout_token_missing")
    if "\0" in values["shop"]:
        abort(404)  # no database could look for it
    shop = get_shop(values["shop"])
    g.shop_id = shop.id
    use_shop(shop.id, settings_mark=shop.settings_mark)
    use_customer_language(get_settings().values["customer_language"])
    limit_address()
    if "checkout_id" in values:
        g.checkout = get_checkout(values["checkout_id"], token)
        g.checkout_token = token


def current_checkout() -> OpenCheckout:
    """The checkout that the request is for."""
    checkout: OpenCheckout = g.checkout
    return checkout


def current_token() -> str:
    """The token that the request came with."""
    token: str = g.checkout_token
    return token


@blueprint.after_request
def seal(response: Response) -> Response:
    """A page may be framed by the origins that ``g.ancestors`` names and no others; nothing is kept or indexed."""
    ancestors = " ".join(sorted(g.get("ancestors", ()))) or "'none'"
    response.headers["Content-Security-Policy"] = POLICY.format(ancestors=ancestors)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.errorhandler(ShopError)
def refuse(error: ShopError) -> Response:
    """A refusal that ends a checkout or keeps it from beginning: a page, or the sentence for the page that is open."""
    partly = "checkout_id" in (request.view_args or {})
    template = "checkout/_refused.html" if partly else "checkout/refused.html"
    response = Response(render_template(template, error=error), status_of(error))
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.retry_after)
    return response
