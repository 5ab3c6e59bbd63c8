"""The form of a customer's fields: the standard ones, and those that the shop defines."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, SelectChoice, SelectField, StringField, TelField, ValidationError

from shop.domain.customers.custom_fields import NO, YES, CustomFieldType
from shop.domain.customers.fields import TYPED
from shop.services.customers.custom_fields import list_custom_fields
from shop.services.errors import ShopError
from shop.web.i18n import sentence_case
from shop.web.pages.forms import put_errors, text_field

MAIN: Final = ("first_name", "last_name", "email", "phone")
"""The fields that every form has on top, in this order."""
OWN: Final = "custom_"
KINDS: Final[dict[str, type[Field]]] = {"email": EmailField, "tel": TelField}
HELP: Final = {"tags": _("Separate tags with commas"), "external_id": _("The customer’s number in another system")}


class DetailsForm(FlaskForm):  # type: ignore[misc]
    """A customer's fields; an e-mail or a phone is required."""

    def validate_email(self, field: Field) -> None:
        """Require an e-mail or a phone."""
        if not field.data and not self.phone.data:
            raise ValidationError(_("Enter an e-mail or a phone number"))

    @property
    def given(self) -> dict[str, Any]:
        """Return the fields as typed."""
        own = {name.removeprefix(OWN): self[name].data or "" for name in self._fields if name.startswith(OWN)}
        return {field.name: self[field.name].data for field in TYPED} | {"custom_fields": own}

    @property
    def main(self) -> list[Field]:
        """Return the fields of name, e-mail and phone."""
        return [self[name] for name in MAIN]

    @property
    def more(self) -> list[Field]:
        """Return the other fields, then the shop's own."""
        names = [field.name for field in TYPED if field.name not in MAIN]
        return [self[name] for name in [*names, *(name for name in self._fields if name.startswith(OWN))]]

    def refuse(self, refusal: ShopError) -> bool:
        """Show an error at its fields; return whether every message has a field."""
        own = [error for error in refusal.errors if error.field.startswith("custom_fields.")]
        for error in own:
            self[OWN + error.field.partition(".")[2]].errors = [sentence_case(error.message)]
        return bool(own) or put_errors(self, refusal)


for _field in TYPED:
    _options = {"render_kw": {"type": "date"}} if _field.kind == "date" else {}
    _id = _field.name.replace("_", "-")
    _made = text_field(
        _(_field.label),
        _field.length,
        kind=KINDS.get(_field.kind, StringField),
        id=_id,
        description=HELP.get(_field.name, ""),
        **_options,
    )
    setattr(DetailsForm, _field.name, _made)


def details_form(customer: Any = None, *, typed: dict[str, str] | None = None) -> DetailsForm:
    """Return the submitted form, or one filled from a customer or ``typed``."""
    own = [field for field in list_custom_fields() if field.on_form]
    form = type("ShopDetailsForm", (DetailsForm,), {OWN + field.key: _own_field(field) for field in own})
    if customer is not None:
        values = {field.name: field.text(getattr(customer, field.name)) for field in TYPED}
        values |= {OWN + key: value for key, value in customer.custom_fields.items()}
        return form(formdata=None, data=values)
    return form(formdata=None, data=typed) if typed is not None else form()


def own_value(field: Any, values: Mapping[str, str]) -> str:
    """Return a value of the shop's own field for display."""
    value = values.get(field.key, "")
    if field.type == CustomFieldType.YES_NO:
        return {YES: gettext("Yes"), NO: gettext("No")}.get(value, "")
    return value


def _own_field(field: Any) -> Field:
    element_id = f"custom-{field.key.replace('_', '-')}"
    if field.type in (CustomFieldType.CHOICE, CustomFieldType.YES_NO):
        yes_no = [(YES, gettext("Yes")), (NO, gettext("No"))]
        pairs = yes_no if field.type == CustomFieldType.YES_NO else [(one, one) for one in field.choices]
        choices = [SelectChoice(value, word) for value, word in [("", "–"), *pairs]]
        return SelectField(field.name, choices=choices, id=element_id, default="")
    keywords = {
        CustomFieldType.DATE: {"type": "date"},
        CustomFieldType.NUMBER: {"inputmode": "decimal"},
    }.get(CustomFieldType(field.type), {})
    return text_field(field.name, 500, id=element_id, render_kw=keywords)
