"""The forms of an order's page."""

import re
from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectField, TextAreaField, ValidationError
from wtforms.validators import DataRequired

from shop.services.catalogue.payment_methods import list_methods_by_hand
from shop.services.orders.lifecycle import MAX_REASON
from shop.services.orders.refunds import RefundLine
from shop.web.pages.forms import RequestKeyForm, amount_wanted, read_cents, text_field

ITEM_FIELD = re.compile("item-[1-9][0-9]{0,17}", re.ASCII)
PIECES = re.compile("[0-9]{1,9}", re.ASCII)


class PayForm(FlaskForm):  # type: ignore[misc]
    """A payment that was received."""

    reference = text_field(_("Reference"), 200)
    method = SelectField(_("Payment method"))

    def __init__(self, chosen: str | None) -> None:
        """Offer all methods, with the order's own selected; one that the shop does not have stays if it is kept."""
        methods = list_methods_by_hand()
        own = next((each.code for each in methods if chosen in {each.code, each.name}), "")
        super().__init__(method=own)
        kept = [] if own else [("", chosen or _("Not given"))]
        self.method.choices = kept + [(each.code, each.name) for each in methods]


class OrderNoteForm(FlaskForm):  # type: ignore[misc]
    """A note on an order: internal, or sent to the customer."""

    content = text_field(_("Note"), 2000, DataRequired(_("Enter a note")), kind=TextAreaField)
    is_shared = BooleanField(_("Send it to the customer"))


class SentForm(FlaskForm):  # type: ignore[misc]
    """Confirmation that a refund's money was sent."""

    reference = text_field(_("Reference"), 200)


class PayoutForm(FlaskForm):  # type: ignore[misc]
    """The phone that a refund's money is sent to."""

    phone = text_field(_("Phone"), 60)


class SendOutForm(FlaskForm):  # type: ignore[misc]
    """The rider who delivers the goods."""

    rider_name = text_field(_("Rider"), 200)
    rider_phone = text_field(_("Rider’s phone"), 200)


class CancelForm(FlaskForm):  # type: ignore[misc]
    """The reason for a cancellation."""

    reason = text_field(_("Reason"), MAX_REASON, DataRequired(_("Add a note")))


class RefundForm(RequestKeyForm):
    """A refund of all money left. The same ``request_key`` is processed once."""

    reason = text_field(_("Reason"), MAX_REASON, DataRequired(_("Add a note")))
    reference = text_field(_("Reference"), 200)
    sent = BooleanField(_("I have sent the money"))
    restock = BooleanField(_("Return the items to stock"), default=True)


class ItemsRefundForm(RefundForm):
    """A refund of items; a line's quantity is in ``item-<its id>``.

    ``wrong`` has errors by the line's id; 0 for errors of no line.
    """

    def __init__(self) -> None:
        super().__init__()
        self.wrong: dict[int, Any] = {}
        self.lines, self.typed = read_lines(request.values)
        for item_id, typed in self.typed.items():
            if typed and not PIECES.fullmatch(typed):
                self.wrong[item_id] = _("Enter a whole number")

    def validate(self, extra_validators: Any = None) -> bool:
        """Require at least one item, and valid quantities."""
        good = bool(super().validate(extra_validators))
        if not self.wrong and not self.lines:
            self.wrong[0] = _("Enter the quantities to refund")
        return good and not self.wrong


class PartRefundForm(RefundForm):
    """A refund of an amount."""

    amount = text_field(_("Goods refunded"), 40, DataRequired(_("Enter the amount to refund")))

    def validate_amount(self, field: Field) -> None:
        """Require an amount; the service checks how much is left."""
        if self.cents is None:
            raise ValidationError(amount_wanted())

    @property
    def cents(self) -> int | None:
        """The amount; None if invalid."""
        return read_cents(self.amount.data)


def read_lines(given: Mapping[str, str]) -> tuple[list[RefundLine], dict[int, str]]:
    """Return the quantities of ``item-<id>`` fields, and the invalid inputs; empty and 0 are left out."""
    typed = {int(name.removeprefix("item-")): given[name].strip() for name in given if ITEM_FIELD.fullmatch(name)}
    numbers = {item_id: int(text) for item_id, text in typed.items() if PIECES.fullmatch(text)}
    return [RefundLine(item_id, pieces) for item_id, pieces in numbers.items() if pieces], typed
