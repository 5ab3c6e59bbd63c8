"""Lift a hold on redemption, which starts when staff change a customer's e-mail or phone."""

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import AuditEntry
from shop.services import audit_log
from shop.services.actors import Actor
from shop.services.customers.identity import HELD, is_held
from shop.services.customers.records import lock_customer
from shop.services.errors import InvalidInput, NotAllowed
from shop.services.text_lengths import read_line


def lift_hold(customer_id: int, reason: str, actor: Actor, *, is_owner: bool) -> None:
    """Lift a hold early; the reason is recorded. No-op without one.

    Raise InvalidInput for no reason, NotAllowed if the actor's own change started the hold and they are no owner,
    NotFound.
    """
    reason = read_line("reason", reason, 200)
    if not reason:
        raise InvalidInput.of("reason", "is required")
    with transaction():
        customer = lock_customer(customer_id)
        if not is_held(customer.redemption_held_until):
            return
        if not is_owner and find_holder(customer_id) == (actor.kind, actor.id):
            raise NotAllowed("You changed the contact details yourself. Ask someone else to end the hold.")
        customer.redemption_held_until = None
        audit_log.record(actor, "customer.redemption_released", f"customer:{customer_id}", reason=reason)


def find_holder(customer_id: int) -> tuple[str, int | None] | None:
    """Return the kind and id of the actor whose change started the newest hold of a customer."""
    entry = AuditEntry
    newest = select(entry).where(entry.action == HELD, entry.subject == f"customer:{customer_id}")
    found = db.session.scalars(newest.order_by(entry.id.desc()).limit(1)).first()
    return None if found is None else (found.actor_kind, found.actor_id)
