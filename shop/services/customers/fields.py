"""What was typed into a customer's fields, as it is stored."""

from collections.abc import Mapping

from shop.domain.customers.fields import BY_NAME, NEITHER
from shop.services.errors import InvalidInput
from shop.services.shops.settings import get_settings

Values = dict[str, str | None]


def clean_field(name: str, typed: str | None, *, field: str | None = None) -> str | None:
    """Return a field's value. Raise InvalidInput naming ``field``, or the field itself."""
    try:
        return BY_NAME[name].value(typed, get_settings().country)
    except ValueError as wrong:
        raise InvalidInput.of(field or name, str(wrong)) from None


def clean_fields(given: Mapping[str, str | None]) -> Values:
    """Return the values of the fields given. Raise InvalidInput naming the first that cannot be read."""
    return {name: clean_field(name, typed) for name, typed in given.items()}


def require_identity(values: Mapping[str, str | None]) -> None:
    """Raise InvalidInput unless there is an e-mail or a phone."""
    if not (values["email"] or values["phone"]):
        raise InvalidInput.of("email", NEITHER)
