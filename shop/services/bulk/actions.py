"""Bulk actions on customers: recorded when staff confirm them, executed by the worker."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import purge_batch
from shop.domain.customers.bulk import BulkKind, BulkState
from shop.domain.customers.fields import parse_tags
from shop.domain.text.cleaning import clean_line, clean_text
from shop.models import BulkAction, ProductBulkAction
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.loyalty.adjustments import check_adjustment
from shop.services.shops.second_person import APPROVAL_EXPIRES_AFTER, is_large_adjustment, require_approval
from shop.services.shops.settings import get_settings

KEPT: Final = timedelta(days=30)
LONGEST_SUBJECT, LONGEST_BODY = 150, 5000


def start_bulk(
    kind: BulkKind,
    params: Mapping[str, Any],
    selection: Mapping[str, Any],
    total: int,
    actor: Actor,
    *,
    held: bool = False,
) -> int:
    """Record an action on the ``total`` customers of a selection for the worker; return its id.

    Raise InvalidInput for invalid parameters and for an empty selection, Conflict ``approval_required`` for an
    adjustment so large that it needs a second person and is not ``held`` until someone approves it.
    """
    cleaned = _CHECKS[kind](params)
    if total < 1:
        raise InvalidInput("No customers are selected.")
    values = get_settings().values
    if kind == BulkKind.ADJUST and not held and is_large_adjustment(cleaned["points"], values):
        require_approval(values, actor)
    with transaction() as session:
        action = BulkAction(
            kind=kind,
            state=BulkState.HELD if held else BulkState.WAITING,
            params=cleaned,
            selection=dict(selection),
            total=total,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_label=actor.label,
            created_at=clock.now(),
        )
        session.add(action)
        session.flush()
        audit_log.record(actor, f"customers.{kind}", f"bulk:{action.id}", new=str(total))
        return action.id


def _tag(params: Mapping[str, Any]) -> dict[str, Any]:
    try:
        tags = parse_tags([params.get("tag", "")])
    except ValueError as wrong:
        raise InvalidInput.of("tag", str(wrong)) from None
    if not tags:
        raise InvalidInput.of("tag", "must not be empty")
    return {"tag": tags[0]}


def _adjustment(params: Mapping[str, Any]) -> dict[str, Any]:
    note = check_adjustment(params["points"], params["note"])
    return {"points": params["points"], "note": note, "tell": bool(params.get("tell"))}


def _message(params: Mapping[str, Any]) -> dict[str, Any]:
    subject, body = clean_line(params.get("subject", "")), clean_text(params.get("body", ""))
    if not 1 <= len(subject) <= LONGEST_SUBJECT:
        raise InvalidInput.of("subject", "must have 1 to %(limit)s characters", limit=LONGEST_SUBJECT)
    if not 1 <= len(body) <= LONGEST_BODY:
        raise InvalidInput.of("body", "must have 1 to %(limit)s characters", limit=LONGEST_BODY)
    return {"subject": subject, "body": body}


_CHECKS = {
    BulkKind.ADD_TAG: _tag,
    BulkKind.REMOVE_TAG: _tag,
    BulkKind.ADJUST: _adjustment,
    BulkKind.MESSAGE: _message,
}


def get_bulk(action_id: int) -> BulkAction:
    """Return an action. Raise NotFound."""
    found = find_bulk(action_id)
    if found is None:
        raise NotFound("There is no such action.", code="bulk_action_not_found")
    return found


def find_bulk(action_id: int) -> BulkAction | None:
    """Return an action, or None."""
    return db.session.scalars(select(BulkAction).where(BulkAction.id == action_id)).first()


def list_bulk(limit: int = 20) -> Sequence[BulkAction]:
    """Return the shop's newest actions."""
    return db.session.scalars(select(BulkAction).order_by(BulkAction.id.desc()).limit(limit)).all()


def stop_bulk(action_id: int, actor: Actor) -> None:
    """Stop an action; customers already processed stay changed. Raise NotFound."""
    with transaction() as session:
        row = select(BulkAction).where(BulkAction.id == action_id).with_for_update()
        action = session.scalars(row).first()
        if action is None:
            raise NotFound("There is no such action.", code="bulk_action_not_found")
        if action.state in (BulkState.HELD, BulkState.WAITING, BulkState.RUNNING):
            finish(action, BulkState.STOPPED)
            audit_log.record(actor, "customers.bulk_stopped", f"bulk:{action_id}", new=str(action.done))


def release_bulk(action_id: int) -> None:
    """Start a held action. Raise NotFound, Conflict if it was stopped."""
    with transaction() as session:
        row = select(BulkAction).where(BulkAction.id == action_id).with_for_update()
        action = session.scalars(row, execution_options={"populate_existing": True}).first()
        if action is None:
            raise NotFound("There is no such action.", code="bulk_action_not_found")
        if action.state != BulkState.HELD:
            raise Conflict("This action was stopped.", code="bulk_stopped")
        action.state, action.params = BulkState.WAITING, action.params | {"approved": True}


def finish(action: BulkAction | ProductBulkAction, state: BulkState) -> None:
    """Close an action and clear its search, which may name people."""
    action.state, action.finished_at, action.selection = state, clock.now(), {}


def purge_bulk() -> int:
    """Delete actions of the session's shops that ended 30 days ago or more; return how many.

    Held ones end when their approval can no longer be given.
    """
    expired = BulkAction.created_at < clock.now() - APPROVAL_EXPIRES_AFTER
    with transaction() as session:
        for action in session.scalars(select(BulkAction).where(BulkAction.state == BulkState.HELD, expired)):
            finish(action, BulkState.STOPPED)
    return purge_batch(BulkAction, BulkAction.finished_at < clock.now() - KEPT)
