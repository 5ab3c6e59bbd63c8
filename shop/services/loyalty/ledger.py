"""The only module that writes points: account and ledger entry together (``docs/contract/points.md``, The ledger)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, insert, select, update
from sqlalchemy.orm import joinedload

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.db.upsert import insert_or_ignore
from shop.domain.events import EventType, Noun
from shop.domain.statuses import EntryEvent, EntryKind
from shop.models import LoyaltyAccount, LoyaltyEntry, LoyaltyEntryNote
from shop.observability.counters import count_movement
from shop.services import clock
from shop.services.actors import Actor
from shop.services.errors import ShopError
from shop.services.events.recording import record

_A, _E = table(LoyaltyAccount).c, table(LoyaltyEntry).c
_OWN = (_A.shop_id == SHOP, _A.customer_id == bindparam("customer"))
_BALANCE = select(_A.points_balance).where(*_OWN)
_FIND_BALANCE, _LOCK_BALANCE = PreparedQuery(_BALANCE), PreparedQuery(_BALANCE.with_for_update())
_SHORTFALL = select(_A.shortfall).where(*_OWN)
_FIND_SHORTFALL, _LOCK_SHORTFALL = PreparedQuery(_SHORTFALL), PreparedQuery(_SHORTFALL.with_for_update())
_CHANGED = (
    update(table(LoyaltyAccount))
    .where(*_OWN, _A.points_balance + bindparam("points") >= 0)
    .values(
        points_balance=_A.points_balance + bindparam("points"),
        lifetime_earned=_A.lifetime_earned + bindparam("lifetime"),
        shortfall=_A.shortfall + bindparam("shortfall"),
        entries_count=_A.entries_count + 1,
        updated_at=bindparam("now"),
    )
    .returning(_A.id, _A.points_balance, _A.entries_count)
)
"""Checks and changes in one statement; returns no row if the balance is too low."""
_CHANGE = PreparedQuery(_CHANGED)
_KEYED = (_E.shop_id == SHOP, _E.idempotency_key == bindparam("key"))
_CHANGE_ONCE = PreparedQuery(_CHANGED.where(~exists().where(*_KEYED)))
_WRITE = PreparedQuery(insert(table(LoyaltyEntry)).returning(_E.id))
_NOTE = PreparedQuery(insert(table(LoyaltyEntryNote)))
_REDEMPTIONS = PreparedQuery(
    select(func.count(_E.id)).where(
        _E.shop_id == SHOP, _E.order_id == bindparam("order"), _E.kind == EntryKind.REDEEMED
    )
)
_EVENTS = {
    EntryKind.EARNED: EventType.POINTS_EARNED,
    EntryKind.REDEEMED: EventType.POINTS_REDEEMED,
    EntryKind.RESTORED: EventType.POINTS_RETURNED,
    EntryKind.REVERSED: EventType.POINTS_REVERSED,
}
"""All other kinds are adjustments."""
_HAS_ENTRY = PreparedQuery(select(_E.id).where(*_KEYED))


class InsufficientPoints(ShopError):
    """The balance is too low."""

    code = "insufficient_points"


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of points, and the contents of its entry.

    ``points`` and ``shortfall`` (a change of the account's) are signed; ``idempotency_key`` is unique in the shop;
    ``note`` is the system's text, ``written_note`` a person's; ``meta`` says how the number was calculated.
    ``is_audited`` ones are in the audit log, too; of a ``notify`` one, the customer gets a message.
    """

    kind: EntryKind
    points: int
    idempotency_key: str
    actor: Actor
    order_id: int | None = None
    note: str = ""
    written_note: str | None = None
    event: EntryEvent | None = None
    shortfall: int = 0
    meta: dict[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None
    is_audited: bool = False
    notify: bool = False

    @property
    def lifetime(self) -> int:
        """The change of ``lifetime_earned``."""
        return self.points if self.kind.counts_as_earned else 0


def count_redemptions(order_id: int) -> int:
    """Return how often points were redeemed for an order: again each time a failed payment is resumed."""
    count: int = _REDEMPTIONS(order=order_id).scalar_one()
    return count


def move_points(customer_id: int, movement: Movement) -> int:
    """Change a customer's balance and write the entry in the caller's transaction; return the entry's id.

    One statement checks and changes the balance; the account stays locked until the transaction ends. Raises
    InsufficientPoints if it would go below zero. An existing idempotency key breaks the transaction: callers that may
    run twice check for it first, under a lock.
    """
    now = clock.now()
    changed = _change_balance(customer_id, movement, now)
    if changed is None and open_account(customer_id):
        changed = _change_balance(customer_id, movement, now)
    if changed is None:
        raise InsufficientPoints("The customer does not have enough points.")
    return _write_entry(customer_id, changed, movement, now)


def give_points_once(customer_id: int, movement: Movement) -> bool:
    """As :func:`move_points` for positive points; return False, changing nothing, if the idempotency key exists."""
    now = clock.now()
    changed = _change_balance(customer_id, movement, now, once=True)
    if changed is None and open_account(customer_id):
        changed = _change_balance(customer_id, movement, now, once=True)
    if changed is None:
        return False
    _write_entry(customer_id, changed, movement, now)
    return True


def _write_entry(customer_id: int, changed: tuple[int, int, int], movement: Movement, now: datetime) -> int:
    account_id, balance, number = changed
    written = _WRITE(
        account_id=account_id,
        seq=number,
        kind=movement.kind,
        points=movement.points,
        shortfall=movement.shortfall,
        event=movement.event,
        balance_after=balance,
        idempotency_key=movement.idempotency_key,
        order_id=movement.order_id,
        system_note=movement.note,
        actor_kind=movement.actor.kind,
        actor_id=movement.actor.id,
        actor_label=movement.actor.label,
        meta=movement.meta,
        expires_at=movement.expires_at,
        created_at=now,
    )
    entry_id: int = written.scalar_one()
    count_movement(movement.kind, movement.points)
    if movement.written_note is not None:
        _NOTE(entry_id=entry_id, text=movement.written_note)
    _record(customer_id, entry_id, balance, movement, now)
    return entry_id


def _record(customer_id: int, entry_id: int, balance: int, movement: Movement, now: datetime) -> None:
    """Record the event of an entry, with the system's text: a person's note is deleted with the customer."""
    fields = {
        "id": entry_id,
        "customer_id": customer_id,
        "type": movement.kind.type,
        "points": movement.points,
        "order_id": movement.order_id,
        "note": movement.note,
        "reason": movement.kind,
        "event": movement.event,
        "balance_after": balance,
        "expires_at": None,
        "created_at": now,
    }
    type = _EVENTS.get(movement.kind, EventType.POINTS_ADJUSTED)
    recorded = record(type, entry_id, lambda: fields, movement.actor, customer_id=customer_id)
    recorded.notify(movement.notify)
    if movement.is_audited:
        recorded.audit("points.adjusted", f"{Noun.CUSTOMER}:{customer_id}", new=f"{movement.points:+d}")


def _change_balance(
    customer_id: int, movement: Movement, now: datetime, *, once: bool = False
) -> tuple[int, int, int] | None:
    """Return the account's id, balance and number of entries after the change.

    None if the balance is too low, there is no account, or (``once``) the idempotency key exists.
    """
    values: dict[str, Any] = {"shortfall": movement.shortfall, "now": now}
    values |= {"customer": customer_id, "points": movement.points, "lifetime": movement.lifetime}
    row = (_CHANGE_ONCE(**values, key=movement.idempotency_key) if once else _CHANGE(**values)).first()
    return None if row is None else (row.id, row.points_balance, row.entries_count)


def open_account(customer_id: int) -> bool:
    """Create a customer's account unless it exists; return whether it is new. It has no entries."""
    now = clock.now()
    return insert_or_ignore(
        LoyaltyAccount, [LoyaltyAccount.customer_id], customer_id=customer_id, created_at=now, updated_at=now
    )


def lock_balance(customer_id: int) -> int:
    """Return the balance, locked until the caller's transaction ends; 0 without an account."""
    return _LOCK_BALANCE(customer=customer_id).scalar() or 0


def lock_shortfall(customer_id: int) -> int:
    """As :func:`find_shortfall`, locked until the caller's transaction ends."""
    return _LOCK_SHORTFALL(customer=customer_id).scalar() or 0


def find_shortfall(customer_id: int) -> int:
    """Return the points that could not be reversed and are not settled; 0 without an account."""
    return _FIND_SHORTFALL(customer=customer_id).scalar() or 0


def find_balance(customer_id: int) -> int:
    """Return the balance; 0 without an account."""
    return _FIND_BALANCE(customer=customer_id).scalar() or 0


def find_account(customer_id: int) -> LoyaltyAccount | None:
    """Return a customer's account; None before the first points."""
    return db.session.scalars(
        select(LoyaltyAccount)
        .where(LoyaltyAccount.customer_id == customer_id)
        .execution_options(populate_existing=True)
    ).first()


def has_entry(key: str) -> bool:
    """Return whether the shop's ledger has an entry with this idempotency key."""
    return _HAS_ENTRY(key=key).first() is not None


def find_entry(entry_id: int) -> LoyaltyEntry | None:
    """Return an entry with its account, customer and note; None if it does not exist."""
    return db.session.scalars(
        select(LoyaltyEntry)
        .where(LoyaltyEntry.id == entry_id)
        .options(
            joinedload(LoyaltyEntry.account).joinedload(LoyaltyAccount.customer), joinedload(LoyaltyEntry.written_note)
        )
        .execution_options(populate_existing=True)
    ).first()
