"""Forms for taxes; rates are in per cent."""

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, Field, RadioField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Optional

from shop.domain.money import HUNDREDTHS, plain_decimal
from shop.domain.pricing.taxes import TaxClassTerms, TaxPrices
from shop.staff.edit_conflicts import EditForm
from shop.web.pages.forms import read_number, text_field


class TaxPricesForm(FlaskForm):  # type: ignore[misc]
    """How prices relate to tax."""

    prices = RadioField(
        _("Prices"),
        choices=[
            SelectChoice(str(TaxPrices.OFF), _("No taxes")),
            SelectChoice(str(TaxPrices.INCLUDED), _("Prices include tax")),
            SelectChoice(str(TaxPrices.ADDED), _("Tax is added to prices")),
        ],
    )


class TaxClassForm(EditForm):
    """A tax class to add or change; the code of a stored one stays."""

    code = text_field(_("Code"), 64)
    name = text_field(_("Name on receipts"), 200, DataRequired(_("Enter a name")))
    rate = text_field(_("Rate, per cent"), 20, DataRequired(_("Enter a rate")))
    next_rate = text_field(_("New rate, per cent"), 20)
    next_rate_from = DateField(_("From"), [Optional()])

    def validate_rate(self, field: Field) -> None:
        """Require a percentage with at most two decimals."""
        if field.data and _hundredths(field.data) is None:
            raise ValidationError(_("Enter a rate such as 16 or 7.5"))

    validate_next_rate = validate_rate

    @property
    def given(self) -> TaxClassTerms:
        """Return the class; of a valid form only."""
        next_rate = _hundredths(self.next_rate.data) if self.next_rate.data else None
        rate = _hundredths(self.rate.data) or 0
        return TaxClassTerms(self.code.data, self.name.data, rate, next_rate, self.next_rate_from.data)


def typed(row: Any) -> dict[str, Any]:
    """Return a stored class as form values."""
    return {
        "code": row.code,
        "name": row.name,
        "rate": per_cent(row.rate),
        "next_rate": "" if row.next_rate is None else per_cent(row.next_rate),
        "next_rate_from": row.next_rate_from,
    }


def per_cent(hundredths: int) -> str:
    """Return ``1650`` as ``16.5``."""
    return plain_decimal(Decimal(hundredths) / HUNDREDTHS)


def _hundredths(text: str) -> int | None:
    try:
        number = read_number(text) * HUNDREDTHS
    except ValueError:
        return None
    return int(number) if number == int(number) and abs(number) < 10**9 else None
