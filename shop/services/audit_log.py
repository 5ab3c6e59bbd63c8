"""The audit log: who changed what in the shop, and when. Written in the transaction of the change."""

from dataclasses import dataclass

from sqlalchemy import insert, select

from shop.db.prepared import PreparedQuery, table
from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import AuditEntry, Customer, Order, StaffToken, StaffUser
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
    event_token: str | None = None,
) -> None:
    """Add an entry, such as ``setting.changed`` of ``currency`` from ``KES`` to ``UGX``; never personal data.

    For an act with a domain event, ``PendingEvent.audit`` calls this.
    """
    _ADD(
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        action=action,
        subject=subject,
        old_value=old,
        new_value=new,
        reason=reason,
        event_token=event_token,
        created_at=clock.now(),
    )


def record_alone(actor: Actor, action: str, subject: str) -> None:
    """Add an entry in its own transaction, for reads."""
    with transaction():
        record(actor, action, subject)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, newest first; ``older_than`` is the id to continue below, None at the end.

    ``names`` has the names of subjects: order numbers, customers and staff.
    """

    entries: list[AuditEntry]
    older_than: int | None
    names: dict[str, str]


def list_audit(
    *, area: str | None = None, actor_id: int | None = None, below: int | None = None, limit: int = 50
) -> AuditPage:
    """Return a page of the audit log: of one ``area`` (``setting``, ``staff`` …), by one staff member, below an id."""
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
    return AuditPage(entries, entries[-1].id if more else None, _names({entry.subject for entry in entries}))


def _names(subjects: set[str]) -> dict[str, str]:
    """Return the names by subject; a deleted customer has none."""
    found: dict[str, str] = {}
    for kind, ids in _ids_by_kind(subjects).items():
        match kind:
            case "order":
                rows = db.session.execute(select(Order.id, Order.order_number).where(Order.id.in_(ids)))
                found |= {f"order:{row.id}": row.order_number for row in rows}
            case "customer":
                people = db.session.scalars(select(Customer).where(Customer.id.in_(ids)))
                found |= {f"customer:{person.id}": person.full_name for person in people}
            case "staff":
                users = db.session.scalars(select(StaffUser).where(StaffUser.id.in_(ids)))
                found |= {f"staff:{user.id}": user.name or user.email for user in users}
            case "invitation":
                links = db.session.scalars(select(StaffToken).where(StaffToken.id.in_(ids)))
                found |= {f"invitation:{link.id}": link.email for link in links}
    return found


def _ids_by_kind(subjects: set[str]) -> dict[str, set[int]]:
    ids: dict[str, set[int]] = {}
    for subject in subjects:
        kind, _colon, number = subject.partition(":")
        if number.isdecimal():
            ids.setdefault(kind, set()).add(int(number))
    return ids
