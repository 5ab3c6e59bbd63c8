"""URL converters of this application, for rules such as ``/orders/<id:order_id>``."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter, ValidationError

from shop.domain.ids import ID_DIGITS, MAX_ID


class IdConverter(IntegerConverter):
    """A database id, from 1 to 2**63 - 1. Any other number is an unknown path (404)."""

    regex = ID_DIGITS
    part_isolating = True

    def __init__(self, url_map: Map, **options: Any) -> None:
        super().__init__(url_map, min=1, max=MAX_ID, **options)


class TextConverter(UnicodeConverter):
    """A part of a path. With a NUL, which PostgreSQL cannot compare, it is an unknown path (404)."""

    def to_python(self, value: str) -> str:
        """Return the part. Raise ValidationError for one with a NUL."""
        if "\0" in value:
            raise ValidationError
        return value


def init_app(app: Flask) -> None:
    """Register the converters. Routes that use them are registered afterwards."""
    app.url_map.converters |= {"id": IdConverter, "default": TextConverter, "string": TextConverter}
