"""Requests to pages for shoppers below a shop's short name: tenant, session, rate limit, and origin of forms.

The hosted shop and the customer's page share one session: its cookie is for one shop alone.
"""

from typing import Any

from flask import Blueprint, Response, current_app, g, request

from shop.db.tenant import use_shop
from shop.services.actors import Shopper
from shop.services.errors import InvalidInput, NotAllowed, ShopError, TooOften
from shop.services.shoppers.sessions import SESSION_LIFE, find_shopper
from shop.services.shops.settings import ShopSettings, get_settings
from shop.services.shops.shops import get_shop
from shop.web.error_handlers import status_of
from shop.web.http.cookies import cookie_name
from shop.web.http.rate_limit import limit_address
from shop.web.http.request_origin import is_from_own_page
from shop.web.i18n import translate, use_customer_language

READS = {"GET", "HEAD", "OPTIONS"}
MAX_TOKEN = 100
"""The maximum length of a session token."""


def keep_slug_in_links(blueprint: Blueprint) -> None:
    """Take the shop's slug out of the arguments of the blueprint's views, and add it to links between its pages."""

    @blueprint.url_value_preprocessor
    def take_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.slug = (values or {}).pop("shop", "")

    @blueprint.url_defaults
    def add_slug(_endpoint: str, values: dict[str, Any]) -> None:
        if "slug" in g:
            values.setdefault("shop", g.slug)


def open_shop() -> ShopSettings:
    """Set the tenant from the URL and the shop's language; return its settings. Raise NotFound for an unknown shop."""
    shop = get_shop(g.slug)
    g.shop_id = shop.id
    use_shop(shop.id, settings_mark=shop.settings_mark)
    settings = get_settings()
    use_customer_language(settings.values["customer_language"])
    return settings


def load_shopper() -> None:
    """Apply the rate limit, load the session, and reject forms of other websites."""
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


def finish_response(response: Response, policy: str) -> Response:
    """Set the session cookie and the page's policy, and forbid caching by others."""
    response.headers.setdefault("Cache-Control", "no-store" if g.get("shopper") else "private, no-cache")
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = policy
    if "session_token" in g:
        flags = {"secure": current_app.config["SESSION_COOKIE_SECURE"], "httponly": True, "samesite": "Lax"}
        if g.session_token is None:
            response.delete_cookie(_cookie(), **flags)
        else:
            response.set_cookie(_cookie(), g.session_token, max_age=SESSION_LIFE, **flags)
    return response


def _cookie() -> str:
    return cookie_name(f"tuza_shop_{g.shop_id}")


def refusal(error: ShopError, page: str) -> Response:
    """Return the response with the page of an error."""
    g.refusal = error.code
    response = Response(page, status_of(error))
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def refusal_message(error: ShopError) -> str:
    """Return the message in the customer's language; for an invalid form, that of its first field."""
    message: str = error.message
    if isinstance(error, InvalidInput) and error.errors and error.errors[0].message.endswith("."):
        message = error.errors[0].message
    return str(translate(message))
