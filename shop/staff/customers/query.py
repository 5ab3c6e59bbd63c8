"""The query parameters of a customer's page. Invalid ones are ignored."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from shop.queries.customers.page import CustomerPageQuery
from shop.queries.ledger.customer import LedgerFilter
from shop.queries.ledger.kinds import KINDS

FIRST, LAST = date(2000, 1, 1), date(2099, 12, 31)


def read_asked(query: Mapping[str, str]) -> CustomerPageQuery:
    """Parse ``?kind=earned&from=2026-01-01&to=…&before=40&why=12&span=30&older=…``."""
    kind = query.get("kind")
    return CustomerPageQuery(
        ledger=LedgerFilter(
            kind=kind if kind in KINDS else None,
            since=_day(query.get("from")),
            until=_day(query.get("to")),
            before=_number(query.get("before")),
            after=_number(query.get("after")),
        ),
        why=_number(query.get("why")),
        whole_curve=query.get("span") != "30",
        before=_moment(query.get("older")),
    )


def write_asked(asked: CustomerPageQuery, **changed: Any) -> dict[str, str]:
    """Return the query of a ledger link: the current filters with changes."""
    wanted = asked.ledger
    kept = {"kind": wanted.kind, "from": wanted.since, "to": wanted.until} | changed
    return {name: str(value) for name, value in kept.items() if value is not None}


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if FIRST <= day <= LAST else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo and FIRST.year <= moment.year <= LAST.year else None
