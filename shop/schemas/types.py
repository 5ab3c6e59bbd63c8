"""Base models and field types of all schemas (``docs/contract/api.md``, section 1)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    SerializationInfo,
    StrictInt,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from shop.domain.customers.fields import MAX_METADATA
from shop.domain.ids import MAX_ID
from shop.domain.money import format_money, minor_units, parse_money
from shop.domain.text.cleaning import clean_line, clean_text, drop_unstorable
from shop.domain.text.messages import Translatable
from shop.schemas.times import DayOrMomentIn

MONEY_PATTERN = r"^-?[0-9]+\.[0-9]{2,4}$"


class RequestModel(BaseModel):
    """Base of request models: unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class ResponseModel(BaseModel):
    """Base of response models and their parts."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


def currency_of(info: ValidationInfo | SerializationInfo) -> str:
    """Return the shop's currency: the context of JSON that has money is a function that returns it.

    Without a context minor units are hundredths.
    """
    find: Callable[[], str] | None = info.context
    return "" if find is None else find()


def _cents(raw: Any, info: ValidationInfo) -> int:
    if not isinstance(raw, str | int | Decimal) or isinstance(raw, bool):
        raise ValueError("must be an amount such as 2400.00")
    return parse_money(raw, currency_of(info))


def _money(cents: int, info: SerializationInfo) -> str:
    return format_money(cents, currency_of(info))


def _moment(moment: datetime) -> str:
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _number(cents: int, info: SerializationInfo) -> int | float:
    """Return 12500, or 12500.5. Exact below 2**53 minor units; for output only."""
    unit = minor_units(currency_of(info))
    return cents // unit if cents % unit == 0 else float(Decimal(cents) / unit)


Id = Annotated[StrictInt, Field(ge=1, le=MAX_ID, examples=[42])]
"""An id in a body."""
Points = Annotated[int, Field(examples=[320])]
Count = Annotated[int, Field(ge=0, examples=[5])]

MoneyIn = Annotated[
    int,
    BeforeValidator(_cents),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^[0-9]{1,11}(\.[0-9]{1,4})?$"},
                {"type": "number", "minimum": 0, "maximum": 99999999999.99, "multipleOf": 0.0001},
            ],
            "examples": ["2400.00"],
        }
    ),
]
"""Minor units, from a string or a number with at most the decimals of the shop's currency."""

Money = Annotated[
    int,
    PlainSerializer(_money, return_type=str),
    WithJsonSchema({"type": "string", "pattern": MONEY_PATTERN, "examples": ["2400.00"]}),
]
"""Minor units, written with the decimals of the shop's currency, at least two: money in orders and the catalogue."""

MoneyNumber = Annotated[
    int,
    PlainSerializer(_number, return_type=int | float),
    WithJsonSchema({"type": "number", "examples": [12500]}),
]
"""Minor units, written as a JSON number: money in customers, coupon previews and loyalty previews."""

