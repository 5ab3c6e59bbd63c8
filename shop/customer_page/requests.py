"""Shop, session, language and refusals of a request to the customer's page."""

from typing import Any

from flask import Response, current_app, g, render_template, request
from flask_babel import gettext as _

from shop.customer_page import blueprint
from shop.domain.text.languages import LANGUAGES
from shop.services.errors import NotSignedIn, ShopError
from shop.services.shops.settings import get_settings
from shop.web.error_handlers import status_of
from shop.web.http.security_headers import PAGE_POLICY
from shop.web.i18n import asked_language, use_member_language
from shop.web.pages import shopper_pages
from shop.web.pages.shopper_pages import current_shopper

LANGUAGE_COOKIE = "tuza_language"
LANGUAGE_KEPT = 365 * 86_400

shopper_pages.keep_slug_in_links(blueprint)


@blueprint.before_request
def prepare_request() -> None:
    """Set the tenant, the language chosen on the page, and the session."""
    shopper_pages.open_shop()
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        use_member_language(chosen)
    shopper_pages.load_shopper()


def current_customer_id() -> int | None:
    """Return the id of the customer who is signed in; None for anyone else."""
    shopper = current_shopper()
    return shopper.customer_id if shopper else None


def require_customer_id() -> int:
    """Return the id of the customer who is signed in. Raise NotSignedIn."""
    customer_id = current_customer_id()
    if customer_id is None:
        raise NotSignedIn("Your session has ended. Ask for a new code.", code="not_signed_in")
    return customer_id


def render(template: str, **values: Any) -> str:
    """Render a page."""
    common = {"shop": get_settings(), "slug": g.slug, "signed_in": current_customer_id() is not None}
    return render_template(f"customer_page/{template}", **common | values)


@blueprint.after_request
def finish_response(response: Response) -> Response:
    """Set the cookies and the policy; no search engine lists these pages."""
    language = asked_language()
    if language is not None:
        response.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=LANGUAGE_KEPT,
            path="/me/",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    response.headers["X-Robots-Tag"] = "noindex"
    return shopper_pages.finish_response(response, PAGE_POLICY)


@blueprint.errorhandler(ShopError)
def refuse(error: ShopError) -> Response:
    """Show an error page; views handle the errors that belong to a form's field."""
    words = shopper_pages.refusal_message(error)
    if "shop_id" in g:
        page = render("message.html", title=_("That didn’t work"), words=words)
    else:
        page = render_template("errors/error.html", status=status_of(error), message=words)
    return shopper_pages.refusal(error, page)
