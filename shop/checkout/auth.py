"""Access to the checkout: the URL names the shop, a header or the form carries the checkout's token; no cookies."""

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
    """Load the shop by its slug, apply the rate limit, and load the checkout that the token belongs to."""
    values = request.view_args or {}
    token = request.headers.get(TOKEN_HEADER) or request.form.get("checkout_token", "")
    if "checkout_id" in values and not token:
        raise NotSignedIn("This checkout has no token. Open it again.", code="checkout_token_missing")
    if "\0" in values["shop"]:
        abort(404)  # neither database accepts NUL in a query
    shop = get_shop(values["shop"])
    g.shop_id = shop.id
    use_shop(shop.id, settings_mark=shop.settings_mark)
    use_customer_language(get_settings().values["customer_language"])
    limit_address()
    if "checkout_id" in values:
        g.checkout = get_checkout(values["checkout_id"], token)
        g.checkout_token = token


def current_checkout() -> OpenCheckout:
    """Return the checkout of the request."""
    checkout: OpenCheckout = g.checkout
    return checkout


def current_token() -> str:
    """Return the checkout's token of the request."""
    token: str = g.checkout_token
    return token


def sends_pages() -> bool:
    """Return whether the browser runs no scripts: it has sent the page's form, and gets a page instead of its parts."""
    return TOKEN_HEADER not in request.headers


@blueprint.after_request
def seal(response: Response) -> Response:
    """Allow framing by the origins in ``g.ancestors`` alone; forbid caching and indexing."""
    ancestors = " ".join(sorted(g.get("ancestors", ()))) or "'none'"
    response.headers["Content-Security-Policy"] = POLICY.format(ancestors=ancestors)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.errorhandler(ShopError)
def refuse(error: ShopError) -> Response:
    """Return the error as a page, or as a fragment for a checkout that is open already."""
    partly = "checkout_id" in (request.view_args or {}) and not sends_pages()
    template = "checkout/_refused.html" if partly else "checkout/refused.html"
    response = Response(render_template(template, error=error), status_of(error))
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.retry_after)
    return response
