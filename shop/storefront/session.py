"""Shoppers' sessions: loaded from the cookie, set as the cookie, and accepted from the shop's own origins only."""

from flask import Response, current_app, g, request

from shop.services.actors import Shopper
from shop.services.errors import NotAllowed, NotSignedIn
from shop.services.shoppers.accounts import Account, AccountConfig, find_account
from shop.services.shoppers.sessions import SESSION_LIFE, find_shopper
from shop.storefront import blueprint
from shop.web.http.cookies import cookie_name, read_cookie
from shop.web.http.request_origin import is_from_own_page
from shop.web.json_api.openapi_parts import SHOPPER_COOKIE
from shop.web.pages.view_options import options_of_endpoint

READS = {"GET", "HEAD", "OPTIONS"}
MAX_TOKEN = 100
"""Characters; no token of ours is longer."""


def load_session() -> None:
    """Load the session of the request's cookie into ``g.shopper``; None without a valid one."""
    token = read_cookie(SHOPPER_COOKIE)
    g.shopper = find_shopper(token) if 0 < len(token) <= MAX_TOKEN and token.isascii() and token.isprintable() else None
    if g.shopper is not None and not _signs_in():  # signing in, and its retry, is not done as the earlier session
        customer = g.shopper.customer_id
        g.caller = f"shopper:{g.shopper.session_id}" if customer is None else f"customer:{customer}"


def reject_untrusted_origin() -> None:
    """Raise NotAllowed for a write from another origin by a session, or one that starts a session (CSRF)."""
    by_session = g.shopper is not None or _signs_in()
    if by_session and request.method not in READS and not is_from_own_page(other_origin_allowed="origin" in g):
        raise NotAllowed("Requests from this page's origin are not allowed for a shopper's session.", code="origin")


def require_sign_in() -> None:
    """Raise NotSignedIn if the endpoint needs a signed-in shopper and there is none."""
    options = options_of_endpoint(request.endpoint).endpoint
    if options is not None and options.access == "shopper_session" and not _is_signed_in(g.shopper):
        raise NotSignedIn("Sign in first.", code="sign_in_required")


def _signs_in() -> bool:
    return request.path.startswith(f"{blueprint.url_prefix}/auth/")


def names_own_origin() -> bool:
    """Return whether the request names an allowed origin: programs, which name none, get no session."""
    return "Origin" in request.headers and is_from_own_page(other_origin_allowed="origin" in g)


def _is_signed_in(shopper: Shopper | None) -> bool:
    return shopper is not None and (shopper.customer_id is not None or shopper.signup_id is not None)


def current_shopper() -> Shopper | None:
    """Return the session's shopper; None without a session."""
    found: Shopper | None = g.shopper
    return found


def signed_in_shopper() -> Shopper:
    """Return the session's shopper at an endpoint with ``access="shopper_session"``."""
    found: Shopper = g.shopper
    return found


def current_account() -> Account:
    """Return the signed-in account. Raise NotSignedIn if it was just deleted."""
    found = find_account(current_shopper())
    if found is None:
        raise NotSignedIn("Sign in first.", code="sign_in_required")
    return found


def current_customer_id() -> int:
    """Return the signed-in customer's id. Raise NotAllowed if the account's e-mail is not verified yet."""
    found = current_shopper()
    if found is None or found.customer_id is None:
        raise NotAllowed(
            "Verify your e-mail first: open the link in the e-mail that we sent you.",
            code="email_not_confirmed",
        )
    return found.customer_id


def set_session_cookie(token: str) -> None:
    """Set a new session token as cookie of the response."""
    g.shopper_token = token


def clear_session_cookie() -> None:
    """Delete the session cookie, if the browser sent one."""
    if read_cookie(SHOPPER_COOKIE):
        g.shopper_token = None


@blueprint.after_request
def send_session_cookie(response: Response) -> Response:
    """Add the cookie that the view set or cleared."""
    if "shopper_token" not in g:
        return response
    flags = {"secure": current_app.config["SESSION_COOKIE_SECURE"], "httponly": True, "samesite": "Lax"}
    name = cookie_name(SHOPPER_COOKIE)
    if g.shopper_token is not None:
        response.set_cookie(name, g.shopper_token, max_age=SESSION_LIFE, **flags)
    else:
        response.delete_cookie(name, **flags)
    if name != SHOPPER_COOKIE and SHOPPER_COOKIE in request.cookies:
        response.delete_cookie(SHOPPER_COOKIE, **flags)  # of an earlier release
    return response


def account_config() -> AccountConfig:
    """Return the installation's key and limits for shoppers' accounts."""
    config = current_app.config
    return AccountConfig(
        config["SECRET_KEY"], config["SIGN_INS_PER_ADDRESS_15_MINUTES"], config["OTP_SENDS_PER_ADDRESS_HOUR"]
    )
