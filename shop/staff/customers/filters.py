"""The search, filters and order of the list of customers, as they stand in its address."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length

from shop.domain.days import day_of, start_of
from shop.domain.money import format_money
from shop.domain.text import drop_unstorable
from shop.queries.customers.list import SORTS, CustomerFilters
from shop.services import clock
from shop.services.customers.saved_views import LONGEST_NAME
from shop.staff.formats import read_cents, shop_settings

QUIET_DAYS = ("30", "90", "180", "365")
NEWEST = "-created"


class ViewForm(FlaskForm):  # type: ignore[misc]
    """A name for the list as it is shown; ``query`` is its address."""

    name = StringField(
        _("Name of the view"),
        [DataRequired(_("Give it a name")), Length(max=LONGEST_NAME, message=_("At most %(max)d characters"))],
        filters=[lambda text: drop_unstorable(text or "")],
    )
    query = HiddenField()


def read_query(address: str) -> dict[str, str]:
    """What of an address, or of a query string, makes sense as search, filters and order."""
    query = urlsplit(address).query or address.lstrip("?")
    try:
        asked = dict(parse_qsl(query[:4000], max_num_fields=50))
    except ValueError:
        asked = {}
    return read_filters(asked)[1]


def read_filters(asked: Mapping[str, str]) -> tuple[CustomerFilters, dict[str, str]]:
    """The filters asked for, and what of them goes into further addresses; what makes no sense is left out."""
    spent_from, spent_to = read_cents(asked.get("spent_from")), read_cents(asked.get("spent_to"))
    before = _day(asked.get("ordered_before"))
    quiet = asked.get("quiet") if asked.get("quiet") in QUIET_DAYS else None
    sort = asked.get("sort", NEWEST)
    filters = CustomerFilters(
        search=drop_unstorable(asked.get("q", ""))[:200].strip(),
        has_points=asked.get("points") == "1",
        registered=asked.get("registered") == "1",
        spent_from_cents=spent_from,
        spent_to_cents=spent_to,
        last_order_before=_last_order_before(before, quiet),
        sort=sort if sort.removeprefix("-") in SORTS else NEWEST,
    )
    kept = {
        "q": filters.search,
        "points": "1" if filters.has_points else "",
        "registered": "1" if filters.registered else "",
        "spent_from": "" if spent_from is None else format_money(spent_from),
        "spent_to": "" if spent_to is None else format_money(spent_to),
        "quiet": quiet or "",
        "ordered_before": before.isoformat() if before else "",
        "sort": "" if filters.sort == NEWEST else filters.sort,
    }
    return filters, {name: value for name, value in kept.items() if value}


def suggest(searched: str) -> dict[str, str]:
    """The field of a new customer that a search in vain was probably about."""
    typed = drop_unstorable(searched)[:200].strip()
    if "@" in typed:
        return {"email": typed}
    if re.fullmatch(r"\+?[0-9][0-9\s()./-]{4,}", typed):
        return {"phone": typed}
    first, _space, last = typed.partition(" ")
    return {"first_name": first, "last_name": last.strip()}


def _last_order_before(day: date | None, quiet: str | None) -> datetime | None:
    """The first moment of a day, or of the day so many days ago: whichever is earlier."""
    zone = shop_settings().values["shop_timezone"]
    days = [day] if day else []
    if quiet:
        days.append(day_of(clock.now(), zone) - timedelta(days=int(quiet)))
    return start_of(min(days), zone) if days else None


def _day(typed: str | None) -> date | None:
    try:
        found = date.fromisoformat(typed or "")
    except ValueError:
        return None
    return found if 1970 <= found.year < 2100 else None
