"""The shop's whole ledger for a file: the same entries as on the page, read fast, with only what the file says."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import ColumnElement, select, tuple_, union_all

from shop.db.replica import reading_from, reads_from
from shop.db.session import db
from shop.db.tenant import current_shop_id, in_shop
from shop.db.transaction import transaction
from shop.models import Customer, LoyaltyEntry, LoyaltyEntryNote, Order
from shop.queries.ledger.lines import beside
from shop.queries.ledger.shop import ShopLedgerFilter, conditions_of
from shop.queries.ledger.totals import ALL_KINDS
from shop.services import audit_log
from shop.services.actors import Actor

EXPORTED_AT_ONCE: Final = 5_000
NEWEST: Final = (LoyaltyEntry.created_at.desc(), LoyaltyEntry.id.desc())


class ExportedEntry(NamedTuple):
    """What a row of an entry holds, and whose it is; a deleted customer has no e-mail and no names.

    ``subtotal`` and ``discount`` are those of ``LoyaltyEntry.meta``, None where it says nothing of them.
    Only they are taken out of it, by the database: reading all of it here would take as long as all the rest.
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


def stream_ledger(wanted: ShopLedgerFilter) -> Iterator[Sequence[ExportedEntry]]:
    """Yield all of the shop's entries that match, newest first, some thousand at a time.

    May be consumed after the request that made it. Memory does not grow with the ledger.
    """
    conditions, _too_many = conditions_of(wanted)
    return iter(()) if conditions is None else _stream(wanted, conditions, current_shop_id(), reading_from())


def record_export(actor: Actor) -> None:
    """Record in the audit log that the ledger was exported."""
    with transaction():
        audit_log.record(actor, "points.exported", "ledger")


def _stream(
    wanted: ShopLedgerFilter, conditions: list[ColumnElement[bool]], shop_id: int, source: str | None
) -> Iterator[Sequence[ExportedEntry]]:
    lines, place, more = _lines(), None, True
    while more:
        with in_shop(shop_id), reads_from(source):
            rows = db.session.execute(lines.where(*_here(wanted, conditions, place))).all()
            db.session.rollback()  # no long read: it would keep SQLite from truncating its log
        if rows:
            yield cast(Sequence[ExportedEntry], rows)  # they have its names
            place = (rows[-1].created_at, rows[-1].id)
        more = len(rows) == EXPORTED_AT_ONCE


def _lines() -> Any:
    entry = LoyaltyEntry
    said = beside(
        select(
            entry.id,
            entry.created_at,
            entry.kind,
            entry.points,
            entry.balance_after,
            Order.order_number,
            LoyaltyEntryNote.text.label("note"),
            entry.system_note,
            entry.actor_kind,
            entry.actor_label,
            entry.meta["subtotal"].as_string().label("subtotal"),
            entry.meta["discount"].as_string().label("discount"),
            entry.shortfall,
            entry.event,
            Customer.email,
            Customer.first_name,
            Customer.last_name,
        )
    )
    return said.order_by(*NEWEST).limit(EXPORTED_AT_ONCE)


def _here(
    wanted: ShopLedgerFilter, conditions: list[ColumnElement[bool]], place: tuple[datetime, int] | None
) -> list[ColumnElement[bool]]:
    """Which entries come next, past a place. What somebody did is looked up kind by kind, as the index has it."""
    moment, key = LoyaltyEntry.created_at, LoyaltyEntry.id
    here = [*conditions, *([] if place is None else [tuple_(moment, key) < place])]
    if wanted.actor is None or wanted.kind is not None or wanted.search:
        return here
    ways = (select(key).where(*here, LoyaltyEntry.kind == kind).order_by(*NEWEST) for kind in ALL_KINDS)
    return [key.in_(union_all(*(select(way.limit(EXPORTED_AT_ONCE).subquery().c.id) for way in ways)))]
