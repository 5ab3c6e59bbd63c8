"""The shop's ledger as a CSV file, read with only the columns of the file."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple, cast

from sqlalchemy import bindparam, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import Customer, LoyaltyEntry, LoyaltyEntryNote, Order
from shop.queries.ledger.lines import beside
from shop.queries.ledger.shop import ShopLedgerFilter, query_ledger
from shop.queries.listing.pages import stream_rows
from shop.queries.listing.sort_order import Key
from shop.services import audit_log
from shop.services.actors import Actor

EXPORTED_AT_ONCE: Final = 5_000


class ExportedEntry(NamedTuple):
    """An entry and its customer; a deleted customer has no e-mail and name.

    ``subtotal`` and ``discount`` are those of ``LoyaltyEntry.meta``, None if it has none. The database extracts them:
    parsing the whole ``meta`` in Python would take as long as everything else.
    """

    id: int
    created_at: datetime
    kind: str
    points: int
    balance_after: int
    order_number: str | None
    note: str | None
    system_note: str
    actor_kind: str
    actor_label: str
    subtotal: str | None
    discount: str | None
    shortfall: int
    event: str | None
    email: str | None
    first_name: str | None
    last_name: str | None


_LINES: Final = beside(
    select(
        LoyaltyEntry.id,
        LoyaltyEntry.created_at,
        LoyaltyEntry.kind,
        LoyaltyEntry.points,
        LoyaltyEntry.balance_after,
        Order.order_number,
        LoyaltyEntryNote.text.label("note"),
        LoyaltyEntry.system_note,
        LoyaltyEntry.actor_kind,
        LoyaltyEntry.actor_label,
        LoyaltyEntry.meta["subtotal"].as_string().label("subtotal"),
        LoyaltyEntry.meta["discount"].as_string().label("discount"),
        LoyaltyEntry.shortfall,
        LoyaltyEntry.event,
        Customer.email,
        Customer.first_name,
        Customer.last_name,
    ).where(LoyaltyEntry.id.in_(bindparam("ids", expanding=True)))
)


def stream_ledger(filters: ShopLedgerFilter) -> Iterator[Sequence[ExportedEntry]]:
    """Yield all matching entries of the shop, newest first, in batches of some thousand.

    May be consumed after the request that made it. Memory does not grow with the ledger.
    """
    query, _too_many = query_ledger(filters)
    return iter(()) if query is None else stream_rows(query, EXPORTED_AT_ONCE, _read)


def record_export(actor: Actor) -> None:
    """Record in the audit log that the ledger was exported."""
    with transaction():
        audit_log.record(actor, "points.exported", "ledger")


def _read(keys: list[Key]) -> list[ExportedEntry]:
    """Return the entries with some keys, in the order of the keys."""
    found = db.session.execute(_LINES, {"ids": [key[-1] for key in keys]}) if keys else ()
    rows = {row.id: cast(ExportedEntry, row) for row in found}  # the rows have its names
    return [rows[key[-1]] for key in keys]
