"""The forms of delivery zones and methods."""

import re
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Field, SelectField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from shop.domain.money import format_money, plain_decimal
from shop.services.shipping.values import MethodValues, ZoneValues
from shop.staff.edit_conflicts import EditForm
from shop.web.pages.formats import in_field, shop_settings
from shop.web.pages.forms import amount_wanted, read_cents, read_number, text_field

PLACES = 20_000


class ZoneForm(EditForm):
    """A zone; its places are one a line."""

    name = text_field(_("Name"), 200, InputRequired(_("Enter a name")))
    countries = text_field(_("Countries"), PLACES, kind=TextAreaField)
    regions = text_field(_("Counties"), PLACES, kind=TextAreaField)
    towns = text_field(_("Towns and areas"), PLACES, kind=TextAreaField)

    @property
    def values(self) -> ZoneValues:
        """The zone; of a valid form only."""
        places = {name: _lines(self[name].data) for name in ("countries", "regions", "towns")}
        return ZoneValues(name=self.name.data, **places)


class MethodForm(EditForm):
    """A delivery method; weights are typed in kilograms."""

    name = text_field(_("Name shown to customers"), 200, InputRequired(_("Enter a name")))
    cost = text_field(_("Price"), 40)
    free_above = text_field(_("Free from"), 40)
    band_by = SelectField(
        _("Price by"),
        choices=[
            SelectChoice("", _("One price")),
            SelectChoice("amount", _("Amount of the order")),
            SelectChoice("weight", _("Weight")),
        ],
    )
    bands = text_field(_("Prices by amount or weight"), 5_000, kind=TextAreaField)
    min_weight = text_field(_("From weight, kg"), 40)
    max_weight = text_field(_("Up to weight, kg"), 40)
    collection = BooleanField(_("Customers collect the order"))
    pickup_address = text_field(_("Where"), 200)
    pickup_hours = text_field(_("Opening hours"), 200)
    lead_days_min = text_field(_("Arrives after, days"), 10)
    lead_days_max = text_field(_("At the latest, days"), 10)
    tax_class = text_field(_("Tax class"), 64)
    enabled = BooleanField(_("Offered at checkout"))

    def __init__(self, method: MethodValues | None = None, **options: Any) -> None:
        super().__init__(data=_typed(method) if method else {"enabled": True}, **options)
        self.method = method

    def validate_cost(self, field: Field) -> None:
        """Require an amount; nothing is free."""
        if field.data and read_cents(field.data) is None:
            raise ValidationError(amount_wanted())

    validate_free_above = validate_cost

    def validate_max_weight(self, field: Field) -> None:
        """Kilograms."""
        if field.data and _thousandths(field.data) is None:
            raise ValidationError(_("Enter a weight, e.g. 2.5"))

    validate_min_weight = validate_max_weight

    def validate_lead_days_max(self, field: Field) -> None:
        """Whole days."""
        if field.data and not re.fullmatch("[0-9]{1,3}", field.data, re.ASCII):
            raise ValidationError(_("Enter a whole number"))

    validate_lead_days_min = validate_lead_days_max

    def validate_bands(self, field: Field) -> None:
        """Require ``5: 150`` a line, and a last price alone."""
        if self.band_by.data and self._bands() is None:
            raise ValidationError(_("Enter one price per line, such as 5: 150, and the last price alone"))

    def _bands(self) -> list[dict[str, Any]] | None:
        read = _thousandths if self.band_by.data == "weight" else read_cents
        found: list[dict[str, Any]] = []
        for line in _lines(self.bands.data):
            limit, colon, price = line.rpartition(":")
            up_to, cents = (read(limit.strip()) if colon else None), read_cents(price.strip())
            if cents is None or (colon and up_to is None):
                return None
            found.append({"up_to": up_to, "cost_cents": cents})
        return found

    def values(self, zone_id: int | None) -> MethodValues:
        """Return the method; of a valid form only. Without a zone, countries and regions are unchanged."""
        return MethodValues(
            name=self.name.data,
            cost_cents=read_cents(self.cost.data) or 0,
            free_above_cents=read_cents(self.free_above.data),
            zone_id=zone_id,
            countries=self.method.countries if self.method else (),
            regions=self.method.regions if self.method else (),
            band_by=self.band_by.data,
            bands=self._bands() or () if self.band_by.data else (),
            min_weight_grams=_thousandths(self.min_weight.data),
            max_weight_grams=_thousandths(self.max_weight.data),
            collection=self.collection.data,
            pickup_address=self.pickup_address.data,
            pickup_hours=self.pickup_hours.data,
            lead_days_min=int(self.lead_days_min.data) if self.lead_days_min.data else None,
            lead_days_max=int(self.lead_days_max.data) if self.lead_days_max.data else None,
            enabled=self.enabled.data,
            tax_class=self.tax_class.data,
        )


def _typed(method: MethodValues) -> dict[str, Any]:
    currency, free_above = shop_settings().currency, method.free_above_cents
    by_weight = method.band_by == "weight"
    lines = []
    for band in method.bands:
        limit, cost = "", in_field(format_money(band["cost_cents"], currency))
        if band["up_to"] is not None:
            limit = _kilograms(band["up_to"]) if by_weight else in_field(format_money(band["up_to"], currency))
        lines.append(f"{limit}: {cost}" if limit else cost)
    return {
        "name": method.name,
        "cost": in_field(format_money(method.cost_cents, currency)),
        "free_above": "" if free_above is None else in_field(format_money(free_above, currency)),
        "band_by": method.band_by,
        "bands": "\n".join(lines),
        "min_weight": _kilograms(method.min_weight_grams),
        "max_weight": _kilograms(method.max_weight_grams),
        "collection": method.collection,
        "pickup_address": method.pickup_address,
        "pickup_hours": method.pickup_hours,
        "lead_days_min": "" if method.lead_days_min is None else str(method.lead_days_min),
        "lead_days_max": "" if method.lead_days_max is None else str(method.lead_days_max),
        "enabled": method.enabled,
        "tax_class": method.tax_class,
    }


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _kilograms(grams: int | None) -> str:
    return "" if grams is None else plain_decimal(Decimal(grams) / 1000)


def _thousandths(typed: str | None) -> int | None:
    """Return ``2.5`` as 2500; None if it is not a weight."""
    try:
        grams = read_number(typed) * 1000
    except ValueError:
        return None
    return int(grams) if grams == int(grams) and 0 <= grams <= 100_000_000 else None
