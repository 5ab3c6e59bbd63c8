"""The fields of a customer that people give and change. Forms, schemas, services, exports and imports iterate them.

Another field is a column of the model with its migration, and a line here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from shop.domain.customers.contact import MAX_EMAIL, normalize_email, normalize_phone
from shop.domain.text.cleaning import clean_line

MAX_NAME: Final = 200
NEITHER: Final = "or phone is required"


def N_(label: str) -> str:
    """Mark a label for translation where it is shown; message extraction knows this name."""
    return label


@dataclass(frozen=True, slots=True)
class CustomerField:
    """A field: its column and JSON name, label, and how typed text becomes its value.

    ``parse`` takes the text and the shop's country and raises ValueError with a sentence. ``empty`` is the value of
    a field that was left empty. ``length`` limits what may be typed.
    """

    name: str
    label: str
    length: int
    parse: Callable[[str, str], str]
    empty: Literal[""] | None
    example: str
    kind: Literal["text", "email", "tel", "date"] = "text"

    def value(self, typed: str | None, country: str) -> str | None:
        """Return the value of what was typed. Raise ValueError with a sentence."""
        return self.parse(typed, country) if typed and typed.strip() else self.empty


def _name(typed: str, _country: str) -> str:
    return clean_line(typed)[:MAX_NAME]


def _email(typed: str, _country: str) -> str:
    return normalize_email(typed)


FIELDS: Final = (
    CustomerField("email", N_("E-mail"), MAX_EMAIL, _email, None, "customer@example.com", "email"),
    CustomerField("first_name", N_("First name"), MAX_NAME, _name, "", "Jane"),
    CustomerField("last_name", N_("Last name"), MAX_NAME, _name, "", "Doe"),
    CustomerField("phone", N_("Phone"), 60, normalize_phone, None, "+254712345678", "tel"),
)
BY_NAME: Final[Mapping[str, CustomerField]] = {field.name: field for field in FIELDS}
