"""Errors as HTTP responses, translated: JSON below ``/api/``, a page or a fragment elsewhere."""

import logging
from collections.abc import Callable, Iterable

from flask import Flask, Response, current_app, g, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.exceptions import NotFound as PathNotFound
from werkzeug.wrappers import Response as AnyResponse

from shop.db.engines import READ_ONLY
from shop.db.failures import UNREACHABLE, classify
from shop.domain.text.messages import N_, Translatable
from shop.schemas.envelope import Problem, ProblemField
from shop.services.errors import (
    Conflict,
    FieldError,
    IdempotencyMismatch,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    ShopError,
    TooOften,
    Unavailable,
)
from shop.web.i18n import translate
from shop.web.json_api.requests import UnsupportedBody
from shop.web.pages.htmx import wants_fragment
from shop.web.pages.page_above import page_above

log = logging.getLogger("tuza.errors")

STATUS: tuple[tuple[type[ShopError], int], ...] = (
    (UnsupportedBody, 415),
    (InvalidInput, 400),
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (IdempotencyMismatch, 422),
    (Conflict, 409),
    (TooOften, 429),
    (Unavailable, 503),
)
HTTP_CODES = {
    400: ("bad_request", N_("The request can't be read.")),
    404: ("not_found", N_("There is nothing at this address.")),
    405: ("method_not_allowed", N_("This method is not allowed here.")),
    408: ("request_timeout", N_("The request took too long to arrive.")),
    413: ("body_too_large", N_("The body is too large.")),
    414: ("uri_too_long", N_("The address is too long.")),
    415: ("unsupported_media_type", N_("The body must be JSON, with Content-Type: application/json.")),
    431: ("headers_too_large", N_("The headers are too large.")),
    500: ("internal_error", N_("Something went wrong. The error is logged; try again later.")),
    503: ("unavailable", UNREACHABLE.public),
}
CONFLICT = N_("Someone else changed the same record at the same time. Nothing was changed. Try again.")
PAGES = "error_pages"
"""Key in ``app.extensions``: functions that render an error page, by URL prefix; they may return None."""
RETRY_SECONDS = 5
AWAY_SECONDS = 30
LOST_RACES = {"40001", "40P01"}
"""PostgreSQL's SQLSTATEs of a transaction rolled back because of another one: serialization failure, deadlock."""


def init_app(app: Flask) -> None:
    """Register the handlers on the app, so that they apply to unknown paths and methods too."""
    app.url_map.merge_slashes = False  # a double slash is an unknown path, not a redirect
    app.register_error_handler(ShopError, _refused)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(IntegrityError, _clashed)
    app.register_error_handler(DataError, _unstorable)
    for unreachable in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(unreachable, _unreachable)
    app.register_error_handler(InternalError, _read_only)
    app.register_error_handler(DatabaseError, _failed)
    app.register_error_handler(Exception, _broken)


def status_of(error: ShopError) -> int:
    """Return the HTTP status of an error; 400 if its class is not in ``STATUS``."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 400)


def problem_of(error: ShopError) -> Problem:
    """Return an error as JSON schema, in the request's language."""
    problem = _problem(error.message, error.code, error.errors)
    problem.merged_into = error.merged_into
    return problem


def problem_body(error: ShopError) -> str:
    """Return an error as a JSON body."""
    return problem_of(error).model_dump_json()


def _problem(message: str, code: str, errors: tuple[FieldError, ...] = ()) -> Problem:
    fields = [ProblemField(field=error.field, message=translate(error.message)) for error in errors]
    return Problem(status="error", message=translate(message), code=code, errors=fields or None)


def _error_response(status: int, message: str, code: str, errors: tuple[FieldError, ...] = ()) -> Response:
    g.refusal = code  # for the access log, which cannot read it from a page
    if request.path.startswith("/api/"):
        return Response(_problem(message, code, errors).model_dump_json(), status, mimetype="application/json")
    named = {"X-Error-Code": code}  # the header by which scripts recognise an ended session
    try:
        if request.headers.get("HX-Request-Type") == "partial":  # a fragment: keep the page, show a toast
            to_toasts = {"HX-Retarget": "#toasts", "HX-Reswap": "beforeend", "HX-Push-Url": "false"}
            return Response(render_template("errors/_toast.html", message=message), status, to_toasts | named)
        return Response(_page(status, message), status, named)
    except Exception:  # the error page itself fails: send plain text
        log.exception("error page cannot be rendered")
        return Response(f"{translate(message)}\n", status, mimetype="text/plain")


