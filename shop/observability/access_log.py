"""The access log: one line a request, with an id that the response has too."""

import logging
import re
import secrets
import time

from flask import Flask, Response, g, has_request_context, request

from shop.observability.json_logging import log_to_stdout
from shop.observability.metrics import count_request

access = logging.getLogger("tuza.access")
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
SECRET_IN_PATH = re.compile(r"[0-9a-f]{32,}|[A-Za-z0-9_-]{43,}")
"""The formats of our tokens (``shop/domain/codes.py``), also in unknown paths."""


def init_app(app: Flask) -> None:
    """Log to standard output, and time every request."""
    log_to_stdout(propagate=bool(app.testing))
    app.before_request(_begin)
    app.after_request(_end)


def request_fields() -> dict[str, object]:
    """Return the request's id and shop, for other logs' lines; nothing outside a request."""
    if not has_request_context():
        return {}
    return {"request_id": g.get("request_id", "-"), "shop": g.get("shop_id")}


def _begin() -> None:
    given = request.environ.get("HTTP_X_REQUEST_ID", "")
    g.request_id = given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
    g.began = time.perf_counter()


def _end(response: Response) -> Response:
    """Add the headers to the response and write the line."""
    request_id = g.get("request_id", "-")
    response.headers.add("X-Request-Id", request_id)
    limit = g.get("rate_limit")
    if limit is not None:
        for name, number in zip(LIMITS, limit, strict=True):
            response.headers.add(name, str(number))
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    count_request(request, response.status_code, seconds)
    if request.endpoint != "static":
        fields = {
            "request_id": request_id,
            "method": request.method,
            "path": loggable_path(),
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
            "shop": g.get("shop_id"),
            "caller": g.get("caller", "public"),
        }
        access.info("request", extra={"fields": fields | _outcome(response)})
    return response


def loggable_path() -> str:
    """Return the request's path without secrets, and without its query, which may name people."""
    secrets_in_path = {str(value) for name, value in (request.view_args or {}).items() if "token" in name}
    path = "/".join("…" if part in secrets_in_path else part for part in request.path.split("/"))
    return SECRET_IN_PATH.sub("…", path)


def _outcome(response: Response) -> dict[str, object]:
    """Return an error's code and a new order's id, for diagnosing failed checkouts."""
    if response.status_code >= 400 and response.mimetype == "application/json":
        body = response.get_json(silent=True)
        code = body.get("code") if isinstance(body, dict) else None
    else:
        code = g.get("refusal")
    fields = {"code": code, "order": g.get("order_id")}
    return {name: value for name, value in fields.items() if value is not None}
