"""Filters of a list in its URL."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, Generic, NamedTuple, TypeVar
from urllib.parse import parse_qs, parse_qsl, urlsplit

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired

from shop.domain.text.cleaning import drop_unstorable
from shop.services.staff.saved_views import LONGEST_NAME
from shop.web.pages.forms import MaxLength, amount_wanted, read_cents, search_text

FIRST_YEAR, LAST_YEAR = 1970, 2099
LONGEST_SEARCH: Final = 200
NUMBER: Final = re.compile("[0-9]{1,18}", re.ASCII)
Filters = TypeVar("Filters")


class ListAddress(NamedTuple, Generic[Filters]):
    """The filters of a URL, and the query for further links.

    ``errors`` has a message for each invalid filter; ``kept`` has such values as typed.
    """

    filters: Filters
    kept: dict[str, str]
    errors: dict[str, str]


class ViewForm(FlaskForm):  # type: ignore[misc]
    """The name of a saved view; ``query`` is the list's query string."""

    name = StringField(
        lazy_gettext("View name"),
        [DataRequired(lazy_gettext("Enter a name")), MaxLength(LONGEST_NAME)],
        filters=[search_text],
    )
    query = HiddenField()


def query_of(address: str) -> dict[str, str]:
    """Return the parameters of a URL, or of a query string, as a dict; at most 50."""
    query = urlsplit(address).query or address.lstrip("?")
    try:
        return dict(parse_qsl(query[:4000], max_num_fields=50))
    except ValueError:
        return {}


def read_place() -> dict[str, str]:
    """Return the cursor of the URL by its name, ``after`` or ``before``; nothing for the first page."""
    return {name: request.args[name] for name in ("after", "before") if request.args.get(name)}


def read_ids(sent: MultiDict[str, str], most: int) -> tuple[int, ...]:
    """Return the ids of ticked rows, up to a number."""
    return tuple(int(one) for one in sent.getlist("ids") if NUMBER.fullmatch(one))[:most]


def history_header() -> str:
    """Return the htmx header for the list's URL: further typing replaces the history entry, so that back leaves it."""
    before = parse_qs(urlsplit(request.headers.get("HX-Current-URL", "")).query)
    typing_on = request.headers.get("HX-Source") == "input#q" and "q" in before
    return "HX-Replace-Url" if typing_on else "HX-Push-Url"


class FilterReader:
    """Parses filters one after the other; an invalid value gets an error."""

    def __init__(self, asked: Mapping[str, str]) -> None:
        self._asked = asked
        self.errors: dict[str, str] = {}

    def search(self, name: str = "q") -> str:
        """Return the search term."""
        return drop_unstorable(self._asked.get(name, ""))[:LONGEST_SEARCH].strip()

    def cents(self, name: str) -> int | None:
        """Return an amount in minor units; None if missing or invalid."""
        found = read_cents(self._asked.get(name))
        if found is None and self.typed(name):
            self.errors[name] = amount_wanted()
        return found

    def day(self, name: str) -> date | None:
        """Return a day such as ``2026-07-12``; None if missing or invalid."""
        try:
            found = date.fromisoformat(self.typed(name))
            if FIRST_YEAR <= found.year <= LAST_YEAR:
                return found
        except ValueError:
            pass
        if self.typed(name):
            self.errors[name] = _("Enter a day such as 2026-07-31")
        return None

    def number(self, name: str) -> int | None:
        """Return the id of a row; None if invalid."""
        typed = self._asked.get(name, "")
        return int(typed) if NUMBER.fullmatch(typed) else None

    def choice(self, name: str, words: tuple[str, ...]) -> str | None:
        """Return one of the choices; None for anything else."""
        word = self._asked.get(name)
        return word if word in words else None

    def sort(self, names: Mapping[str, object], default: str) -> str:
        """Return a sort order, ``-`` before it for descending; the default for an unknown one."""
        sort = self._asked.get("sort", default)
        return sort if sort.removeprefix("-") in names else default

    def typed(self, name: str) -> str:
        """Return a value as typed."""
        return drop_unstorable(self._asked.get(name, ""))[:LONGEST_SEARCH].strip()

    def keep(self, values: Mapping[str, str | int | date | None]) -> dict[str, str]:
        """Return the query for further links: valid values, and invalid ones as typed."""
        kept = {name: str(value) for name, value in values.items() if value is not None and value != ""}
        return kept | {name: self.typed(name) for name in self.errors}
