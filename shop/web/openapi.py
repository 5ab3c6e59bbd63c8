"""The description of the API, made from the models that check requests and shape answers; and pages to read it.

Every JSON view is wrapped in :func:`endpoint`: what it says to the description is what it does to the request.
"""

from collections.abc import Callable, Iterable
from functools import cache, wraps
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request
from pydantic import BaseModel
from spectree import Response as Answers
from spectree import SecurityScheme, SpecTree
from spectree.models import InType, SecureType, SecuritySchemeData

from shop.schemas.envelope import Problem
from shop.web.idempotency import answer_idempotently
from shop.web.json_requests import read_body, read_form, read_query, reply
from shop.web.openapi_examples import complete

blueprint = Blueprint("openapi_pages", __name__)

View = Callable[..., Any]
SHOPPER_COOKIE = "tuza_shopper"
"""What a shopper's session is kept by in her browser."""

spec = SpecTree(
    "flask",
    title="Tuza API",
    version="1.0.0",
    openapi_version="3.1.0",
    annotations=False,
    mode="strict",
    naming_strategy=lambda model: str(model.__name__),
    nested_naming_strategy=lambda _parent, child: child,
    validation_error_status=400,
    validation_error_model=Problem,
    before=lambda *_: None,
    after=lambda *_: None,
    security_schemes=[
        SecurityScheme(
            name="api_key",
            data=SecuritySchemeData(
                type=SecureType.HTTP, scheme="basic", description="Consumer key ck_… and consumer secret cs_…"
            ),
        ),
        SecurityScheme(
            name="redemption_token",
            data=SecuritySchemeData(
                type=SecureType.HTTP, scheme="bearer", description="The redemption_token of a verified one-time code"
            ),
        ),
        SecurityScheme(
            name="shopper_session",
            data=SecuritySchemeData(
                type=SecureType.API_KEY,
                field_in=InType.COOKIE,
                name=SHOPPER_COOKIE,
                description="Set by signing in at the storefront",
            ),
        ),
    ],
)


def endpoint(
    answer: type[BaseModel],
    *,
    tag: str,
    status: int = 200,
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
    form: type[BaseModel] | None = None,
    file: str = "",
    errors: Iterable[int] = (),
    admin: bool = False,
    bearer: bool = False,
    idempotent: bool = False,
    shopper: bool = False,
) -> Callable[[View], View]:
    """Make a JSON endpoint of a view.

    The view gets ``query`` and ``body`` as checked models, or a ``form`` with the bytes of its ``file``, and returns an
    ``answer`` model, sent with ``status``; an ``idempotent`` one honours ``Idempotency-Key``, a ``bearer`` one is
    opened by a redemption token, a ``shopper`` one by the session of somebody who signed in at the storefront.
    ``errors`` are the statuses of its own refusals beside those that go without saying. Its docstring's first
    paragraph is the summary, the rest the description.
    """
    errors = [*errors, 401] if bearer else errors
    codes = _codes(errors, query=query is not None, body=bool(body or form), admin=admin, idempotent=idempotent)
    codes = sorted({401, 403, *codes}) if shopper else codes
    marks: dict[str, Any] = {"admin": admin, "idempotent": idempotent, "shopper": shopper, "form": form, "file": file}
    marks["codes"] = [status, *codes]
    opened_by = {"api_key": admin, "redemption_token": bearer, "shopper_session": shopper}
    security: dict[str, list[str]] = {name: [] for name, needed in opened_by.items() if needed}

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(**path: Any) -> Response:
            if any("\0" in part for part in path.values() if isinstance(part, str)):
                abort(404)  # no database could look for it
            if query is not None:
                path["query"] = read_query(query)
            if body is not None:
                path["body"] = read_body(body)
            if form is not None:
                path["form"], path["file"] = read_form(form, file, current_app.config["UPLOAD_MAX_BYTES"])
            if idempotent and "HTTP_IDEMPOTENCY_KEY" in request.environ:
                return answer_idempotently(lambda: view(**path), status)
            return reply(view(**path), status)

        @cache
        def describe() -> View:
            described: View = spec.validate(
                query=query,
                json=body,
                resp=Answers(**{f"HTTP_{status}": answer}, **{f"HTTP_{code}": Problem for code in codes}),
                tags=[tag],
                security=security,
                skip_validation=True,
            )(checked)
            return described

        checked.tuza_endpoint = marks  # type: ignore[attr-defined]
        checked.tuza_describe = describe  # type: ignore[attr-defined]
        return checked

    return decorate


def _document() -> dict[str, Any]:
    """The document of the application at hand.

    Spectree describes the views that it has wrapped. Wrapping all takes a third of a second, and each request would go
    through it; so it is done here, once a process, and undone.
    """
    views = current_app.view_functions
    plain = {name: view for name, view in views.items() if hasattr(view, "tuza_describe")}
    try:
        views.update({name: view.tuza_describe() for name, view in plain.items()})
        return complete(spec.spec, current_app)
    finally:
        views.update(plain)


def _codes(errors: Iterable[int], *, query: bool, body: bool, admin: bool, idempotent: bool) -> list[int]:
    codes = {429, 500, 503, *errors}
    codes |= {401, 403} if admin else {404}
    codes |= {400} if query or body else set()
    codes |= {403, 413, 415} if body else set()
    codes |= {409, 422} if idempotent else set()
    return sorted(codes)


@blueprint.get("/api/v1/openapi.json")
def openapi_document() -> Response:
    """The OpenAPI 3.1 document; made once a process."""
    kept: dict[str, Any] | None = current_app.extensions.get("tuza_openapi")
    if kept is None:
        kept = _document()
        current_app.extensions["tuza_openapi"] = kept
    return jsonify(kept)


@blueprint.get("/api/docs")
def openapi_page() -> str:
    """The description as a page one can click through; everything on it is served from here."""
    return render_template("api/docs.html")
