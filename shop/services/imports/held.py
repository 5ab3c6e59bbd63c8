"""Held rows of an import: they wait for a second person, who lets them be applied or refuses them."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.statuses import ImportState, ImportVerdict
from shop.domain.text.messages import N_, Translatable, dumps
from shop.models import Import, ImportLine
from shop.services import clock
from shop.services.actors import Actor
from shop.services.errors import Conflict
from shop.services.imports.records import begin_again, lock_import
from shop.services.shops.second_person import APPROVAL_EXPIRES_AFTER

REASON: Final = N_("A second manager or owner has to approve a balance this large.")
REFUSED: Final = N_("A second person refused the balance.")
EXPIRED: Final = N_("No second person approved the balance in time. Import the row again.")


def create_held(rows: Sequence[tuple[int, Mapping[str, str]]], actor: Actor) -> Import:
    """Store rows of customers, by their numbers, as an import of which they are held."""
    now = clock.now()
    with transaction() as session:
        made = Import(
            kind="customers",
            filename="",
            state=ImportState.APPLIED,
            total_rows=max(number for number, _cells in rows),
            next_row=max(number for number, _cells in rows) + 1,
            counts=dict.fromkeys(ImportVerdict, 0) | {ImportVerdict.HELD: len(rows)},
            undo_counts={},
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_label=actor.label,
            created_at=now,
            applied_at=now,
        )
        session.add(made)
        session.flush()
        held = {"import_id": made.id, "verdict": ImportVerdict.HELD, "message": dumps(Translatable(REASON))}
        session.add_all(ImportLine(number=number, cells=dict(cells), **held) for number, cells in rows)
    return made


def apply_held(import_id: int) -> None:
    """Queue applying the held rows. Raise NotFound, Conflict unless the import is applied."""
    with transaction():
        found = lock_import(import_id)
        if found.state != ImportState.APPLIED:
            raise Conflict("This import is %(state)s.", code="import_state", state=found.state)
        counts = found.counts
        found.state, found.approved = ImportState.APPLYING, True
        begin_again(found)
        found.counts = counts


def expire_held() -> None:
    """Refuse the held rows of the session's shops whose approval can no longer be given."""
    is_held = Import.counts[ImportVerdict.HELD].as_integer() > 0
    expired = Import.applied_at < clock.now() - APPROVAL_EXPIRES_AFTER
    waiting = select(Import.id).where(Import.state == ImportState.APPLIED, expired, is_held)
    for import_id in db.session.scalars(waiting).all():
        refuse_held(import_id, EXPIRED)


def refuse_held(import_id: int, reason: str = REFUSED) -> None:
    """Refuse the held rows."""
    with transaction():
        found = db.session.scalars(select(Import).where(Import.id == import_id).with_for_update()).first()
        held = select(ImportLine).where(ImportLine.import_id == import_id, ImportLine.verdict == ImportVerdict.HELD)
        lines = db.session.scalars(held).all()
        for line in lines:
            line.verdict, line.message = ImportVerdict.REFUSED, dumps(Translatable(reason))
        if found is not None:
            counts = dict(found.counts)
            counts[ImportVerdict.REFUSED] = counts.get(ImportVerdict.REFUSED, 0) + len(lines)
            found.counts = counts | {ImportVerdict.HELD: 0}
