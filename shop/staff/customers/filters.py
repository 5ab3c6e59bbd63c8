"""The list's search, filters and sort order in its URL."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from shop.domain.customers.segments import SegmentRules
from shop.domain.dates.days import day_of, start_of
from shop.domain.money import format_money
from shop.queries.customers.list import NEWEST, SORTS, CustomerFilters
from shop.services import clock
from shop.services.customers.segments import find_segment
from shop.staff.list_filters import FilterReader, ListAddress, query_of
from shop.web.pages.formats import in_field, shop_settings
from shop.web.pages.forms import search_text

QUIET_DAYS = ("30", "90", "180", "365")


def read_query(address: str) -> dict[str, str]:
    """Parse a URL or a query string, leaving out what is invalid."""
    return read_filters(query_of(address)).kept


def read_filters(asked: Mapping[str, str]) -> ListAddress[CustomerFilters]:
    """Return the filters; unknown choices are left out."""
    read = FilterReader(asked)
    spent_from, spent_to = read.cents("spent_from"), read.cents("spent_to")
    currency = shop_settings().currency
    before, quiet = read.day("ordered_before"), read.choice("quiet", QUIET_DAYS)
    segment_id = read.number("segment")
    filters = CustomerFilters(
        search=read.search(),
        has_points=asked.get("points") == "1",
        registered=asked.get("registered") == "1",
        spent_from_cents=spent_from,
        spent_to_cents=spent_to,
        last_order_before=_last_order_before(before, quiet),
        tag=read.search("tag"),
        area=read.search("area"),
        rules=_rules(segment_id),
        sort=read.sort(SORTS, NEWEST),
    )
    kept = {
        "q": filters.search,
        "points": "1" if filters.has_points else "",
        "registered": "1" if filters.registered else "",
        "spent_from": None if spent_from is None else in_field(format_money(spent_from, currency)),
        "spent_to": None if spent_to is None else in_field(format_money(spent_to, currency)),
        "quiet": quiet,
        "ordered_before": before,
        "tag": filters.tag,
        "area": filters.area,
        "segment": segment_id if filters.rules is not None else None,
        "sort": "" if filters.sort == NEWEST else filters.sort,
    }
    return ListAddress(filters, read.keep(kept), read.errors)


def _rules(segment_id: int | None) -> SegmentRules | None:
    """Return the rules of a segment; None if it does not exist."""
    found = find_segment(segment_id) if segment_id is not None else None
    return None if found is None else SegmentRules.from_json(found.rules)


def suggest(searched: str) -> dict[str, str]:
    """Return the field of a new customer that a search without matches was probably for."""
    typed = search_text(searched)
    if "@" in typed:
        return {"email": typed}
    if re.fullmatch(r"\+?[0-9][0-9\s()./-]{4,}", typed):
        return {"phone": typed}
    first, _space, last = typed.partition(" ")
    return {"first_name": first, "last_name": last.strip()}


def _last_order_before(day: date | None, quiet: str | None) -> datetime | None:
    """Return the start of a day, or of the day a number of days ago, whichever is earlier."""
    zone = shop_settings().values["shop_timezone"]
    days = [day] if day else []
    if quiet:
        days.append(day_of(clock.now(), zone) - timedelta(days=int(quiet)))
    return start_of(min(days), zone) if days else None
