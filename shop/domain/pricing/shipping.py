"""Delivery: which methods serve an address, and their prices."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from shop.domain.customers.countries import country_code
from shop.domain.text.search import normalize_search


class Destination(NamedTuple):
    """An order's destination as people write it: the country as a code or a name, the county in ``state``."""

    country: str
    state: str = ""
    city: str = ""
    street: str = ""


class ShippingTerms(NamedTuple):
    """A method with the places of its zone, or its own (``models/catalogue/shipping_method.py``)."""

    id: int
    name: str
    type: str
    cost_cents: int
    free_above_cents: int | None
    countries: Sequence[str]
    regions: Sequence[str]
    towns: Sequence[str]
    zone_id: int | None = None
    zone_name: str | None = None
    band_by: str = ""
    bands: Sequence[dict[str, Any]] = ()
    min_weight_grams: int | None = None
    max_weight_grams: int | None = None
    collection: bool = False
    pickup_address: str = ""
    pickup_hours: str = ""
    lead_days_min: int | None = None
    lead_days_max: int | None = None
    tax_class: str = ""


def methods_for(
    methods: Iterable[ShippingTerms], destination: Destination | None, weight_grams: int
) -> list[ShippingTerms]:
    """Return the methods that serve a destination (None for any) with goods of a weight.

    ``methods`` are sorted by their zones' position. Of the zones that the destination is in, the first counts; methods
    without a zone serve their own countries and regions as well.
    """
    carried = [method for method in methods if _carries(method, weight_grams)]
    if destination is None:
        return carried
    zone = next((one.zone_id for one in carried if one.zone_id is not None and _is_in(one, destination)), None)
    return [one for one in carried if (one.zone_id == zone if one.zone_id is not None else _is_in(one, destination))]


def _carries(method: ShippingTerms, weight_grams: int) -> bool:
    most = method.max_weight_grams
    return weight_grams >= (method.min_weight_grams or 0) and (most is None or weight_grams <= most)


def _is_in(place: ShippingTerms, destination: Destination) -> bool:
    """Return whether a destination is in the countries, and in one of the counties or towns if there are any."""
    if place.countries and country_code(destination.country) not in place.countries:
        return False
    if not place.regions and not place.towns:
        return True
    county = _county(destination.state) or _county(destination.city)
    if any(_county(region) == county for region in place.regions):
        return True
    address = f" {_words(destination.city)} {_words(destination.street)} {_words(destination.state)} "
    return any(f" {_words(town)} " in address for town in place.towns)


def _county(written: str) -> str:
    return _words(written).removesuffix(" county").removesuffix(" city")


def _words(written: str) -> str:
    return " ".join(re.findall(r"\w+", normalize_search(written)))


def shipping_cost(method: ShippingTerms, subtotal_cents: int, weight_grams: int) -> int:
    """Return a method's price: 0 from the free amount on, else that of the first matching band, else its flat price."""
    if method.free_above_cents is not None and subtotal_cents >= method.free_above_cents:
        return 0
    measure = weight_grams if method.band_by == "weight" else subtotal_cents
    for band in method.bands if method.band_by else ():
        if band["up_to"] is None or measure <= band["up_to"]:
            return int(band["cost_cents"])
    return method.cost_cents
