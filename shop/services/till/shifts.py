"""Open the till with a float, and close it: what is expected by method against what was counted."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.formats import format_amount
from shop.domain.payments.methods import AT_THE_TILL
from shop.models import OrderRefund, TillSale, TillShift
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.catalogue.adjustments import default_branch_id
from shop.services.errors import Conflict, InvalidInput
from shop.services.shops.amounts import check_amounts
from shop.services.shops.settings import get_settings
from shop.services.text_lengths import read_line

SHOWN: Final = 30
LONGEST_NOTE: Final = 500


def find_open_shift(branch_id: int | None = None) -> TillShift | None:
    """Return the shift of a branch, by default the default one, that is open."""
    branch = branch_id or default_branch_id()
    found = select(TillShift).where(TillShift.branch_id == branch, TillShift.closed_at.is_(None))
    return db.session.scalars(found).first()


def list_closed_shifts() -> list[TillShift]:
    """Return the newest closed shifts."""
    found = select(TillShift).where(TillShift.closed_at.is_not(None))
    return list(db.session.scalars(found.order_by(TillShift.closed_at.desc(), TillShift.id.desc()).limit(SHOWN)))


def open_shift(float_cents: int, actor: Actor, branch_id: int | None = None) -> TillShift:
    """Open the till of a branch with the cash that is in the drawer. Raises InvalidInput, Conflict if it is open."""
    if float_cents < 0:
        raise InvalidInput.of("float", "must not be less than 0")
    check_amounts(get_settings().currency, {"float": float_cents})
    already = Conflict("The till is open already.", code="till_open")
    with transaction() as session:
        if find_open_shift(branch_id) is not None:
            raise already
        row = TillShift(
            branch_id=branch_id or default_branch_id(),
            float_cents=float_cents,
            opened_at=clock.now(),
            opened_by=actor.label,
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # someone else has just opened it
            raise already from None
        audit_log.record(actor, "till.opened", "till", new=_amount(float_cents))
        return row


def _amount(cents: int) -> str:
    return format_amount(cents, get_settings().currency)


def _by_method(cents: Mapping[str, int], methods: list[str]) -> str:
    return ", ".join(f"{method} {_amount(cents[method])}" for method in methods) or _amount(0)


def expect(shift: TillShift) -> dict[str, int]:
    """Return what should be there by method, in minor units: the float and the sales of the branch since the opening.

    Sales from a queue count when they arrive. What was given back since then is taken off: refunds, by the method of
    the sale, when their money was sent, and undone sales.
    """
    sale, opened = TillSale, shift.opened_at
    in_branch = select(sale.method).where(sale.branch_id == shift.branch_id, sale.order_id.is_not(None))
    taken = in_branch.where(sale.created_at >= opened, sale.undone_at.is_(None))
    undone = in_branch.where(sale.created_at < opened, sale.undone_at >= opened)
    refunded = in_branch.join(OrderRefund, OrderRefund.order_id == sale.order_id).where(OrderRefund.sent_at >= opened)
    expected = {method: shift.float_cents if method == "cash" else 0 for method in AT_THE_TILL}
    for rows, cents, sign in (
        (taken, sale.amount_cents, 1),
        (undone, sale.amount_cents, -1),
        (refunded, OrderRefund.amount_cents, -1),
    ):
        for method, total in db.session.execute(rows.add_columns(func.sum(cents)).group_by(sale.method)):
            expected[method] += sign * int(total)
    return expected


def close_shift(counted: Mapping[str, int], note: str, actor: Actor, branch_id: int | None = None) -> TillShift:
    """Close the till of a branch with what was counted by method, in minor units; expected and counted are kept.

    Raises Conflict if it is not open, InvalidInput for a difference without a note.
    """
    note = read_line("note", note, LONGEST_NOTE)
    with transaction() as session:
        branch = branch_id or default_branch_id()
        found = select(TillShift).where(TillShift.branch_id == branch, TillShift.closed_at.is_(None))
        shift = session.scalars(found.with_for_update().execution_options(populate_existing=True)).first()
        if shift is None:
            raise Conflict("The till is not open.", code="till_not_open")
        shift.expected = expect(shift)
        shift.counted = {method: counted.get(method, 0) for method in AT_THE_TILL}
        if shift.counted != shift.expected and not note:
            raise InvalidInput.of("note", "must say where the difference comes from")
        shift.note, shift.closed_at, shift.closed_by = note, clock.now(), actor.label
        used = [method for method in AT_THE_TILL if shift.expected[method] or shift.counted[method]]
        old, new = (_by_method(sums, used) for sums in (shift.expected, shift.counted))
        audit_log.record(actor, "till.closed", "till", old=old, new=new, reason=note or None)
        session.flush()
        return shift
