"""Shop, session and refusals of a request to the hosted shop."""

from typing import Any

from flask import Response, abort, g, render_template, request

from shop.domain.ids import find_id
from shop.hosted_shop import blueprint
from shop.services.errors import ShopError
from shop.services.shoppers.carts import count_pieces, find_item
from shop.services.shops.settings import get_settings
from shop.web.error_handlers import status_of
from shop.web.http.security_headers import PAGE_POLICY
from shop.web.pages import shopper_pages
from shop.web.pages.shopper_pages import current_shopper, set_session

__all__ = ["current_shopper", "render", "set_session"]

POLICY = PAGE_POLICY.replace("img-src 'self'", "img-src 'self' https:")
"""Pictures of products may be on other hosts."""

shopper_pages.keep_slug_in_links(blueprint)


@blueprint.before_request
def prepare_request() -> None:
    """Set the tenant and load the session; 404 if the shop is not open."""
    if shopper_pages.open_shop().values["hosted_shop_enabled"] != "true":
        abort(404)
    shopper_pages.load_shopper()


def render(template: str, **values: Any) -> str:
    """Render a page with what every page of the shop shows."""
    settings = get_settings()
    shopper, added = current_shopper(), request.args.get("added", type=find_id)
    common = {
        "shop": settings,
        "slug": g.slug,
        "signed_in": shopper is not None and shopper.customer_id is not None,
        "pieces": count_pieces(shopper),
        "added": find_item(shopper, added) if added is not None else None,
    }
    return render_template(f"hosted_shop/{template}", **common | values)


@blueprint.after_request
def finish_response(response: Response) -> Response:
    """Set the session cookie and the policy."""
    return shopper_pages.finish_response(response, POLICY)


@blueprint.errorhandler(ShopError)
def refuse(error: ShopError) -> Response:
    """Show an error page; views handle the errors that belong to a form's field."""
    words = shopper_pages.refusal_message(error)
    page = render("refused.html", error=error, words=words) if "shop_id" in g else None
    return shopper_pages.refusal(
        error, page or render_template("errors/error.html", status=status_of(error), message=words)
    )
