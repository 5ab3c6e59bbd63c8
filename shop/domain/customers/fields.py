"""The fields of a customer that people give and change. Forms, schemas, services, exports and imports iterate them.

Another field is a column of the model with its migration, and a line here.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from shop.domain.customers.contact import MAX_EMAIL, normalize_email, normalize_phone
from shop.domain.dates.days import parse_iso_day
from shop.domain.text.cleaning import clean_line, clean_short_line
from shop.domain.text.messages import Translatable

MAX_NAME: Final = 200
MAX_EXTERNAL_ID: Final = 100
MAX_TAG: Final = 40
MAX_TAGS: Final = 50
MAX_KEYS: Final = 50
MAX_VALUE: Final = 500
MAX_METADATA: Final = 1000
FIRST_YEAR: Final = 1900
NEITHER: Final = "or phone is required"
KEY: Final = re.compile(r"[A-Za-z0-9_.:-]{1,40}", re.ASCII)


def N_(label: str) -> str:
    """Mark a label for translation where it is shown; message extraction knows this name."""
    return label


@dataclass(frozen=True, slots=True)
class CustomerField:
    """A field: its column and JSON name, label, and how a given value becomes its stored one.

    ``parse`` takes the value and the shop's country and raises ValueError with a sentence. ``empty`` is the value of
    a field that was left empty. ``length`` limits what may be typed. A field of kind ``tags`` is a list of texts, one
    of kind ``map`` an object of values, which no form has. ``attribute`` is the model's, if it has another name.
    """

    name: str
    label: str
    length: int
    parse: Callable[[Any, str], Any]
    empty: Any
    example: Any
    kind: Literal["text", "email", "tel", "date", "tags", "map"] = "text"
    attribute: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "attribute", self.attribute or self.name)

    def value(self, given: Any, country: str) -> Any:
        """Return the stored form of what was given. Raise ValueError with a sentence."""
        if given is None or (isinstance(given, str) and not given.strip()):
            return self.empty
        return self.parse(given, country)

    @property
    def is_typed(self) -> bool:
        """Whether forms, files and lists have it."""
        return self.kind != "map"

    def text(self, value: Any) -> str:
        """Return a value as it is shown in a form or a file."""
        return ", ".join(value) if self.kind == "tags" else value or ""


def _name(typed: str, _country: str) -> str:
    return clean_short_line(typed, MAX_NAME)


def _email(typed: str, _country: str) -> str:
    return normalize_email(typed)


def parse_birthday(typed: str, _country: str = "") -> str:
    """Return ``1990-04-12``. Raise ValueError with a sentence."""
    try:
        day = parse_iso_day(clean_line(typed))
    except ValueError:
        raise ValueError("must be a day such as 1990-04-12") from None
    if day.year < FIRST_YEAR:
        raise ValueError("must be a day such as 1990-04-12")
    return day.isoformat()


def parse_tags(given: str | Iterable[str], _country: str = "") -> list[str]:
    """Return tags without repetition, in their order, from a list or from words between commas.

    Tags that differ only in case are one. Raise ValueError with a sentence.
    """
    words = given.split(",") if isinstance(given, str) else given
    tags: dict[str, str] = {}
    for word in words:
        if "," in word:
            raise ValueError("must be tags without commas")
        if tag := clean_line(word):
            tags.setdefault(tag.casefold(), tag)
    if any(len(tag) > MAX_TAG for tag in tags.values()):
        raise ValueError("must be tags of at most 40 characters")
    if len(tags) > MAX_TAGS:
        raise ValueError("must be at most 50 tags")
    return list(tags.values())


def parse_external_id(typed: str, _country: str = "") -> str:
    """Return the id of the customer in another system. Raise ValueError with a sentence."""
    cleaned = clean_line(typed)
    if len(cleaned) > MAX_EXTERNAL_ID:
        raise ValueError("must have at most 100 characters")
    return cleaned


def parse_metadata(given: Mapping[str, Any], _country: str = "") -> dict[str, Any]:
    """Return API metadata: texts, whole numbers and truth values by key; an empty text and None remove their key.

    Raise ValueError with a sentence.
    """
    _check_keys(given)
    for value in given.values():
        if not (value is None or isinstance(value, str | int)):
            raise ValueError("must have texts, whole numbers, true or false as values")
        if isinstance(value, str):
            _check_text(value, MAX_METADATA)
    return without_empty(given)


def without_empty(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are neither None nor an empty text."""
    return {key: value for key, value in given.items() if value not in (None, "")}


def _custom_fields(given: Mapping[str, Any], _country: str) -> dict[str, str]:
    _check_keys(given)
    for value in given.values():
        _check_text(value)
    return without_empty(given)


def _check_keys(given: Mapping[str, Any]) -> None:
    if len(given) > MAX_KEYS:
        raise ValueError("must have at most 50 keys")
    if not all(KEY.fullmatch(key) for key in given):
        raise ValueError("must have keys of letters, digits and the signs _ . : - (at most 40)")


def _check_text(value: Any, longest: int = MAX_VALUE) -> None:
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        raise ValueError(Translatable("must have texts of at most %(limit)s characters as values", limit=longest))


FIELDS: Final = (
    CustomerField("email", N_("E-mail"), MAX_EMAIL, _email, None, "customer@example.com", "email"),
    CustomerField("first_name", N_("First name"), MAX_NAME, _name, "", "Jane"),
    CustomerField("last_name", N_("Last name"), MAX_NAME, _name, "", "Doe"),
    CustomerField("phone", N_("Phone"), 60, normalize_phone, None, "+254712345678", "tel"),
    CustomerField("birthday", N_("Birthday"), 10, parse_birthday, None, "1990-04-12", "date"),
    CustomerField("area", N_("Area"), MAX_NAME, _name, "", "Kilimani"),
    CustomerField("tags", N_("Tags"), 1000, parse_tags, [], ["Regular"], "tags"),
    CustomerField("external_id", N_("External ID"), MAX_EXTERNAL_ID, parse_external_id, None, "crm-1042"),
    CustomerField("metadata", N_("Metadata"), 0, parse_metadata, {}, {"loyalty_card": "7781"}, "map", "extra"),
    CustomerField("custom_fields", N_("Custom fields"), 0, _custom_fields, {}, {}, "map"),
)
BY_NAME: Final[Mapping[str, CustomerField]] = {field.name: field for field in FIELDS}
TYPED: Final = tuple(field for field in FIELDS if field.is_typed)
