"""The forms of a customer's page."""

import uuid
from functools import partial
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from shop.domain.text import clean_line, clean_text
from shop.services.customers.addresses import AddressAsGiven
from shop.services.customers.records import find_customer
from shop.services.errors import ShopError
from shop.services.loyalty.adjustments import MAX_ADJUSTMENT
from shop.staff.formats import read_number
from shop.web.i18n import sentence_case

REASONS = [
    SelectChoice("Goodwill", _("Goodwill")),
    SelectChoice("Correction", _("Correction")),
    SelectChoice("Promotion", _("Promotion")),
    SelectChoice("Brought over", _("Brought over from paper cards")),
    SelectChoice("", _("Something else")),
]
WAYS = [SelectChoice("add", _("Add")), SelectChoice("take", _("Take away"))]
TYPES = [SelectChoice("shipping", _("Delivery")), SelectChoice("billing", _("Billing"))]


def _clean(kind: type[Field], text: str | None) -> str:
    return (clean_text if kind is TextAreaField else clean_line)(text or "")


def _line(kind: type[Field], name: str, label: Any, most: int, *more: Any) -> Any:
    """A field of text; ``name`` is its id, since several forms stand on one page."""
    too_long = Length(max=most, message=_("At most %(max)d characters"))
    return kind(label, [*more, too_long], filters=[partial(_clean, kind)], id=name)


class AdjustForm(FlaskForm):  # type: ignore[misc]
    """Points added or taken away, and why. ``request_key`` makes sending it twice the same as once."""

    way = RadioField(_("Adjust points"), choices=WAYS, default="add")
    points = _line(StringField, "adjust-points", _("Points"), 20, DataRequired(_("How many points?")))
    reason = SelectField(_("Reason"), choices=REASONS, default="Goodwill", id="adjust-reason")
    note = _line(StringField, "adjust-note", _("Note"), 500, DataRequired(_("Say why, for whoever asks later")))
    tell = BooleanField(_("Tell the customer by e-mail, with the note"), id="adjust-tell")
    request_key = HiddenField(id="adjust-key", default=lambda: str(uuid.uuid4()))

    def validate_points(self, field: Field) -> None:
        """A whole number above 0."""
        if self.amount is None:
            raise ValidationError(_("A whole number from 1 to %(most)s", most=f"{MAX_ADJUSTMENT:,}"))

    def validate_request_key(self, field: Field) -> None:
        """Made by us; without one this form was not ours."""
        try:
            uuid.UUID(field.data or "")
        except ValueError:
            raise ValidationError(_("Reload the page and try again")) from None

    @property
    def amount(self) -> int | None:
        """The points, signed; None when what was typed is no such number."""
        try:
            typed = read_number(self.points.data)
        except ValueError:
            return None
        if typed != int(typed) or not 0 < typed <= MAX_ADJUSTMENT:
            return None
        return -int(typed) if self.way.data == "take" else int(typed)

    @property
    def whole_note(self) -> str:
        """What the ledger keeps: ``Goodwill: milk was sour``."""
        return f"{self.reason.data}: {self.note.data}" if self.reason.data else self.note.data


class DetailsForm(FlaskForm):  # type: ignore[misc]
    """Who a customer is."""

    first_name = _line(StringField, "first-name", _("First name"), 200)
    last_name = _line(StringField, "last-name", _("Last name"), 200)
    email = _line(EmailField, "email", _("E-mail"), 254, DataRequired(_("An e-mail is needed")))
    phone = _line(TelField, "phone", _("Phone"), 40)


class AddressForm(FlaskForm):  # type: ignore[misc]
    """Where she lives, or where bills go."""

    type = SelectField(_("For"), id="address-type", choices=TYPES)
    address1 = _line(StringField, "street", _("Street"), 200, DataRequired(_("Which street?")))
    address2 = _line(StringField, "flat", _("Flat, floor, landmark"), 200)
    city = _line(StringField, "town", _("Town"), 200, DataRequired(_("Which town?")))
    state = _line(StringField, "county", _("County"), 200)
    zip = _line(StringField, "postal-code", _("Postal code"), 64)
    country = _line(StringField, "country", _("Country"), 200)

    @property
    def given(self) -> AddressAsGiven:
        """What was typed."""
        return AddressAsGiven(**{name: getattr(self, name).data for name in AddressAsGiven.__slots__})


class NoteForm(FlaskForm):  # type: ignore[misc]
    """Something worth knowing about a customer."""

    content = _line(TextAreaField, "new-note", _("New note"), 5000, DataRequired(_("Write something first")))


class DeleteForm(FlaskForm):  # type: ignore[misc]
    """The e-mail, typed, says that it is meant."""

    email = _line(EmailField, "typed-email", _("Type the e-mail to delete this customer for good"), 254)


def phone_owner(phone: str) -> Markup | str:
    """The sentence, with a link, that says which customer has a phone."""
    owner = find_customer(phone=phone)
    if owner is None:
        return str(_("Another customer has this phone"))
    link = Markup('<a href="{}">{}</a>').format(url_for("staff.customer_show", customer_id=owner.id), owner.full_name)
    return escape(_("This phone belongs to %(customer)s", customer="{}")).format(link)


def put_errors(form: FlaskForm, refusal: ShopError) -> bool:
    """Put what a service refused beside its fields; whether every part of the refusal found one."""
    found = [error for error in refusal.errors if error.field in form]
    for error in found:
        form[error.field].errors = [*form[error.field].errors, sentence_case(error.message)]
    return bool(found) and len(found) == len(refusal.errors)
