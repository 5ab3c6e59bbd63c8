"""Shop, allowed origin and rate limit of a storefront request (``docs/contract/api.md``, 1 and 9)."""

from flask import Response, g, request

from shop.db.tenant import use_shop
from shop.services.errors import NotFound
from shop.services.shops.settings import get_settings
from shop.services.shops.shops import find_shop_for_host
from shop.storefront import blueprint
from shop.storefront.session import load_session, reject_untrusted_origin, require_sign_in
from shop.web.http.rate_limit import limit_address
from shop.web.http.vary import vary_on

EXPOSED = (
    "X-Request-Id, Retry-After, Idempotent-Replayed, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, "
    "X-Ignored, Link, ETag"
)


@blueprint.before_request
def prepare_request() -> Response | None:
    """Set the tenant by the request's host, answer preflight requests, check limit and session."""
    shop = find_shop_for_host(request.host)
    if shop is None:
        raise NotFound("There is no shop at this host.", code="shop_not_found")
    g.shop_id = shop.id
    use_shop(shop.id, settings_mark=shop.settings_mark)
    origin = request.environ.get("HTTP_ORIGIN")
    if origin and origin in get_settings().allowed_origins:
        g.origin = origin
    if request.method == "OPTIONS":
        return Response(status=204)
    load_session()
    limit_address()
    reject_untrusted_origin()
    require_sign_in()
    return None


@blueprint.after_request
def add_cors_headers(response: Response) -> Response:
    """Let pages of the shop's allowed origins, and no others, read the response with credentials."""
    vary_on(response, "Origin")
    if "origin" in g:
        response.headers["Access-Control-Allow-Origin"] = g.origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, DELETE"
            response.headers["Access-Control-Allow-Headers"] = (
                "Authorization, Content-Type, Idempotency-Key, Prefer, X-Request-Id"
            )
            response.headers["Access-Control-Max-Age"] = "600"
    return response
