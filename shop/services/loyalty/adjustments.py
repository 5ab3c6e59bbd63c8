"""Manual adjustments of points, with a reason."""

import secrets
from dataclasses import dataclass

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.dates.days import day_of, start_of
from shop.domain.loyalty.points import discount_for_points
from shop.domain.statuses import EntryKind
from shop.models import LoyaltyAccount, LoyaltyEntry, Membership
from shop.services import clock
from shop.services.actors import Actor
from shop.services.customers.records import get_customer, hold_customer
from shop.services.errors import Conflict, InvalidInput, NotAllowed
from shop.services.loyalty.ledger import (
    InsufficientPoints,
    Movement,
    find_account,
    find_balance,
    lock_balance,
    lock_shortfall,
    move_points,
    open_account,
)
from shop.services.shops.second_person import is_large_adjustment, require_approval
from shop.services.shops.settings import get_settings

MAX_ADJUSTMENT = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """A clerk's daily limit of adjusted points, added or removed, and how many of them are used today."""

    limit: int
    used: int

    @property
    def left(self) -> int:
        """The points that the clerk may still adjust today."""
        return max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True)
class AdjustmentPreview:
    """The effect of an adjustment; ``after`` is below zero if it would be refused. ``worth_cents`` is of ``after``."""

    before: int
    points: int
    after: int
    worth_cents: int


def preview_adjustment(customer_id: int, points: int) -> AdjustmentPreview:
    """Return the effect of adjusting by ``points`` (signed) now. Raises NotFound."""
    before = find_balance(get_customer(customer_id).id)
    after = before + points
    return AdjustmentPreview(before, points, after, discount_for_points(max(0, after), get_settings().rules))


def adjust_points(
    customer_id: int,
    points: int,
    note: str,
    actor: Actor,
    *,
    request_key: str | None = None,
    tell: bool = False,
    approved: bool = False,
) -> tuple[LoyaltyAccount, LoyaltyEntry]:
    """Add ``points`` (signed, not 0) to a customer's balance; return the account and the entry.

    A second call with the same ``request_key`` and points returns the first one's entry and does nothing. ``tell``
    writes to the customer. A clerk is limited to the shop's ``clerk_daily_points``. Raises NotFound for an unknown
    customer, InvalidInput for 0 points or no note, InsufficientPoints (with the balance) if the balance would go below
    zero, NotAllowed past a clerk's limit, Conflict for a key used for something else, and ``approval_required`` for a
    large adjustment that needs a second person and is not ``approved``.
    """
    note = check_adjustment(points, note)
    with transaction():
        customer = hold_customer(customer_id)
        key = f"adjust:{request_key or secrets.token_hex(16)}"
        if request_key is not None:
            done = _done_before(customer.id, points, key)
            if done is not None:
                return done
        _hold_to_limit(points, actor)
        values = get_settings().values
        if not approved and is_large_adjustment(points, values):
            require_approval(values, actor)
        entry_id = _move_by_hand(customer.id, points, note, actor, key=key, notify=tell)
        return _account(customer.id), db.session.scalars(select(LoyaltyEntry).where(LoyaltyEntry.id == entry_id)).one()


def check_adjustment(points: int, note: str) -> str:
    """Return the note without surrounding spaces. Raises InvalidInput for 0 or too many points, and without a note."""
    if points == 0 or abs(points) > MAX_ADJUSTMENT:
        raise InvalidInput.of(
            "points", "must be a whole number other than 0, at most %(limit)s either way", limit=f"{MAX_ADJUSTMENT:,}"
        )
    note = note.strip()
    if not note:
        raise InvalidInput.of("note", "must give the reason")
    return note


def _move_by_hand(customer_id: int, points: int, note: str, actor: Actor, *, key: str, notify: bool) -> int:
    """Write the entry and return its id. Raises InsufficientPoints with the balance."""
    movement = Movement(
        kind=EntryKind.ADJUSTED,
        points=points,
        shortfall=-min(-points, lock_shortfall(customer_id)) if points < 0 else 0,
        idempotency_key=key,
        actor=actor,
        note="Adjusted by hand",
        written_note=note,
        meta={"rule": "adjusted by hand"},
        is_audited=True,
        notify=notify,
    )
    try:
        return move_points(customer_id, movement)
    except InsufficientPoints:
        balance = find_balance(customer_id)
        raise InsufficientPoints(
            "Nothing was changed: the customer has %(balance)s points, so %(points)s cannot be removed.",
            balance=f"{balance:,}",
            points=f"{-points:,}",
        ) from None


def find_allowance(actor: Actor) -> Allowance | None:
    """Return what the actor may adjust today, in the shop's time zone; None without the daily limit."""
    return _allowance(actor) if actor.kind == "staff" and _is_limited(actor) else None


def _is_limited(actor: Actor, *, lock: bool = False) -> bool:
    statement = select(Membership).where(Membership.staff_user_id == actor.id)
    member = db.session.scalars(statement.with_for_update() if lock else statement).first()
    return member is not None and "points.unlimited" not in member.permissions


def _hold_to_limit(points: int, actor: Actor) -> None:
    """Raise NotAllowed above the daily limit. The membership stays locked against a second adjustment at once."""
    if actor.kind != "staff":
        return
    if not _is_limited(actor, lock=True):
        return
    allowance = _allowance(actor)
    if abs(points) > allowance.left:
        raise NotAllowed(
            "Nothing was changed: a clerk may adjust %(limit)s points a day, and you have %(left)s left today. "
            "Ask a manager for more.",
            code="daily_limit_reached",
            limit=f"{allowance.limit:,}",
            left=f"{allowance.left:,}",
        )


def _allowance(actor: Actor) -> Allowance:
    settings = get_settings()
    zone = settings.values["shop_timezone"]
    entry = LoyaltyEntry
    used = db.session.scalars(
        select(func.coalesce(func.sum(func.abs(entry.points)), 0)).where(
            entry.created_at >= start_of(day_of(clock.now(), zone), zone),
            entry.kind == EntryKind.ADJUSTED,
            entry.actor_kind == "staff",
            entry.actor_id == actor.id,
        )
    ).one()
    return Allowance(int(settings.values["clerk_daily_points"]), int(used))


def _done_before(customer_id: int, points: int, key: str) -> tuple[LoyaltyAccount, LoyaltyEntry] | None:
    """Return the entry with an idempotency key; the account is locked, so that two calls cannot both be the first."""
    open_account(customer_id)
    lock_balance(customer_id)
    entry = db.session.scalars(select(LoyaltyEntry).where(LoyaltyEntry.idempotency_key == key)).first()
    if entry is None:
        return None
    account = _account(customer_id)
    if entry.account_id != account.id or entry.points != points:
        raise Conflict(
            "Nothing was changed: this form was sent before with other points. Check the ledger, then start again.",
            code="request_key_reused",
        )
    return account, entry


def _account(customer_id: int) -> LoyaltyAccount:
    account = find_account(customer_id)
    assert account is not None
    return account
