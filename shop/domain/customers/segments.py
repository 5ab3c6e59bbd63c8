"""Segments: conditions on customers, the operators of each field, and how a value is parsed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, NamedTuple, Self

from shop.domain.customers.privacy import ConsentKind
from shop.domain.money import format_money, parse_money
from shop.domain.numbers import parse_number
from shop.domain.text.cleaning import clean_line, clean_short_line

ValueKind = Literal["number", "money", "days", "day", "month", "product", "tag", "text", "consent", "none"]
MOST_CONDITIONS: Final = 12
MAX_NUMBER: Final = 10**12
MAX_DAYS: Final = 3650
AT_LEAST, AT_MOST = "at_least", "at_most"
WITHIN, NOT_WITHIN, BEFORE, SINCE, NEVER = "within_days", "not_within_days", "before", "since", "never"
HAS, HAS_NOT, IS, IS_NOT, IN_MONTH = "has", "has_not", "is", "is_not", "in_month"
DATES: Final[dict[str, ValueKind]] = {WITHIN: "days", NOT_WITHIN: "days", SINCE: "day", BEFORE: "day"}
OPERATORS: Final[Mapping[str, Mapping[str, ValueKind]]] = {
    "orders": {AT_LEAST: "number", AT_MOST: "number"},
    "spent": {AT_LEAST: "money", AT_MOST: "money"},
    "last_order": {**DATES, NEVER: "none"},
    "bought": {HAS: "product", HAS_NOT: "product"},
    "points": {AT_LEAST: "number", AT_MOST: "number"},
    "member": {HAS: "none", HAS_NOT: "none"},
    "consent": {HAS: "consent", HAS_NOT: "consent"},
    "tag": {HAS: "tag", HAS_NOT: "tag"},
    "area": {IS: "text", IS_NOT: "text"},
    "birthday": {WITHIN: "days", IN_MONTH: "month"},
    "added": DATES,
}
"""By field, the operators and what kind of value each compares with."""


class Condition(NamedTuple):
    """One condition: a field, an operator, and the value as it is stored."""

    field: str
    operator: str
    value: str

    @property
    def kind(self) -> ValueKind:
        """The kind of its value."""
        return OPERATORS[self.field][self.operator]

    @classmethod
    def read(
        cls, field: str, operator: str, typed: str, decimal_mark: Literal[".", ","] = ".", currency: str = ""
    ) -> Self:
        """Return a condition from entered text; money is in ``currency``. Raise ValueError with a sentence."""
        kinds = OPERATORS.get(field)
        if kinds is None:
            raise ValueError("must be a customer field")
        if operator not in kinds:
            raise ValueError("must be an operator of this field")
        return cls(field, operator, _value(kinds[operator], clean_line(typed), decimal_mark, currency))


def _value(kind: ValueKind, typed: str, mark: Literal[".", ","], currency: str) -> str:
    if kind == "none":
        return ""
    if not typed:
        raise ValueError("needs a value")
    if kind in ("number", "days", "month", "product"):
        return _whole(typed, {"days": MAX_DAYS, "month": 12}.get(kind, MAX_NUMBER), mark)
    if kind == "money":
        return format_money(parse_money(parse_number(typed, mark), currency), currency)
    if kind == "day":
        return _day(typed)
    if kind == "consent" and typed not in list(ConsentKind):
        raise ValueError("must be a kind of consent")
    return clean_short_line(typed, 200)


def _whole(typed: str, most: int, mark: Literal[".", ","]) -> str:
    number = parse_number(typed, mark)
    if number != int(number) or not 0 <= number <= most:
        raise ValueError("must be a whole number in the allowed range")
    return str(int(number))


def _day(typed: str) -> str:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise ValueError("must be a day such as 2026-07-31") from None
    if not 1970 <= day.year <= 2099:
        raise ValueError("must be a day such as 2026-07-31")
    return day.isoformat()


@dataclass(frozen=True, slots=True)
class SegmentRules:
    """The conditions of a segment: all of them must hold, or any."""

    conditions: tuple[Condition, ...] = ()
    any_of: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the rules as JSON values."""
        return {"any_of": self.any_of, "conditions": [list(one) for one in self.conditions]}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return stored rules; conditions unknown to this version are left out."""
        known = [Condition(*one) for one in _threes(kept.get("conditions", ()))]
        conditions = tuple(one for one in known if one.operator in OPERATORS.get(one.field, {}))
        return cls(conditions, bool(kept.get("any_of")))


def _threes(rows: Iterable[Sequence[str]]) -> list[Sequence[str]]:
    return [row for row in rows if len(row) == 3]