def _page(status: int, message: str) -> str:
    pages: dict[str, Callable[[int, str], str | None]] = current_app.extensions.get(PAGES, {})
    render = next((render for prefix, render in pages.items() if request.path.startswith(prefix)), None)
    own = render(status, message) if render else None
    return own or render_template("errors/error.html", status=status, message=message)


def _refused(error: ShopError) -> Response:
    response = _error_response(status_of(error), error.message, error.code, error.errors)
    if error.merged_into is not None and request.path.startswith("/api/"):
        response.set_data(problem_body(error))
    if isinstance(error, NotSignedIn) and request.path.startswith("/api/v1/") and "/storefront/" not in request.path:
        response.headers["WWW-Authenticate"] = 'Basic realm="Tuza", charset="UTF-8"'
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, Unavailable):
        response.headers["Retry-After"] = str(AWAY_SECONDS)
    elif response.status_code == 409 and error.code == "request_in_progress":
        response.headers["Retry-After"] = "1"
    return response


def _forged(error: CSRFError) -> Response:
    return _error_response(400, Translatable("Your session has ended. Reload this page and sign in again."), "csrf")


def _http(error: HTTPException) -> AnyResponse | HTTPException:
    if isinstance(error, MethodNotAllowed) and not _has_path(error.valid_methods or ()):
        error = PathNotFound()
    elif isinstance(error, MethodNotAllowed) and (above := _reopened()):
        return redirect(above, 303)
    status = error.code or 500
    if error.response is not None or 300 <= status < 400:
        return error  # a redirect, or an error with its own response
    code, message = HTTP_CODES.get(status, (f"http_{status}", error.description or error.name))
    response = _error_response(status, Translatable(message), code)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def _reopened() -> str | None:
    """Return where a browser finds its page that reloads, or opens from its history, the address of a form."""
    is_navigation = request.method in ("GET", "HEAD") and "text/html" in request.headers.get("Accept", "")
    if not is_navigation or wants_fragment() or request.path.startswith("/api/"):
        return None
    return page_above(request.path)


def _has_path(methods: Iterable[str]) -> bool:
    """Return whether the path matches for any of the methods; the router also says 405 for an id out of range."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    for method in methods:
        try:
            adapter.match(method=method)
        except HTTPException:
            continue
        return True
    return False


def _clashed(error: Exception) -> Response:
    log.warning("write conflict: constraint violation, serialization failure or deadlock", exc_info=error)
    return _error_response(
        409,
        Translatable(CONFLICT),
        "conflict",
    )


def _unstorable(error: DataError) -> Response:
    log.warning("value cannot be stored", exc_info=error)
    return _error_response(400, Translatable("A value in the request cannot be stored."), "invalid_request")


def _unreachable(error: Exception) -> Response:
    if getattr(getattr(error, "orig", None), "sqlstate", None) in LOST_RACES:
        return _clashed(error)
    failure = classify(error) or UNREACHABLE
    log.error("database failure: %s", failure.detail, exc_info=error)
    message = failure.detail if _is_staff() else failure.public
    response = _error_response(503, Translatable(message), HTTP_CODES[503][0])
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _is_staff() -> bool:
    """Return whether the request was authenticated as a member of the staff or by an API key."""
    return str(g.get("caller", "public")).startswith(("staff:", "key:"))


def _failed(error: Exception) -> Response:
    """Handle an error of SQLite's file, such as a damaged one."""
    return _unreachable(error) if classify(error) else _broken(error)


def _read_only(error: Exception) -> Response:
    """Handle a write on a server that is no longer the primary: a retry finds the new one."""
    is_so = getattr(getattr(error, "orig", None), "sqlstate", None) == READ_ONLY
    return _unreachable(error) if is_so else _broken(error)


def _broken(error: Exception) -> Response:
    log.error("unexpected error in request %s", g.get("request_id", "-"), exc_info=error)
    code, message = HTTP_CODES[500]
    return _error_response(500, Translatable(message), code)
