"""A shopper's session at the storefront door: recognised by its cookie, kept by it, and heeded from the shop's own
pages alone."""

from urllib.parse import urlsplit

from flask import Response, current_app, g, request

from shop.services.actors import Shopper
from shop.services.errors import NotAllowed, NotSignedIn
from shop.services.shoppers.accounts import Account, ShopperPolicy, find_account
from shop.services.shoppers.sessions import SESSION_LIFE, find_shopper
from shop.storefront import blueprint
from shop.web.openapi_parts import SHOPPER_COOKIE
from shop.web.view_options import options_of_endpoint

READS = {"GET", "HEAD", "OPTIONS"}
MOST = 100
"""Letters of a token: a longer one is not ours and not looked for."""


def recognise() -> None:
    """Find whose session the request's cookie stands for."""
    token = request.cookies.get(SHOPPER_COOKIE, "")
    g.shopper = find_shopper(token) if 0 < len(token) <= MOST and token.isascii() and token.isprintable() else None
    if g.shopper is not None and not _at_the_door():  # who signs in is not who she was before, also for a retry
        customer = g.shopper.customer_id
        g.caller = f"shopper:{g.shopper.session_id}" if customer is None else f"customer:{customer}"


def turn_away() -> None:
    """Refuse a write by a session, or one that begins a session, from a page that is not the shop's; and strangers
    where somebody must be signed in."""
    by_session = g.shopper is not None or _at_the_door()
    if by_session and request.method not in READS and not _from_own_page():
        raise NotAllowed("This page may not act for a signed-in shopper: it is none of the shop's own.", code="origin")
    options = options_of_endpoint(request.endpoint).endpoint
    if options is not None and options.access == "shopper_session" and not _is_signed_in(g.shopper):
        raise NotSignedIn("Sign in first.", code="sign_in_required")


def _at_the_door() -> bool:
    return request.path.startswith(f"{blueprint.url_prefix}/auth/")


def _from_own_page() -> bool:
    """Whether the page that asks is the shop's own or of an allowed origin; programs, which name none, are no page."""
    origin = request.headers.get("Origin")
    if origin is not None:
        return "origin" in g or _is_own_host(origin)
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    referrer = request.headers.get("Referer")
    return referrer is None or _is_own_host(referrer)


def is_own_page() -> bool:
    """Whether a page of the shop's own asks, and says so: programs, which name no origin, are given no session."""
    return "Origin" in request.headers and _from_own_page()


def _is_own_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == request.host.lower()


def _is_signed_in(shopper: Shopper | None) -> bool:
    return shopper is not None and (shopper.customer_id is not None or shopper.signup_id is not None)


def shopper() -> Shopper | None:
    """Whose session it is; None without one."""
    found: Shopper | None = g.shopper
    return found


def signed_in() -> Shopper:
    """Whose session it is, at an endpoint where somebody must be signed in."""
    found: Shopper = g.shopper
    return found


def account() -> Account:
    """Who is signed in, at such an endpoint. Raises NotSignedIn for one that is just being deleted."""
    found = find_account(shopper())
    if found is None:
        raise NotSignedIn("Sign in first.", code="sign_in_required")
    return found


def customer_id() -> int:
    """The signed-in customer. Raises NotAllowed for an account whose e-mail is not proved yet."""
    found = shopper()
    if found is None or found.customer_id is None:
        raise NotAllowed(
            "First show that the e-mail is yours: open the link in the mail that we sent to it.",
            code="email_not_confirmed",
        )
    return found.customer_id


def keep(token: str) -> None:
    """Give the browser a session's new token."""
    g.shopper_token = token


def drop() -> None:
    """Take the session's token from the browser, if it sent one."""
    if SHOPPER_COOKIE in request.cookies:
        g.shopper_token = None


@blueprint.after_request
def hand_over(response: Response) -> Response:
    """Set or remove the cookie where the session began, changed or ended."""
    if "shopper_token" in g and g.shopper_token is not None:
        response.set_cookie(
            SHOPPER_COOKIE,
            g.shopper_token,
            max_age=SESSION_LIFE,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    elif "shopper_token" in g:
        response.delete_cookie(
            SHOPPER_COOKIE, secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax"
        )
    return response


def policy() -> ShopperPolicy:
    """What this installation decides about shoppers' accounts."""
    config = current_app.config
    return ShopperPolicy(
        config["SECRET_KEY"], config["SIGN_INS_PER_ADDRESS_15_MINUTES"], config["OTP_SENDS_PER_ADDRESS_HOUR"]
    )
