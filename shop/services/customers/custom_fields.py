"""Fields of customers that the shop defines: list, add, change and delete them, and clean their values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.customers.custom_fields import CustomFieldType, parse_value
from shop.domain.text.cleaning import clean_line
from shop.domain.text.search import search_words
from shop.models import CustomField
from shop.services import audit_log
from shop.services.actors import Actor
from shop.services.errors import FieldError, InvalidInput, NotFound
from shop.services.shops.settings import get_settings

MOST: Final = 30
LONGEST_NAME: Final = 60
KEY: Final = re.compile("[a-z][a-z0-9_]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CustomFieldGiven:
    """A field's settings as typed. ``choices`` are texts; ``position`` orders the fields."""

    name: str
    type: str = CustomFieldType.TEXT
    choices: Sequence[str] = ()
    on_form: bool = True
    in_list: bool = False
    in_export: bool = True
    position: int = 0

    def cleaned(self) -> dict[str, Any]:
        """Return the values of the columns. Raise InvalidInput."""
        name = clean_line(self.name)
        if not 1 <= len(name) <= LONGEST_NAME:
            raise InvalidInput.of("name", "must have 1 to %(limit)s characters", limit=LONGEST_NAME)
        if self.type not in list(CustomFieldType):
            raise InvalidInput.of("type", "must be one of %(choices)s", choices=", ".join(CustomFieldType))
        choices = list(dict.fromkeys(word for one in self.choices if (word := clean_line(one))))
        if (self.type == CustomFieldType.CHOICE) != bool(choices):
            raise InvalidInput.of("choices", "are needed by a field of choices, and by no other")
        shown = {flag: getattr(self, flag) for flag in ("on_form", "in_list", "in_export", "position")}
        return {"name": name, "type": self.type, "choices": choices, **shown}


def list_custom_fields() -> Sequence[CustomField]:
    """Return the shop's fields in their order."""
    return db.session.scalars(select(CustomField).order_by(CustomField.position, CustomField.id)).all()


def get_custom_field(field_id: int) -> CustomField:
    """Return a field. Raise NotFound."""
    found = db.session.scalars(select(CustomField).where(CustomField.id == field_id)).first()
    if found is None:
        raise NotFound("There is no such field.", code="custom_field_not_found")
    return found


def add_custom_field(given: CustomFieldGiven, actor: Actor) -> CustomField:
    """Add a field; its key is derived from its name. Raise InvalidInput."""
    values = given.cleaned()
    with transaction() as session:
        there = list_custom_fields()
        if len(there) >= MOST:
            raise InvalidInput.of("name", "can't be added: a shop has at most %(limit)s fields", limit=MOST)
        _check_name(values["name"], there)
        field = CustomField(key=_new_key(values["name"], {one.key for one in there}), **values)
        session.add(field)
        audit_log.record(actor, "custom_field.added", "custom_fields", new=field.name)
        session.flush()
    return field


def change_custom_field(field_id: int, given: CustomFieldGiven, actor: Actor) -> CustomField:
    """Change a field; its key and the values that customers have stay. Raise NotFound, InvalidInput."""
    values = given.cleaned()
    with transaction() as session:
        field = get_custom_field(field_id)
        _check_name(values["name"], [one for one in list_custom_fields() if one.id != field_id])
        for name, value in values.items():
            setattr(field, name, value)
        audit_log.record(actor, "custom_field.changed", "custom_fields", new=field.name)
        session.flush()
    return field


def delete_custom_field(field_id: int, actor: Actor) -> None:
    """Delete a field. Customers keep its values, which are no longer shown. Raise NotFound."""
    with transaction() as session:
        field = get_custom_field(field_id)
        audit_log.record(actor, "custom_field.deleted", "custom_fields", old=field.name)
        session.delete(field)


def _check_name(name: str, others: Sequence[CustomField]) -> None:
    if any(one.name.casefold() == name.casefold() for one in others):
        raise InvalidInput.of("name", "is the name of another field")


def _new_key(name: str, taken: set[str]) -> str:
    words = "_".join(re.sub("[^a-z0-9]+", "", word) for word in search_words(name)).strip("_")[:36]
    stem = words if KEY.fullmatch(words) else f"field_{words}".rstrip("_")
    numbered = (f"{stem}_{number}" for number in range(2, MOST + 3))
    return next(key for key in (stem, *numbered) if key not in taken)


def clean_custom_values(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the values given for the shop's fields, "" for those to clear. Raise InvalidInput naming the field."""
    fields = {field.key: field for field in list_custom_fields()} if given else {}
    unknown = [key for key in given if key not in fields]
    if unknown:
        raise InvalidInput.of("custom_fields", "must name fields of the shop; %(key)s is unknown", key=unknown[0])
    country = get_settings().country
    values: dict[str, str] = {}
    errors = []
    for key, typed in given.items():
        field = fields[key]
        try:
            values[key] = parse_value(typed or "", field.type, field.choices, country)
        except ValueError as wrong:
            errors.append(FieldError(f"custom_fields.{key}", str(wrong)))
    if errors:
        sentence = f"{fields[errors[0].field.partition('.')[2]].name}: {errors[0].message}."
        raise InvalidInput(sentence, errors=errors)
    return values
