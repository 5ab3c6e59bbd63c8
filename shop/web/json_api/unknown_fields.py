"""Fields and query parameters that an endpoint does not know (``docs/contract/api.md``, section 1).

They are ignored, and the response names them in ``X-Ignored``; with ``Prefer: handling=strict`` (RFC 7240) they are an
error.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, g, request
from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

from shop.services.errors import FieldError, InvalidInput

HEADER = "X-Ignored"
MOST = 20
"""Maximum number of names in the header."""
LONGEST = 100
"""Maximum length of a name."""
STRICT = "handling=strict"


def init_app(app: Flask) -> None:
    """Name the ignored fields in every response."""
    app.after_request(_name_ignored)


def note_unknown(model: BaseModel, raw: Mapping[str, Any], path: str = "") -> None:
    """Record unknown names of a request, or of the part of it at ``path``. Raise as :func:`note_names`."""
    note_names(list(_unknown(model, raw, "")), path)


def note_names(unknown: Collection[str], path: str = "") -> None:
    """Record names that nothing reads, or raise InvalidInput if the request asks for strict handling."""
    if not unknown:
        return
    if _is_strict():
        errors = [FieldError(name[:LONGEST], "is unknown") for name in unknown]
        raise InvalidInput("The request has fields that are unknown here.", code="unknown_field", errors=errors)
    g.ignored = [*g.get("ignored", ()), *(f"{path}{name}" for name in unknown)]


def _unknown(model: BaseModel, raw: Mapping[str, Any], path: str) -> Iterator[str]:
    names = _known(type(model))
    for key, value in raw.items():
        if key not in names:
            yield f"{path}{key}"
        elif isinstance(value, (dict, list)):
            yield from _unknown_in(getattr(model, names[key], None), value, f"{path}{key}")


def _unknown_in(value: Any, raw: Any, path: str) -> Iterator[str]:
    if isinstance(value, BaseModel) and isinstance(raw, Mapping):
        yield from _unknown(value, raw, f"{path}.")
    elif isinstance(value, list) and isinstance(raw, list) and len(value) == len(raw):
        for index, (part, raw_part) in enumerate(zip(value, raw, strict=True)):
            yield from _unknown_in(part, raw_part, f"{path}[{index}]")


@lru_cache(256)
def _known(model: type[BaseModel]) -> dict[str, str]:
    """Return the names under which a model's fields may be sent."""
    return {known: name for name, field in model.model_fields.items() for known in _names(name, field)}


def _names(name: str, field: FieldInfo) -> set[str]:
    """Return the names under which a field may be sent."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return {choice for choice in alias.choices if isinstance(choice, str)}
    return {alias} if isinstance(alias, str) else {name}


def _is_strict() -> bool:
    preferences = request.environ.get("HTTP_PREFER", "").lower()
    return STRICT in {part.replace(" ", "").partition(";")[0] for part in preferences.split(",")}


def _name_ignored(response: Response) -> Response:
    if not request.path.startswith("/api/"):
        return response
    if g.get("ignored"):
        shown = [quote(name[:LONGEST], safe="[]._-") for name in dict.fromkeys(g.ignored)]
        response.headers[HEADER] = ", ".join(shown[:MOST])
    if _is_strict():
        response.headers["Preference-Applied"] = STRICT
    return response
