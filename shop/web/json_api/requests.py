"""Reading JSON bodies, forms and query strings into pydantic models, and writing JSON responses."""

import json
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, NoReturn, TypeVar

from flask import Response, abort, current_app, request
from flask.json.provider import DefaultJSONProvider
from pydantic import BaseModel, ValidationError

from shop.schemas.json_names import RepeatedName, unique_names
from shop.schemas.problems import field_errors
from shop.services.errors import InvalidInput
from shop.services.shops.settings import find_currency
from shop.web.json_api.unknown_fields import note_names, note_unknown

Model = TypeVar("Model", bound=BaseModel)
MAX_DEPTH = 50
FORM_TEXT_BYTES = 64 * 1024
"""Maximum size of a form without its file."""
MAX_SHOWN = 100
"""Maximum length of a field's path in an error."""


class UnsupportedBody(InvalidInput):
    """The body is not declared as JSON."""

    code = "unsupported_media_type"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _exact(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:  # an exponent beyond what even Decimal counts
        raise ValueError("is too large or too small") from None


class ExactJson(DefaultJSONProvider):
    """JSON with fractions as Decimal, so that ``0.29`` stays 0.29; ``NaN`` and ``Infinity`` are invalid."""

    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Parse text with exact numbers."""
        kwargs.setdefault("parse_float", _exact)
        kwargs.setdefault("parse_constant", _refuse_constant)
        return json.loads(s, **kwargs)


def read_body(model: type[Model]) -> Model:
    """Return the request's JSON object as a model. Raise InvalidInput with the invalid fields."""
    if request.environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() != "identity":
        raise UnsupportedBody("The body must not be compressed: send it without Content-Encoding.")
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedBody("The body must be JSON, with Content-Type: application/json.")
    raw = _whole_body()
    try:
        body = current_app.json.loads(raw, object_pairs_hook=unique_names)
    except RepeatedName as repeated:
        name = repeated.name[:MAX_SHOWN].encode(errors="replace").decode()  # half a character is no text
        raise InvalidInput("The body has the field %(name)s twice.", code="invalid_json", name=name) from None
    except (ValueError, RecursionError):
        raise InvalidInput("The body is not valid JSON.", code="invalid_json") from None
    if not isinstance(body, dict):
        raise InvalidInput("The body must be a JSON object.", code="invalid_json")
    if not _is_plain(raw):
        _check_text(body)
    return _validate(model, body)


def read_form(model: type[Model], file: str, most_bytes: int) -> tuple[Model, bytes | None]:
    """Return the request's form as a model, and the bytes of its field ``file``; None without a file.

    Raise InvalidInput with the invalid fields. A body larger than the largest file and some text gets 413.
    """
    if request.mimetype != "multipart/form-data":
        raise UnsupportedBody("The body must be a form, with Content-Type: multipart/form-data.")
    request.max_content_length = most_bytes + FORM_TEXT_BYTES
    _whole_body()  # cached for Idempotency-Key; the form is parsed from it
    fields = request.form.to_dict(flat=True)
    given: dict[str, Any] = {name: text for name, text in fields.items() if name}  # a part may have no name
    _check_text(given)
    sent = request.files.get(file)
    data = sent.read() if sent is not None else b""
    if len(data) > most_bytes:
        raise InvalidInput.of(file, "must be at most %(limit)s bytes", limit=f"{most_bytes:,}")
    given.pop(file, None)
    return _validate(model, given), data or None


def _whole_body() -> bytes:
    raw = request.get_data()
    most = request.max_content_length
    if request.content_length is None and most is not None and len(raw) >= most:
        abort(413)  # a chunked body is cut off at the limit without an error
    return raw


def read_query(model: type[Model]) -> Model:
    """Return the request's query parameters as a model. Of a repeated parameter the first is used."""
    given = request.args.to_dict(flat=True)
    _check_text(given)
    return _validate(model, {name: value for name, value in given.items() if value != ""})


def note_unread(*, query: bool, body: bool) -> None:
    """Record parameters of a request whose endpoint has no ``query``, and fields of a JSON object without ``body``.

    Raise InvalidInput if it asks for strict handling.
    """
    names: list[str] = []
    if not query and request.environ.get("QUERY_STRING"):  # creating request.args is slow
        names += request.args
    if not body and request.content_length and request.is_json:
        sent = request.get_json(silent=True)
        names += sent if isinstance(sent, dict) else ()
    note_names(names)


def read_part(model: type[Model], raw: Any, path: str = "") -> Model:
    """Return a part of a body, such as one order of a batch, as a model. Raise InvalidInput with the fields.

    ``path`` is its place in the body, such as ``orders[0].``, for the names of ignored fields.
    """
    if not isinstance(raw, dict):
        raise InvalidInput("It must be a JSON object.")
    return _validate(model, raw, path)


def _validate(model: type[Model], values: dict[str, Any], path: str = "") -> Model:
    try:
        found = model.model_validate(values, context=cache(find_currency))
    except ValidationError as problem:
        errors = field_errors(problem)
    else:
        note_unknown(found, values, path)
        return found
    raise InvalidInput.of_errors(errors)


def _is_plain(raw: bytes) -> bool:
    """Return whether no text of a JSON body can be refused: ASCII without escapes, not UTF-16, and not deep."""
    return raw.isascii() and not (b"\\u" in raw or b"\0" in raw or raw.count(b"{") + raw.count(b"[") > MAX_DEPTH)


def _check_text(value: Any, path: str = "", depth: int = 0) -> None:
    """Raise InvalidInput for text that no database stores (NUL, lone surrogates) and for deep nesting."""
    if depth > MAX_DEPTH:
        raise InvalidInput("The body is nested too deeply.", code="invalid_json")
    if isinstance(value, str):
        _check_string(value, path or "text")
    elif isinstance(value, dict):
        for key, part in value.items():
            _check_string(key, f"a field's name in {path}" if path else "a field's name")
            _check_text(part, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            _check_text(part, f"{path}[{index}]", depth + 1)


def _check_string(text: str, path: str) -> None:
    if "\0" in text:
        raise InvalidInput.of(path[:MAX_SHOWN], "must not contain NUL characters")
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InvalidInput.of(path[:MAX_SHOWN], "must be valid Unicode text")


def to_json(model: BaseModel) -> str:
    """Return a model as JSON, with money in the shop's currency."""
    return model.model_dump_json(context=cache(find_currency))  # read once, when the first amount needs it


def json_response(model: BaseModel, status: int = 200) -> Response:
    """Return a model as a JSON response."""
    return Response(to_json(model), status, mimetype="application/json")
