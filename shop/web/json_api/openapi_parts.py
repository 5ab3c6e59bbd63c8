"""The fixed parts of the OpenAPI document: information, security schemes, headers."""

from typing import Any

SHOPPER_COOKIE = "tuza_shopper"
"""The cookie that holds a shopper's session token."""
INFO = {
    "title": "Tuza API",
    "version": "1.0.0",
    "contact": {"name": "Tuza"},
    "description": """Customers, points, and spending them at checkout.

Admin endpoints take HTTP Basic with an API key; storefront endpoints are public and belong to the shop of the host
that was called. Errors always read `{"status": "error", "message": …, "code": …}`.
""",
}
SERVERS = [{"url": "/", "description": "The installation that sent this document; a storefront calls its shop's host."}]
TAGS = {
    "API keys": "Keys of the API, for a staff session.",
    "Cart": "The cart of a shopper who is signed in.",
    "Catalogue": "Products, categories, stock and pictures.",
    "Checkout": "Prices, delivery, coupons, orders and payments of a storefront.",
    "Coupons": "Coupons and their uses.",
    "Customers": "Customers, their notes, merges and points.",
    "Delivery": "Methods of delivery and their cost.",
    "Events": "What has changed, in order.",
    "Imports": "Customers and products from files.",
    "Loyalty": "Rules of the programme, the ledger, registrations.",
    "Orders": "Orders, payments, refunds.",
    "Products": "The catalogue as shoppers see it.",
    "Sandbox": "Clock, messages and reset of a sandbox shop.",
    "Settings": "Settings of the shop.",
    "Shoppers": "Accounts of shoppers: sign-up, sign-in, profile, addresses, orders, personal data.",
    "Storefront loyalty": "Points of a shopper, and one-time codes to spend them.",
    "Storefront settings": "What a storefront needs to know about the shop.",
    "Till": "Sales at the counter.",
    "Webhooks": "Endpoints that events are sent to, and their deliveries.",
}
"""The tags of operations, with their descriptions."""
SECURITY_SCHEMES = {
    "api_key": {"type": "http", "scheme": "basic", "description": "Consumer key ck_… and consumer secret cs_…"},
    "redemption_token": {
        "type": "http",
        "scheme": "bearer",
        "description": "The redemption_token of a verified one-time code",
    },
    "shopper_session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SHOPPER_COOKIE,
        "description": "Set by signing in at the storefront",
    },
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1–255 visible characters. The first response is kept for 24 hours and sent again for a retry.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "0190e1c2-checkout-17",
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an earlier response: 304 without a body if it would be the same.",
    "schema": {"type": "string"},
    "example": 'W/"2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"',
}
RETRY_AFTER: dict[str, Any] = {
    "description": "Seconds to wait before trying again.",
    "schema": {"type": "integer", "minimum": 1},
    "example": 30,
}
HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {
        "description": "Identifies this request in the server's log. A request's own X-Request-Id is kept if it has "
        "8 to 64 of the characters A-Z a-z 0-9 . _ -",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{8,64}$"},
        "example": "5f1c2a9b7d3e4f60",
    },
    "X-RateLimit-Limit": {
        "description": "Requests that the caller may make within a window.",
        "schema": {"type": "integer", "minimum": 1},
        "example": 60,
    },
    "X-RateLimit-Remaining": {
        "description": "Requests left in this window.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 59,
    },
    "X-RateLimit-Reset": {
        "description": "When the window ends, in seconds since 1970.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 1768471200,
    },
    "X-Ignored": {
        "description": "Fields and parameters of the request that are unknown here and were ignored. "
        "`Prefer: handling=strict` refuses them instead.",
        "schema": {"type": "string"},
        "example": "colour, items[0].weight",
    },
    "Preference-Applied": {
        "description": "Sent if the request asked for `Prefer: handling=strict`.",
        "schema": {"type": "string", "const": "handling=strict"},
        "example": "handling=strict",
    },
    "Idempotent-Replayed": {
        "description": "Sent if this is the stored response of an earlier request.",
        "schema": {"type": "string", "const": "true"},
        "example": "true",
    },
    "ETag": {
        "description": "Names this response; send it as If-None-Match to learn whether it has changed.",
        "required": True,
        "schema": {"type": "string", "pattern": '^W/"[^"]+"$'},
        "example": 'W/"2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"',
    },
    "Link": {
        "description": "The first, previous, next and last page (RFC 8288), or the first and the next one by cursor.",
        "required": True,
        "schema": {"type": "string"},
        "example": '<https://shop.example.com/api/v1/orders?page=2>; rel="next"',
    },
    "WWW-Authenticate": {
        "description": "Asks for HTTP Basic.",
        "required": True,
        "schema": {"type": "string"},
        "example": 'Basic realm="Tuza", charset="UTF-8"',
    },
}
