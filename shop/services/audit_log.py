"""The audit log: who changed what in the shop, and when. Written in the transaction of the change itself."""

from dataclasses import dataclass

from sqlalchemy import insert, select

from shop.db.prepared import PreparedQuery, table
from shop.db.session import db
from shop.models import AuditEntry, Order
from shop.services import clock
from shop.services.actors import Actor

_ADD = PreparedQuery(insert(table(AuditEntry)))


def record(
    actor: Actor,
    action: str,
    subject: str,
    *,
    old: str | None = None,
    new: str | None = None,
    reason: str | None = None,
) -> None:
    """Add a line, such as ``setting.changed`` of ``currency`` from ``KES`` to ``UGX``; never anything personal."""
    _ADD(
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        action=action,
        subject=subject,
        old_value=old,
        new_value=new,
        reason=reason,
        created_at=clock.now(),
    )


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some lines, newest first; ``older_than`` is the id to go on below, None at the end.

    ``orders`` has the numbers of the orders that they are about, by subject.
    """

    entries: list[AuditEntry]
    older_than: int | None
    orders: dict[str, str]


def list_audit(
    *, area: str | None = None, actor_id: int | None = None, below: int | None = None, limit: int = 50
) -> AuditPage:
    """A page of the audit log: of one ``area`` (``setting``, ``staff`` …), by one member of staff, below an id."""
    statement = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit + 1)
    if area:
        statement = statement.where(AuditEntry.action.like(f"{area}.%") | AuditEntry.action.like(f"{area}s.%"))
    if actor_id is not None:
        statement = statement.where(AuditEntry.actor_kind == "staff", AuditEntry.actor_id == actor_id)
    if below is not None:
        statement = statement.where(AuditEntry.id < below)
    found = list(db.session.scalars(statement))
    more = len(found) > limit
    entries = found[:limit]
    return AuditPage(entries, entries[-1].id if more else None, _order_numbers({entry.subject for entry in entries}))


def _order_numbers(subjects: set[str]) -> dict[str, str]:
    ids = {int(subject.removeprefix("order:")) for subject in subjects if subject.startswith("order:")}
    rows = db.session.execute(select(Order.id, Order.order_number).where(Order.id.in_(ids))) if ids else ()
    return {f"order:{order_id}": number for order_id, number in rows}
