"""Fields of customers that a shop defines: their types, and how typed text becomes a value."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from shop.domain.dates.days import parse_iso_day
from shop.domain.numbers import decimal_mark, parse_number
from shop.domain.text.cleaning import clean_line

MAX_VALUE: Final = 500
YES, NO = "yes", "no"


class CustomFieldType(StrEnum):
    """The type of a field. Every value is stored as text."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"


def parse_value(typed: str, kind: str, choices: Sequence[str], country: str) -> str:
    """Return the stored text of an entered value, "" for an empty one. Raise ValueError with a sentence."""
    text = clean_line(typed)
    if not text:
        return ""
    if kind == CustomFieldType.NUMBER:
        return f"{parse_number(text, decimal_mark(country)).normalize():f}"
    if kind == CustomFieldType.DATE:
        try:
            return parse_iso_day(text).isoformat()
        except ValueError:
            raise ValueError("must be a day such as 2026-07-31") from None
    if kind == CustomFieldType.YES_NO:
        return _yes_or_no(text)
    if kind == CustomFieldType.CHOICE:
        found = {choice.casefold(): choice for choice in choices}.get(text.casefold())
        if found is None:
            raise ValueError("must be one of the field's choices")
        return found
    if len(text) > MAX_VALUE:
        raise ValueError("must have at most 500 characters")
    return text


def _yes_or_no(text: str) -> str:
    word = text.casefold()
    if word in (YES, "true", "1", "y", "ndiyo"):
        return YES
    if word in (NO, "false", "0", "n", "hapana"):
        return NO
    raise ValueError("must be yes or no")
