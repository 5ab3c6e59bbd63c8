"""Fields and validators shared by the forms of all pages."""

import uuid
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from shop.domain.money import minor_units, smallest_amount
from shop.domain.numbers import decimal_mark, parse_amount, parse_number
from shop.domain.text.cleaning import clean_line, clean_text, drop_unstorable
from shop.services.errors import ShopError
from shop.web.i18n import sentence_case
from shop.web.pages.formats import in_field, money, shop_settings

LONGEST_SEARCH = 200


class MaxLength(Length):  # type: ignore[misc]
    """Refuse a longer text with a message. The input has no ``maxlength``: browsers cut off pasted text there."""

    def __init__(self, most: int) -> None:
        super().__init__(max=most, message=_("At most %(max)d characters"))
        self.field_flags: dict[str, Any] = {}


def text_field(label: Any, longest: int, *validators: Any, kind: type[Field] = StringField, **options: Any) -> Field:
    """Return a field of at most ``longest`` characters without surrounding spaces; control characters are an error."""
    clean = clean_text if kind is TextAreaField else clean_line
    return kind(label, [*validators, MaxLength(longest)], filters=[lambda text: clean(text or "")], **options)


def search_text(typed: str | None) -> str:
    """Return a search term, truncated and without characters that cannot be stored."""
    return drop_unstorable(typed or "")[:LONGEST_SEARCH].strip()


def read_number(typed: str | None) -> Decimal:
    """Return the number in a form's field, in the format of the shop's country. Raise ValueError."""
    return parse_number(typed or "", decimal_mark(shop_settings().country))


def read_cents(typed: str | None) -> int | None:
    """Return ``1,245.50``, with or without its currency, as 124550.

    None if it is not an amount, ambiguous, or has more decimals than the currency: ``245.50`` in yen.
    """
    settings = shop_settings()
    try:
        found = parse_amount(typed or "", settings.country, settings.currency)
    except ValueError:
        return None
    return None if found % smallest_amount(settings.currency) else found


def amount_wanted() -> str:
    """Return the message at a field whose amount ``read_cents`` cannot read."""
    return str(gettext("Enter an amount such as %(example)s", example=example_amount()))


def example_amount() -> str:
    """Return an amount as people of the shop type it: ``245.00``, ``245`` in yen, ``245.000`` in dinars."""
    return in_field(money(245 * minor_units(shop_settings().currency)))


class RequestKeyForm(FlaskForm):  # type: ignore[misc]
    """A form with a ``request_key``: submitting it twice has the effect of once."""

    request_key = HiddenField(default=lambda: str(uuid.uuid4()))

    def validate_request_key(self, field: Field) -> None:
        """Accept only keys made by the page."""
        try:
            uuid.UUID(field.data or "")
        except ValueError:
            raise ValidationError(_("Reload the page and try again")) from None


def put_errors(form: FlaskForm, refusal: ShopError) -> bool:
    """Show errors at their fields; return whether every error has a field."""
    found = [error for error in refusal.errors if error.field in form]
    for error in found:
        form[error.field].errors = [*form[error.field].errors, sentence_case(error.message)]
    return bool(found) and len(found) == len(refusal.errors)
