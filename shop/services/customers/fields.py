"""Given values of a customer's fields in their stored form."""

from collections.abc import Mapping
from typing import Any

from shop.domain.customers.fields import BY_NAME, MAX_KEYS, NEITHER, without_empty
from shop.domain.dates.days import day_of
from shop.models import Customer
from shop.services import clock
from shop.services.customers.custom_fields import clean_custom_values
from shop.services.errors import InvalidInput
from shop.services.shops.settings import get_settings

Values = dict[str, Any]


def clean_field(name: str, given: Any, *, field: str | None = None) -> Any:
    """Return a field's value. Raise InvalidInput naming ``field``, or the field itself."""
    try:
        value = BY_NAME[name].value(given, get_settings().country)
    except ValueError as wrong:
        raise InvalidInput.of(field or name, str(wrong)) from None
    if name == "birthday" and value and value > _today():
        raise InvalidInput.of(field or name, "must not be in the future")
    return clean_custom_values(given or {}) if name == "custom_fields" else value


def _today() -> str:
    return day_of(clock.now(), get_settings().values["shop_timezone"]).isoformat()


def clean_fields(given: Mapping[str, Any]) -> Values:
    """Return the values of the fields given, by attribute. Raise InvalidInput naming the first invalid one."""
    return {BY_NAME[name].attribute: clean_field(name, value) for name, value in given.items()}


def changed_fields(customer: Customer, given: Mapping[str, Any]) -> Values:
    """Return the values, by attribute, of the fields given that differ from a customer's. Raise InvalidInput.

    Of metadata and custom fields the keys given change: an empty text removes a key, None instead of keys all of them.
    """
    values: Values = {}
    for name, value in given.items():
        field = BY_NAME[name]
        before = getattr(customer, field.attribute)
        if value == before:
            continue
        after = clean_field(name, value)
        if field.kind == "map":
            after = {} if value is None else without_empty({**before, **value, **after})
            _check_count(name, before, after)
        values[field.attribute] = after
    return values


def _check_count(name: str, before: Values, after: Values) -> None:
    """Refuse more keys than a customer may have; one who got more from a merge may lose some of them."""
    if len(after) > max(MAX_KEYS, len(before)):
        raise InvalidInput.of(name, "must have at most 50 keys")


def require_identity(values: Mapping[str, Any]) -> None:
    """Raise InvalidInput unless there is an e-mail or a phone."""
    if not (values["email"] or values["phone"]):
        raise InvalidInput.of("email", NEITHER)