Moment = Annotated[
    datetime,
    PlainSerializer(_moment, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-01-15T10:00:00.000Z"]}),
]
"""UTC with three decimals and ``Z``."""


def _cleaned(clean: Callable[[str], str]) -> BeforeValidator:
    """Clean text before its length is checked; what is no text is left to the check of the type."""
    return BeforeValidator(lambda raw: clean(raw) if isinstance(raw, str) else raw)


def _day_line(raw: str) -> str:
    """Return a day as typed, which the service reads; a day with a time is refused for its form, not its length."""
    text = clean_line(raw)
    if len(text) > len("1990-04-12"):
        raise ValueError("must be a day such as 1990-04-12")
    return text


cleaned_line, cleaned_day = _cleaned(clean_line), _cleaned(_day_line)
ShortText = Annotated[str, StringConstraints(strict=True, max_length=64), _cleaned(clean_line)]
Text = Annotated[str, StringConstraints(strict=True, max_length=200), _cleaned(clean_line)]
LongText = Annotated[str, StringConstraints(strict=True, max_length=5000), _cleaned(clean_text)]
EmailIn = Annotated[
    str,
    StringConstraints(strict=True, min_length=3, max_length=254),
    _cleaned(clean_line),
    Field(examples=["customer@example.com"], json_schema_extra={"format": "email"}),
]
PhoneIn = Annotated[
    str, StringConstraints(strict=True, max_length=60), _cleaned(clean_line), Field(examples=["+254712345678"])
]
MetadataValue = str | int | bool | None


def _metadata_value(raw: Any) -> MetadataValue:
    """Check a value without a union, whose errors would name its members."""
    if isinstance(raw, str) and len(raw) > MAX_METADATA:
        raise ValueError(Translatable("must have at most %(max_length)s characters", max_length=MAX_METADATA))
    if not (raw is None or isinstance(raw, str | int)):
        raise ValueError("must be text, a whole number, true, false or null")
    if isinstance(raw, int) and abs(raw) > MAX_ID:
        raise ValueError("is too large")
    return raw


MetadataValueIn = Annotated[
    MetadataValue,
    PlainValidator(_metadata_value),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": MAX_METADATA},
                {"type": "integer", "minimum": -MAX_ID, "maximum": MAX_ID},
                {"type": "boolean"},
                {"type": "null"},
            ]
        }
    ),
]


def _with_clean_keys(given: Any) -> Any:
    """Return an object with its keys as a person sees them. Raise ValueError if two are then the same."""
    if not isinstance(given, dict):
        return given
    cleaned = {clean_line(key) if isinstance(key, str) else key: value for key, value in given.items()}
    if len(cleaned) < len(given) or "" in cleaned:
        raise ValueError("must have keys that can be seen, each once")
    return cleaned


MetadataIn = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=64)], MetadataValueIn],
    BeforeValidator(_with_clean_keys),
    Field(max_length=50, description="Up to 50 values of your own by key: texts, whole numbers, true, false, null."),
]


ROW = "x-row"
"""Names a model in the schema of a row; the document has a reference instead."""


@dataclass(frozen=True, slots=True)
class Described:
    """Marks a row that its endpoint validates on its own: anything, described in the document as a model."""

    model: type[BaseModel]

    def __get_pydantic_json_schema__(self, _any: Any, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {ROW: self.model.__name__}


def row_models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield the models that describe the rows of a request."""
    for field in model.model_fields.values():
        for part in get_args(field.annotation):
            yield from (mark.model for mark in getattr(part, "__metadata__", ()) if isinstance(mark, Described))


SearchText = Annotated[str, StringConstraints(max_length=200), _cleaned(drop_unstorable), Field(examples=["jane"])]


class PageQuery(RequestModel):
    """Page of a list."""

    page: Annotated[int, Field(ge=1, le=10_000_000, description="Page number, from 1.")] = 1
    limit: Annotated[int, Field(ge=1, le=100, description="Items per page.")] = 20


class SequenceQuery(RequestModel):
    """Place in a list that only grows, and how much of it."""

    after: Annotated[int, Field(ge=0, le=MAX_ID, description="Events after this sequence.")] = 0
    limit: Annotated[int, Field(ge=1, le=100, description="Maximum number of events.")] = 20


class TimesQuery(RequestModel):
    """Filters of a list by time: a day without a time is the whole day in the shop's time zone."""

    since: Annotated[
        DayOrMomentIn | None, Field(alias="from", description="Created at this time or later, or from this day on.")
    ] = None
    until: Annotated[
        DayOrMomentIn | None,
        Field(alias="to", description="Created before this time, or up to and including this day."),
    ] = None
    updated_since: Annotated[
        DayOrMomentIn | None, Field(description="Changed at this time or later, or from this day on.")
    ] = None


class OffsetQuery(RequestModel):
    """Offset and limit of a list."""

    limit: Annotated[int, Field(ge=1, le=200, description="Maximum number of entries.")] = 50
    offset: Annotated[int, Field(ge=0, le=1_000_000_000, description="Entries to skip.")] = 0
