"""Pydantic's validation errors as sentences: ``items[0].quantity must be a whole number``."""

import re
from typing import Any

from pydantic import ValidationError

from shop.domain.text.messages import N_, Translatable
from shop.services.errors import FieldError

MAX_LISTED = 20
WORDS = {
    "missing": N_("is required"),
    "int_type": N_("must be a whole number"),
    "int_parsing": N_("must be a whole number"),
    "int_from_float": N_("must be a whole number"),
    "int_parsing_size": N_("is too large"),
    "string_type": N_("must be text"),
    "string_pattern_mismatch": N_("does not have the right form"),
    "bool_type": N_("must be true or false"),
    "bool_parsing": N_("must be true or false"),
    "list_type": N_("must be a list"),
    "dict_type": N_("must be an object"),
    "model_type": N_("must be an object"),
    "model_attributes_type": N_("must be an object"),
    "datetime_type": N_("must be a time with its zone such as 2026-01-15T10:00:00Z"),
    "datetime_parsing": N_("must be a time with its zone such as 2026-01-15T10:00:00Z"),
    "datetime_from_date_parsing": N_("must be a time with its zone such as 2026-01-15T10:00:00Z"),
    "datetime_object_invalid": N_("must be a time with its zone such as 2026-01-15T10:00:00Z"),
    "timezone_aware": N_("must be a time with its zone such as 2026-01-15T10:00:00Z"),
    "finite_number": N_("must be a number"),
}
TEMPLATES = {
    "string_too_short": N_("must have at least %(min_length)s characters"),
    "string_too_long": N_("must have at most %(max_length)s characters"),
    "too_short": N_("must have at least %(min_length)s entries"),
    "too_long": N_("must have at most %(max_length)s entries"),
    "greater_than_equal": N_("must be at least %(ge)s"),
    "greater_than": N_("must be more than %(gt)s"),
    "less_than_equal": N_("must be at most %(le)s"),
    "less_than": N_("must be less than %(lt)s"),
    "literal_error": N_("must be one of %(expected)s"),
    "enum": N_("must be one of %(expected)s"),
}

SORT_ORDERS = re.compile(r"\^-\?\((?P<names>[a-z_|]+)\)")
"""How the pattern of a list's ``sort`` begins."""


def field_errors(problem: ValidationError) -> list[FieldError]:
    """Return each validation error as field and message, at most 20."""
    found = problem.errors(include_url=False, include_input=False)
    return [FieldError(_path(error["loc"]), _message(dict(error))) for error in found[:MAX_LISTED]]


def _path(loc: tuple[int | str, ...]) -> str:
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _message(error: dict[str, Any]) -> str:
    kind, context = str(error["type"]), error.get("ctx") or {}
    if context.get("field_type") == "Value":  # a text, as pydantic reports its length after a validator
        kind = f"string_{kind}"
    if kind == "value_error" and "error" in context:
        return str(context["error"])  # a Translatable stays one
    if order := SORT_ORDERS.match(str(context.get("pattern", ""))):
        names = order["names"].replace("|", ", ")
        return Translatable(N_("must be one of %(names)s, with - before it for the reverse"), names=names)
    if kind in ("string_too_short", "too_short") and context["min_length"] == 1:
        return N_("must not be empty")
    if kind in TEMPLATES:
        return Translatable(TEMPLATES[kind], **{name: _plain(value) for name, value in context.items()})
    return WORDS.get(kind, N_("is not valid"))


def _plain(value: Any) -> Any:
    """Return pydantic's ``'a', 'b' or 'c'`` without quotes and "or"."""
    return value.replace("'", "").replace(" or ", ", ") if isinstance(value, str) else value
