"""Opening balances from another system: the first entries of an account, in lots with dates if known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Exists, select

from shop.db.session import db
from shop.domain.dates.days import end_of
from shop.domain.statuses import EntryKind
from shop.models import LoyaltyAccount, LoyaltyEntry
from shop.services import audit_log
from shop.services.actors import Actor
from shop.services.customers.records import hold_customer
from shop.services.errors import Conflict
from shop.services.loyalty.adjustments import check_adjustment
from shop.services.loyalty.ledger import Movement, lock_balance, move_points, open_account
from shop.services.shops.second_person import is_large_adjustment, require_approval
from shop.services.shops.settings import get_settings

NOTE: Final = "Balance brought over"
UNDO_NOTE: Final = "Import undone"
KEY: Final = "adjust:import:"


@dataclass(frozen=True, slots=True)
class PointsLot:
    """Points with the day they were earned and the last day they are valid, if known."""

    points: int
    earned_on: date | None = None
    expires_on: date | None = None


def give_opening_balance(
    customer_id: int, lots: Sequence[PointsLot], actor: Actor, *, key: str, approved: bool = False
) -> bool:
    """Write the first entries of a customer's account, in the caller's transaction.

    Return False if the account has that balance already. Raise Conflict ``balance_not_given`` if it has other points,
    ``approval_required`` for a balance so large that it needs a second person and is not ``approved``.
    """
    total = sum(lot.points for lot in lots)
    check_adjustment(total, NOTE)
    hold_customer(customer_id)
    open_account(customer_id)
    balance = lock_balance(customer_id)
    if balance == total:
        return False
    if balance or db.session.scalars(select(other_entries(customer_id))).one():
        raise Conflict(
            "The balance was not set: the customer already has %(points)s points.",
            code="balance_not_given",
            points=balance,
        )
    values = get_settings().values
    if not approved and is_large_adjustment(total, values):
        require_approval(values, actor)
    for number, lot in enumerate(lots, start=1):
        suffix = "" if number == 1 else f":{number}"
        move_points(customer_id, _movement(lot, f"{KEY}{key}{suffix}", actor))
    audit_log.record(actor, "points.adjusted", f"customer:{customer_id}", new=f"{total:+d}")
    return True


def _movement(lot: PointsLot, key: str, actor: Actor) -> Movement:
    zone = get_settings().values["shop_timezone"]
    earned = {} if lot.earned_on is None else {"earned_on": lot.earned_on.isoformat()}
    return Movement(
        kind=EntryKind.ADJUSTED,
        points=lot.points,
        idempotency_key=key,
        actor=actor,
        note="Adjusted by hand",
        written_note=NOTE,
        meta={"rule": "adjusted by hand", **earned},
        expires_at=None if lot.expires_on is None else end_of(lot.expires_on, zone),
    )


def other_entries(customer_id: int) -> Exists:
    """Return the condition that a customer's account has entries other than those of imports."""
    entry = LoyaltyEntry
    found = select(entry.id).join(LoyaltyAccount, LoyaltyAccount.id == entry.account_id)
    is_other = ~entry.idempotency_key.startswith(KEY, autoescape=True)
    return found.where(LoyaltyAccount.customer_id == customer_id, is_other).exists()


def take_opening_balance_back(customer_id: int, points: int, actor: Actor, *, key: str) -> None:
    """Reverse the opening balance of an undone import, in the caller's transaction. Raise Conflict if changed."""
    hold_customer(customer_id)
    balance = lock_balance(customer_id)
    if balance != points:
        raise Conflict(
            "The points were changed since: the balance is %(points)s.", code="balance_changed", points=balance
        )
    if points == 0:
        return
    undo = Movement(
        kind=EntryKind.ADJUSTED,
        points=-points,
        idempotency_key=f"{KEY}undo:{key}",
        actor=actor,
        note="Adjusted by hand",
        written_note=UNDO_NOTE,
        meta={"rule": "adjusted by hand"},
        is_audited=True,
    )
    move_points(customer_id, undo)
