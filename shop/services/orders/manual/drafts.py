"""Drafts of orders, and the order created from each."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import joinedload

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.models import OrderDraft
from shop.models.orders.draft import IS_OPEN
from shop.services import clock
from shop.services.actors import Actor
from shop.services.errors import NotFound

Draft = OrderDraft
NEWEST = 200
"""The maximum of listed drafts."""


def save_draft(
    request_key: str, fields: dict[str, Any], actor: Actor, *, customer_id: int | None, total_cents: int
) -> OrderDraft:
    """Save the fields of a form and return the draft. Raises NotFound if its order was created in the meantime."""
    with transaction():
        draft = _lock(request_key, actor)
        if draft.order_id is not None:
            raise _no_such_draft()
        draft.fields, draft.customer_id, draft.total_cents = fields, customer_id, total_cents
        draft.saved_by, draft.updated_at = actor.label, clock.now()
        db.session.flush()
        return draft


def list_drafts() -> Sequence[OrderDraft]:
    """Return the newest drafts with their customers."""
    found = select(OrderDraft).where(text(IS_OPEN)).order_by(OrderDraft.updated_at.desc(), OrderDraft.id.desc())
    return db.session.scalars(found.limit(NEWEST).options(joinedload(OrderDraft.customer))).all()


def get_draft(draft_id: int) -> OrderDraft:
    """Return a draft. Raises NotFound, also once its order was created."""
    found = select(OrderDraft).where(OrderDraft.id == draft_id, text(IS_OPEN))
    draft = db.session.scalars(found).first()
    if draft is None:
        raise _no_such_draft()
    return draft


def delete_draft(draft_id: int) -> None:
    """Delete a draft. Raises NotFound."""
    with transaction() as session:
        session.delete(get_draft(draft_id))


def claim_key(request_key: str, actor: Actor) -> int | None:
    """Return the id of the order created with a key; without one, claim the key and return None.

    In the caller's transaction, which ends with :func:`mark_created`.
    """
    return _lock(request_key, actor).order_id


def mark_created(request_key: str, order_id: int) -> None:
    """Record the order of a claimed key and clear the saved fields."""
    values = {"order_id": order_id, "fields": {}, "customer_id": None, "total_cents": 0, "updated_at": clock.now()}
    db.session.execute(update(OrderDraft).where(OrderDraft.request_key == request_key).values(values))


def _lock(request_key: str, actor: Actor) -> OrderDraft:
    now = clock.now()
    insert_or_ignore(
        OrderDraft,
        [OrderDraft.request_key],
        request_key=request_key,
        fields={},
        total_cents=0,
        saved_by=actor.label,
        created_at=now,
        updated_at=now,
    )
    statement = select(OrderDraft).where(OrderDraft.request_key == request_key).with_for_update()
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


def _no_such_draft() -> NotFound:
    return NotFound("There is no such draft.", code="draft_not_found")
