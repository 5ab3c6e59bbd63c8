"""The forms of a customer's page."""

import uuid

from flask import url_for
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from shop.domain.customers.contact import normalize_phone, readable_email
from shop.domain.formats import group_digits
from shop.services.customers.addresses import AddressAsGiven
from shop.services.customers.records import find_customer
from shop.services.loyalty.adjustments import MAX_ADJUSTMENT
from shop.web.pages.formats import shop_settings
from shop.web.pages.forms import RequestKeyForm, read_number, text_field

REASONS = [
    SelectChoice("Goodwill", _("Goodwill")),
    SelectChoice("Correction", _("Correction")),
    SelectChoice("Promotion", _("Promotion")),
    SelectChoice("Brought over", _("Balance from paper cards")),
    SelectChoice("", _("Other")),
]
WAYS = [SelectChoice("add", _("Add")), SelectChoice("take", _("Remove"))]
TYPES = [SelectChoice("shipping", _("Delivery")), SelectChoice("billing", _("Billing"))]


class AdjustForm(RequestKeyForm):
    """Points to add or remove, and why. The same ``request_key`` is processed once."""

    way = RadioField(_("Adjust points"), choices=WAYS, default="add")
    points = text_field(_("Points"), 20, DataRequired(_("Enter the points")), id="adjust-points")
    reason = SelectField(_("Reason"), choices=REASONS, default="Goodwill", id="adjust-reason")
    note = text_field(_("Note"), 500, DataRequired(_("Add a note")), id="adjust-note")
    tell = BooleanField(_("E-mail the customer, including this note"), id="adjust-tell")
    request_key = HiddenField(id="adjust-key", default=lambda: str(uuid.uuid4()))

    def validate_points(self, field: Field) -> None:
        """Require a whole number above 0."""
        if self.amount is None:
            raise ValidationError(_("Enter a whole number from 1 to %(most)s", most=group_digits(MAX_ADJUSTMENT)))

    @property
    def amount(self) -> int | None:
        """The signed points; None if the input is invalid."""
        try:
            typed = read_number(self.points.data)
        except ValueError:
            return None
        if typed != int(typed) or not 0 < typed <= MAX_ADJUSTMENT:
            return None
        return -int(typed) if self.way.data == "take" else int(typed)

    @property
    def whole_note(self) -> str:
        """The note for the ledger: ``Goodwill: milk was sour``."""
        return f"{self.reason.data}: {self.note.data}" if self.reason.data else self.note.data


class AddressForm(FlaskForm):  # type: ignore[misc]
    """A shipping or billing address."""

    type = SelectField(_("For"), id="address-type", choices=TYPES)
    address1 = text_field(_("Street"), 200, DataRequired(_("Enter the street")), id="street")
    address2 = text_field(_("Flat, floor, landmark"), 200, id="flat")
    city = text_field(_("Town"), 200, DataRequired(_("Enter the town")), id="town")
    state = text_field(_("County"), 200, id="county")
    zip = text_field(_("Postal code"), 64, id="postal-code")
    country = text_field(_("Country"), 200, id="country")

    @property
    def given(self) -> AddressAsGiven:
        """The address as typed."""
        return AddressAsGiven(**{name: getattr(self, name).data for name in AddressAsGiven.__slots__})


class NoteForm(FlaskForm):  # type: ignore[misc]
    """A note about a customer."""

    content = text_field(_("New note"), 5000, DataRequired(_("Enter a note")), kind=TextAreaField, id="new-note")


class DeleteForm(FlaskForm):  # type: ignore[misc]
    """Confirmation of a deletion by typing the customer's e-mail, or their phone if they have no e-mail."""

    email = text_field(_("Type the customer’s e-mail to confirm"), 254, id="typed-email")

    def confirms(self, email: str | None, phone: str | None) -> bool:
        """Return whether the customer's e-mail was typed, or their phone if they have none."""
        typed = (self.email.data or "").lower()
        if email is not None:
            return typed in (email, readable_email(email))
        try:
            return normalize_phone(typed, shop_settings().country) == phone
        except ValueError:
            return False


def phone_owner(phone: str) -> Markup | str:
    """Return a sentence with a link to the customer who has a phone."""
    owner = find_customer(phone=phone)
    if owner is None:
        return str(_("Another customer has this phone"))
    link = Markup('<a href="{}">{}</a>').format(url_for("staff.customer_show", customer_id=owner.id), owner.full_name)
    return escape(
        _("This phone belongs to %(customer)s. Open them to move the phone, or merge the two.", customer="{}")
    ).format(link)
