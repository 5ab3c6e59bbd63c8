"""Validation of zones and methods of delivery."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from shop.domain.customers.countries import country_code
from shop.domain.money import MAX_CENTS
from shop.domain.text.cleaning import clean_line
from shop.services.errors import FieldError, InvalidInput
from shop.services.shops.amounts import check_amounts
from shop.services.shops.settings import get_settings

LONGEST: Final = 200
MAX_PLACES: Final = 300
MAX_GRAMS: Final = 100_000_000
MAX_DAYS: Final = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneValues:
    """A zone's own columns, as :class:`ShippingZone` describes them."""

    name: str
    countries: Sequence[str] = ()
    regions: Sequence[str] = ()
    towns: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodValues:
    """A method's own columns, as :class:`ShippingMethod` describes them."""

    name: str
    cost_cents: int = 0
    free_above_cents: int | None = None
    countries: Sequence[str] = ()
    regions: Sequence[str] = ()
    zone_id: int | None = None
    band_by: str = ""
    bands: Sequence[dict[str, Any]] = ()
    min_weight_grams: int | None = None
    max_weight_grams: int | None = None
    collection: bool = False
    pickup_address: str = ""
    pickup_hours: str = ""
    lead_days_min: int | None = None
    lead_days_max: int | None = None
    enabled: bool = True
    tax_class: str = ""


def clean_zone(values: ZoneValues) -> dict[str, Any]:
    """Return the columns of a zone. Raise InvalidInput naming each field that is wrong."""
    wrong: list[FieldError] = []
    columns = {field.name: getattr(values, field.name) for field in fields(values)}
    columns["name"] = _text("name", values.name, wrong, required=True)
    columns["countries"] = _countries(values.countries, wrong)
    for name in ("regions", "towns"):
        columns[name] = _places(name, columns[name], wrong)
    return _all_right(columns, wrong)


def clean_method(values: MethodValues) -> dict[str, Any]:
    """Return the columns of a method. Raise InvalidInput naming each field that is wrong."""
    wrong: list[FieldError] = []
    columns = {field.name: getattr(values, field.name) for field in fields(values)}
    for name in ("name", "pickup_address", "pickup_hours"):
        columns[name] = _text(name, columns[name], wrong, required=name == "name")
    columns["countries"] = _countries(values.countries, wrong)
    columns["regions"] = _places("regions", values.regions, wrong)
    columns["bands"] = list(values.bands) if values.band_by else []
    columns["type"] = "flat_rate" if values.free_above_cents is None else "free_above"
    _check_ranges(values, wrong)
    _check_bands(values, wrong)
    clean = _all_right(columns, wrong)
    amounts = {"price": values.cost_cents, "free_above": values.free_above_cents}
    check_amounts(get_settings().currency, amounts | {"bands": max((b["cost_cents"] for b in values.bands), default=0)})
    return clean


def _all_right(columns: dict[str, Any], wrong: list[FieldError]) -> dict[str, Any]:
    if wrong:
        raise InvalidInput.of_errors(wrong)
    return columns


def _text(field: str, raw: str, wrong: list[FieldError], *, required: bool = False) -> str:
    try:
        text = clean_line(raw)
    except ValueError as refused:
        wrong.append(FieldError(field, str(refused)))
        return ""
    if required and not text:
        wrong.append(FieldError(field, "is required"))
    if len(text) > LONGEST:
        wrong.append(FieldError(field, "is too long"))
    return text


def _places(field: str, raw: Sequence[str], wrong: list[FieldError]) -> list[str]:
    if len(raw) > MAX_PLACES:
        wrong.append(FieldError(field, "are too many"))
        return []
    return list(dict.fromkeys(place for one in raw if (place := _text(field, one, wrong))))


def _countries(raw: Sequence[str], wrong: list[FieldError]) -> list[str]:
    codes = {one: country_code(one) for one in raw if one.strip()}
    if len(codes) > MAX_PLACES or None in codes.values():
        wrong.append(FieldError("countries", "must be countries such as KE or Kenya"))
    return sorted({code for code in codes.values() if code})


def _check_ranges(values: MethodValues, wrong: list[FieldError]) -> None:
    limits = {"cost_cents": MAX_CENTS, "free_above_cents": MAX_CENTS, "min_weight_grams": MAX_GRAMS}
    limits |= {"max_weight_grams": MAX_GRAMS, "lead_days_min": MAX_DAYS, "lead_days_max": MAX_DAYS}
    for name, most in limits.items():
        number = getattr(values, name)
        if number is not None and not 0 <= number <= most:
            wrong.append(FieldError(name.removesuffix("_grams").removesuffix("_cents"), "is out of range"))
    for least, most_of in (("min_weight_grams", "max_weight_grams"), ("lead_days_min", "lead_days_max")):
        low, high = getattr(values, least), getattr(values, most_of)
        if low is not None and high is not None and low > high:
            wrong.append(FieldError(most_of.removesuffix("_grams"), "must not be below the smallest"))


def _check_bands(values: MethodValues, wrong: list[FieldError]) -> None:
    if values.band_by not in ("", "amount", "weight"):
        wrong.append(FieldError("band_by", "must be amount or weight"))
    limits = [band["up_to"] for band in values.bands]
    reached = [limit for limit in limits[:-1] if limit is not None]
    rises = len(reached) == len(limits[:-1]) and reached == sorted(set(reached))
    if values.band_by and (not limits or limits[-1] is not None or not rises):
        wrong.append(FieldError("bands", "must increase, and the last must have no limit"))
