"""HTTP for the JSON doors: bodies and queries read into models, answers written, callers counted."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn, TypeVar

from flask import Response, abort, current_app, request
from flask.json.provider import DefaultJSONProvider
from pydantic import BaseModel, ValidationError

from shop.schemas.problems import field_errors
from shop.services.errors import FieldError, InvalidInput

Model = TypeVar("Model", bound=BaseModel)
MAX_DEPTH = 50
FORM_TEXT_BYTES = 64 * 1024
"""How much a form may hold beside its file."""
MAX_SHOWN = 100
"""Characters of a field's path that a refusal repeats."""


class UnsupportedBody(InvalidInput):
    """The body is not declared as JSON."""

    code = "unsupported_media_type"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _exact(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:  # an exponent beyond what even Decimal counts
        raise ValueError("no number is that large or small") from None


class ExactJson(DefaultJSONProvider):
    """JSON whose fractions are read as Decimal, so that ``0.29`` stays 0.29; ``NaN`` and ``Infinity`` are refused."""

    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Parse text with exact numbers."""
        kwargs.setdefault("parse_float", _exact)
        kwargs.setdefault("parse_constant", _refuse_constant)
        return json.loads(s, **kwargs)


def read_body(model: type[Model]) -> Model:
    """The request's JSON object as a model; InvalidInput with a sentence and the fields otherwise."""
    if request.environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() != "identity":
        raise UnsupportedBody("The body must come as it is, without Content-Encoding.")
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedBody("The body must be JSON, with Content-Type: application/json.")
    try:
        body = current_app.json.loads(_whole_body())
    except (ValueError, RecursionError):
        raise InvalidInput("The body is not valid JSON.", code="invalid_json") from None
    if not isinstance(body, dict):
        raise InvalidInput("The body must be a JSON object.", code="invalid_json")
    _check_text(body)
    return _validate(model, body)


def read_form(model: type[Model], file: str, most_bytes: int) -> tuple[Model, bytes | None]:
    """The request's form as a model, and the bytes of the file that came in the field ``file``; None without one.

    Raises InvalidInput with the fields; a body larger than such a file and some text is refused with 413.
    """
    if request.mimetype != "multipart/form-data":
        raise UnsupportedBody("The body must be a form, with Content-Type: multipart/form-data.")
    request.max_content_length = most_bytes + FORM_TEXT_BYTES
    _whole_body()  # kept, for Idempotency-Key; the form is read from it
    given: dict[str, Any] = request.form.to_dict(flat=True)
    _check_text(given)
    sent = request.files.get(file)
    data = sent.read() if sent is not None else b""
    if len(data) > most_bytes:
        raise InvalidInput.of(file, f"must be at most {most_bytes:,} bytes")
    given.pop(file, None)
    return _validate(model, given), data or None


def _whole_body() -> bytes:
    raw = request.get_data()
    most = request.max_content_length
    if request.content_length is None and most is not None and len(raw) >= most:
        abort(413)  # a body sent in chunks is cut off at the limit without a word
    return raw


def read_query(model: type[Model]) -> Model:
    """The request's query parameters as a model; of a repeated one the first counts."""
    given = request.args.to_dict(flat=True)
    _check_text(given)
    return _validate(model, {name: value for name, value in given.items() if value != ""})


def read_part(model: type[Model], raw: Any) -> Model:
    """A part of a body, such as one order of a batch, as a model; InvalidInput naming its fields otherwise."""
    if not isinstance(raw, dict):
        raise InvalidInput("It must be a JSON object.")
    return _validate(model, raw)


def _validate(model: type[Model], values: dict[str, Any]) -> Model:
    try:
        return model.model_validate(values)
    except ValidationError as problem:
        errors = field_errors(problem)
    raise invalid(errors)


def invalid(errors: list[FieldError]) -> InvalidInput:
    """The refusal of a body or query with these fields wrong."""
    first = errors[0]
    sentence = f"{first.field} {first.message}" if first.field else first.message
    more = f" ({len(errors) - 1} more to put right)" if len(errors) > 1 else ""
    return InvalidInput(f"{sentence}.{more}", errors=errors)


def _check_text(value: Any, path: str = "", depth: int = 0) -> None:
    """Refuse texts no database can keep: NUL characters and halves of characters; and nesting without end."""
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


def json_response(model: BaseModel, status: int = 200) -> Response:
    """A model as a JSON answer."""
    return Response(model.model_dump_json(), status, mimetype="application/json")
