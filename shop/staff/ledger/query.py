"""The query parameters of the ledger pages."""

import re
from collections.abc import Mapping
from datetime import date

from shop.queries.ledger.kinds import KINDS
from shop.queries.ledger.shop import ACTOR, ShopLedgerFilter
from shop.staff.list_filters import FilterReader, ListAddress

FIRST, LAST = date(2000, 1, 1), date(2099, 12, 31)
NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


def read_ledger(query: Mapping[str, str]) -> ListAddress[ShopLedgerFilter]:
    """Parse ``?kind=earned&from=2026-01-01&to=…&q=…&by=staff:7&before=40``."""
    read, actor = FilterReader(query), query.get("by", "")
    filters = ShopLedgerFilter(
        kind=read.choice("kind", tuple(KINDS)),
        since=read.day("from"),
        until=read.day("to"),
        search=read.search(),
        actor=actor if ACTOR.fullmatch(actor) else None,
        before=read.number("before"),
        after=read.number("after"),
    )
    kept = {"kind": filters.kind, "from": filters.since, "to": filters.until, "q": filters.search, "by": filters.actor}
    return ListAddress(filters, read.keep(kept), read.errors)


def read_month(text: str | None) -> date | None:
    """Return the first day of ``2026-07``."""
    return read_day(f"{text}-01")


def read_day(text: str | None) -> date | None:
    """Return the day ``2026-07-12``, from 2000 on."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if FIRST <= day <= LAST else None


def read_number(text: str | None) -> int | None:
    """Return the id of a row."""
    return int(text) if text and NUMBER.fullmatch(text) else None
