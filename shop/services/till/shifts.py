"""Open the till with a float, and close it: what is expected by method against what was counted."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.formats import format_amount
from shop.domain.text.cleaning import clean_line
from shop.models import TillSale, TillShift
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.catalogue.adjustments import default_branch_id
from shop.services.errors import Conflict, InvalidInput
from shop.services.till.sales import METHODS

SHOWN: Final = 30
LONGEST_NOTE: Final = 500


def find_open_shift() -> TillShift | None:
    """Return the shift of the default branch that is open."""
    found = select(TillShift).where(TillShift.branch_id == default_branch_id(), TillShift.closed_at.is_(None))
    return db.session.scalars(found).first()


def list_closed_shifts() -> list[TillShift]:
    """Return the newest closed shifts."""
    found = select(TillShift).where(TillShift.closed_at.is_not(None))
    return list(db.session.scalars(found.order_by(TillShift.closed_at.desc(), TillShift.id.desc()).limit(SHOWN)))


def open_shift(float_cents: int, actor: Actor) -> TillShift:
    """Open the till with the cash that is in the drawer. Raises InvalidInput, Conflict if it is open."""
    if float_cents < 0:
        raise InvalidInput.of("float", "must not be less than 0")
    already = Conflict("The till is open already.", code="till_open")
    with transaction() as session:
        if find_open_shift() is not None:
            raise already
        row = TillShift(
            branch_id=default_branch_id(), float_cents=float_cents, opened_at=clock.now(), opened_by=actor.label
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # somebody else has just opened it
            raise already from None
        audit_log.record(actor, "till.opened", "till", new=format_amount(float_cents))
        return row


def expect(shift: TillShift) -> dict[str, int]:
    """Return what should be there by method, in minor units: the float and the sales of the branch since the opening.

    Sales from a queue count when they arrive, undone ones do not.
    """
    sale = TillSale
    since = (sale.branch_id == shift.branch_id, sale.created_at >= shift.opened_at, sale.undone_at.is_(None))
    sums = select(sale.method, func.sum(sale.amount_cents)).where(*since, sale.order_id.is_not(None))
    taken = {method: int(total) for method, total in db.session.execute(sums.group_by(sale.method))}
    return {method: taken.get(method, 0) + (shift.float_cents if method == "cash" else 0) for method in METHODS}


def close_shift(counted: Mapping[str, int], note: str, actor: Actor) -> TillShift:
    """Close the till with what was counted by method, in minor units; expected and counted are kept.

    Raises Conflict if it is not open, InvalidInput for a difference without a note.
    """
    note = clean_line(note)[:LONGEST_NOTE]
    with transaction() as session:
        found = select(TillShift).where(TillShift.branch_id == default_branch_id(), TillShift.closed_at.is_(None))
        shift = session.scalars(found.with_for_update().execution_options(populate_existing=True)).first()
        if shift is None:
            raise Conflict("The till is not open.", code="till_not_open")
        shift.expected = expect(shift)
        shift.counted = {method: counted.get(method, 0) for method in METHODS}
        if shift.counted != shift.expected and not note:
            raise InvalidInput.of("note", "is required: say where the difference comes from")
        shift.note, shift.closed_at, shift.closed_by = note, clock.now(), actor.label
        old, new = (format_amount(sum(sums.values())) for sums in (shift.expected, shift.counted))
        audit_log.record(actor, "till.closed", "till", old=old, new=new, reason=note or None)
        session.flush()
        return shift
