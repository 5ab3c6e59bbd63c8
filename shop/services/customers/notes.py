"""Notes that staff and programs write about a customer."""

from sqlalchemy import delete, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.text.cleaning import clean_text
from shop.models import CustomerNote
from shop.services import clock
from shop.services.actors import Actor
from shop.services.customers.records import get_customer
from shop.services.errors import InvalidInput, NotAllowed, NotFound


def add_note(customer_id: int, content: str, actor: Actor) -> CustomerNote:
    """Add a note about a customer. Raises NotFound, and InvalidInput if it is empty."""
    content = clean_text(content)
    if not content:
        raise InvalidInput.of("content", "must not be empty")
    with transaction() as session:
        note = CustomerNote(
            customer_id=get_customer(customer_id).id,
            author_id=actor.id if actor.kind == "staff" else None,
            author_label=actor.label,
            content=content,
            created_at=clock.now(),
        )
        session.add(note)
        session.flush()
    return note


def pin_note(customer_id: int, note_id: int, *, pinned: bool) -> CustomerNote:
    """Pin or unpin a note. Raises NotFound."""
    with transaction() as session:
        note = _note(customer_id, note_id)
        note.pinned = pinned
        session.flush()
    return note


def delete_note(customer_id: int, note_id: int, actor: Actor) -> None:
    """Delete one's own note. Raises NotFound, and NotAllowed for someone else's."""
    with transaction() as session:
        note = _note(customer_id, note_id)
        if actor.kind != "staff" or note.author_id != actor.id:
            raise NotAllowed("Only the author of a note can delete it.", code="not_your_note")
        session.execute(delete(CustomerNote).where(CustomerNote.id == note_id))


def _note(customer_id: int, note_id: int) -> CustomerNote:
    statement = select(CustomerNote).where(CustomerNote.id == note_id, CustomerNote.customer_id == customer_id)
    note = db.session.scalars(statement.with_for_update()).first()
    if note is None:
        raise NotFound("There is no such note.", code="note_not_found")
    return note
