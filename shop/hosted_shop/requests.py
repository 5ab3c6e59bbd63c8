"""Tenant, session and rate limits of a request to the hosted shop."""

from typing import Any

from flask import Response, abort, current_app, g, render_template, request

from shop.db.tenant import use_shop
from shop.hosted_shop import blueprint
from shop.services.actors import Shopper
from shop.services.errors import InvalidInput, NotAllowed, ShopError, TooOften
from shop.services.shoppers.carts import count_pieces, find_item
from shop.services.shoppers.sessions import SESSION_LIFE, find_shopper
from shop.services.shops.settings import get_settings
from shop.services.shops.shops import get_shop
from shop.web.error_handlers import status_of
from shop.web.http.cookies import cookie_name
from shop.web.http.rate_limit import limit_address
from shop.web.http.request_origin import is_from_own_page
from shop.web.http.security_headers import PAGE_POLICY
from shop.web.i18n import translate, use_customer_language

READS = {"GET", "HEAD", "OPTIONS"}
POLICY = PAGE_POLICY.replace("img-src 'self'", "img-src 'self' https:")
"""Pictures of products may be on other hosts."""
MAX_TOKEN = 100
"""The maximum length of a session token."""


@blueprint.url_value_preprocessor
def take_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Take the shop's slug out of the view arguments and keep it for links."""
    g.slug = (values or {}).pop("shop", "")


@blueprint.url_defaults
def add_slug(_endpoint: str, values: dict[str, Any]) -> None:
    """Add the request's shop to links between its pages."""
    if "slug" in g:
        values.setdefault("shop", g.slug)


@blueprint.before_request
def prepare_request() -> None:
    """Set the tenant from the URL, apply the rate limit, load the session, reject forms of other origins."""
    if "\0" in g.slug:
        abort(404)  # neither database accepts NUL in a query
    shop = get_shop(g.slug)
    g.shop_id = shop.id
    use_shop(shop.id, settings_mark=shop.settings_mark)
    settings = get_settings()
    use_customer_language(settings.values["customer_language"])
    if settings.values["hosted_shop_enabled"] != "true":
        abort(404)
    limit_address()
    token = request.cookies.get(_cookie(), "")
    fits = 0 < len(token) <= MAX_TOKEN and token.isascii() and token.isprintable()
    g.shopper = find_shopper(token) if fits else None
    if request.method not in READS and not is_from_own_page():
        raise NotAllowed("This form was sent from another website. Open the shop and try again.", code="origin")


def current_shopper() -> Shopper | None:
    """Return the session's shopper; None without a session."""
    found: Shopper | None = g.get("shopper")
    return found


def set_session(token: str | None) -> None:
    """Set the session cookie of the response; None deletes it."""
    g.session_token = token


def render(template: str, **values: Any) -> str:
    """Render a page with what every page of the shop shows."""
    settings = get_settings()
    shopper, added = current_shopper(), request.args.get("added", "")
    common = {
        "shop": settings,
        "slug": g.slug,
        "signed_in": shopper is not None and shopper.customer_id is not None,
        "pieces": count_pieces(shopper),
        "added": find_item(shopper, int(added[:18])) if added.isdecimal() else None,
    }
    return render_template(f"hosted_shop/{template}", **common | values)


@blueprint.after_request
def finish_response(response: Response) -> Response:
    """Set the session cookie, limited to this shop's path, and forbid caching by others."""
    response.headers.setdefault("Cache-Control", "no-store" if g.get("shopper") else "private, no-cache")
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = POLICY
    if "session_token" in g:
        flags = {"secure": current_app.config["SESSION_COOKIE_SECURE"], "httponly": True, "samesite": "Lax"}
        if g.session_token is None:
            response.delete_cookie(_cookie(), **flags)
        else:
            response.set_cookie(_cookie(), g.session_token, max_age=SESSION_LIFE, **flags)
    return response


def _cookie() -> str:
    return cookie_name(f"tuza_shop_{g.shop_id}")


@blueprint.errorhandler(ShopError)
def refuse(error: ShopError) -> Response:
    """Show an error page; views handle the errors that belong to a form's field."""
    g.refusal = error.code
    page = render("refused.html", error=error, words=_sentence(error)) if "shop_id" in g else None
    status = status_of(error)
    response = Response(page or render_template("errors/error.html", status=status, message=_sentence(error)), status)
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _sentence(error: ShopError) -> str:
    """Return the message in the customer's language; for an invalid form, that of its first field."""
    message: str = error.message
    if isinstance(error, InvalidInput) and error.errors and error.errors[0].message.endswith("."):
        message = error.errors[0].message
    return str(translate(message))
