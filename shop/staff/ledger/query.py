"""What of the shop's ledger an address asks for. Whatever cannot be read is taken as not asked for."""

import re
from collections.abc import Mapping
from datetime import date

from shop.queries.ledger.kinds import KINDS
from shop.queries.ledger.shop import ACTOR, ShopLedgerFilter
from shop.web.forms import search_text

FIRST, LAST = date(2000, 1, 1), date(2099, 12, 31)
NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


def read_ledger(query: Mapping[str, str]) -> tuple[ShopLedgerFilter, dict[str, str]]:
    """``?kind=earned&from=2026-01-01&to=…&q=…&by=staff:7&before=40``, and what of it goes into further addresses."""
    kind, actor = query.get("kind", ""), query.get("by", "")
    asked = ShopLedgerFilter(
        kind=kind if kind in KINDS else None,
        since=read_day(query.get("from")),
        until=read_day(query.get("to")),
        search=search_text(query.get("q")),
        actor=actor if ACTOR.fullmatch(actor) else None,
        before=read_number(query.get("before")),
        after=read_number(query.get("after")),
    )
    kept = {"kind": asked.kind, "from": asked.since, "to": asked.until, "q": asked.search, "by": asked.actor}
    return asked, {name: str(value) for name, value in kept.items() if value}


def read_month(text: str | None) -> date | None:
    """``2026-07``: its first day."""
    return read_day(f"{text}-01")


def read_day(text: str | None) -> date | None:
    """``2026-07-12``, of this age."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if FIRST <= day <= LAST else None


def read_number(text: str | None) -> int | None:
    """The id of a row."""
    return int(text) if text and NUMBER.fullmatch(text) else None
