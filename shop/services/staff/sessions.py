"""Staff sessions: rows identified by a random token, stored as a hash.

A session ends at sign-out, when the password is changed, when the person leaves the shop, when it is idle for too long,
and at its absolute end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.db.transaction import transaction
from shop.db.upsert import purge_batch
from shop.domain.codes import hash_secret, new_token
from shop.domain.text.user_agents import describe_user_agent
from shop.models import Membership, Shop, StaffSession, StaffUser
from shop.services import clock
from shop.services.errors import NotFound
from shop.services.staff.accounts import StaffMember, find_member, member_of
from shop.services.staff.notices import notify

LIFE, REMEMBERED_LIFE = timedelta(hours=24), timedelta(days=90)
REMEMBERED_IDLE = timedelta(days=30)
DEFAULT_IDLE = timedelta(hours=12)
OLD_LIFE, OLD_REMEMBERED_LIFE = timedelta(hours=12), timedelta(days=30)
SEEN_EVERY = timedelta(minutes=5)
"""The precision of ``last_seen_at``: most requests write nothing."""
KEPT_AFTER_END = timedelta(days=180)
"""How long a browser counts as known after its session ended."""


@dataclass(frozen=True, slots=True)
class Device:
    """The browser of a request: network address, User-Agent header, and the token of its device cookie."""

    address: str = ""
    user_agent: str = ""
    token: str = ""

    @property
    def hash(self) -> str | None:
        """The stored hash of the token."""
        return hash_secret(self.token) if self.token else None


@dataclass(frozen=True, slots=True)
class CurrentSession:
    """A valid session: its person and shop, and when the password was last entered (aware)."""

    id: int
    member: StaffMember
    remembered: bool
    confirmed_at: datetime | None
    setup_required: bool


def begin_session(
    member: StaffMember, device: Device, *, remembered: bool = False, setup_required: bool = False
) -> str:
    """Create a session for a person who has just signed in, and return its token; a new device is notified by mail."""
    token = new_token()
    with transaction():
        if not is_known_device(member.user_id, device):
            browser, system = describe_user_agent(device.user_agent)
            facts = {"browser": browser, "system": system, "address": device.address}
            notify("new_device", member.user_id, **facts, at=clock.real_now().isoformat())
        row = _new_row(token, member, remembered, clock.real_now())
        row.confirmed_at, row.device_hash, row.setup_required = clock.real_now(), device.hash, setup_required
        row.address, row.user_agent = device.address[:64], device.user_agent[:500]
        db.session.add(row)
    return token


def _new_row(token: str, member: StaffMember, remembered: bool, since: datetime) -> StaffSession:
    return StaffSession(
        token_hash=hash_secret(token),
        staff_user_id=member.user_id,
        shop_id=member.shop_id,
        remembered=remembered,
        created_at=since,
        last_seen_at=clock.real_now(),
        expires_at=since + (REMEMBERED_LIFE if remembered else LIFE),
    )


def resume_session(token: str, device: Device, *, idle: timedelta = DEFAULT_IDLE) -> CurrentSession | None:
    """Return the session of a token and record its use; None if it is unknown or has ended.

    ``idle`` is how long a session that is not remembered lasts without requests.
    """
    found = _find(token)
    if found is None and _adopt(token, device):
        found = _find(token)
    if found is None:
        return None
    row, member = found
    now = clock.real_now()
    if now > row.last_seen_at + (REMEMBERED_IDLE if row.remembered else idle):
        return None
    current = CurrentSession(row.id, member, row.remembered, row.confirmed_at, row.setup_required)
    if now > row.last_seen_at + SEEN_EVERY:
        _change(StaffSession.id == row.id, last_seen_at=now, address=device.address[:64])
    return current


def _find(token: str) -> tuple[StaffSession, StaffMember] | None:
    statement = (
        select(StaffSession, StaffUser, Membership, Shop)
        .join(StaffUser, StaffUser.id == StaffSession.staff_user_id)
        .join(Shop, Shop.id == StaffSession.shop_id)
        .join(
            Membership,
            (Membership.staff_user_id == StaffSession.staff_user_id) & (Membership.shop_id == StaffSession.shop_id),
        )
        .where(
            StaffSession.token_hash == hash_secret(token),
            StaffSession.ended_at.is_(None),
            StaffSession.expires_at >= clock.real_now(),
        )
        .options(joinedload(Membership.own_role))
    )
    with all_tenants():
        found = db.session.execute(statement).first()
    if found is None:
        return None
    row, user, membership, shop = found
    return row, member_of(user, shop, membership)


def _adopt(cookie: str, device: Device) -> bool:
    """Create a row for a cookie of an earlier version without stored sessions; return whether the cookie was valid.

    The signed cookie has person, shop, session version and time of sign-in. Its text becomes the token, so that all
    copies of it are one session and end together.
    """
    since, member, remembered = _read_old(cookie)
    if since is None or member is None:
        return False
    row = _new_row(cookie, member, remembered, since)
    row.expires_at = since + (OLD_REMEMBERED_LIFE if remembered else OLD_LIFE)
    row.address, row.user_agent = device.address[:64], device.user_agent[:500]
    try:
        with transaction() as session:
            known = select(StaffSession.id).where(StaffSession.token_hash == row.token_hash)
            if session.scalars(known).first() is not None:
                return False  # the session has ended
            session.add(row)
    except IntegrityError:  # a concurrent request with the same cookie was first
        return True
    return True


def _read_old(cookie: str) -> tuple[datetime | None, StaffMember | None, bool]:
    numbers = cookie.removesuffix(".kept")
    try:
        user_id, shop_id, version, began = (int(part) for part in numbers.split("."))
        since = datetime.fromtimestamp(began, UTC)
    except (ValueError, OverflowError, OSError):
        return None, None, False
    if max(user_id, shop_id) >= 2**63 or since > clock.real_now():
        return None, None, False
    member = find_member(user_id, shop_id)
    valid = member is not None and member.session_version == version
    return since, member if valid else None, numbers != cookie


def list_sessions(user_id: int, *, idle: timedelta = DEFAULT_IDLE) -> Sequence[StaffSession]:
    """Return the active sessions of a person, last used first."""
    now = clock.real_now()
    seen_since = (StaffSession.remembered & (StaffSession.last_seen_at > now - REMEMBERED_IDLE)) | (
        StaffSession.last_seen_at > now - idle
    )
    open_now = [StaffSession.ended_at.is_(None), StaffSession.expires_at >= now, seen_since]
    statement = select(StaffSession).where(StaffSession.staff_user_id == user_id, *open_now)
    return db.session.scalars(statement.order_by(StaffSession.last_seen_at.desc(), StaffSession.id.desc())).all()


def is_known_device(user_id: int, device: Device) -> bool:
    """Return whether a person used a browser before; True also at their first sign-in."""
    rows = select(StaffSession.id).where(StaffSession.staff_user_id == user_id).limit(1)
    if device.hash is not None and db.session.scalars(rows.where(StaffSession.device_hash == device.hash)).first():
        return True
    return db.session.scalars(rows).first() is None


def confirm_session(session_id: int) -> None:
    """Record that the password was entered again."""
    _change(StaffSession.id == session_id, confirmed_at=clock.real_now())


def move_session(session_id: int, shop_id: int, *, setup_required: bool = False) -> None:
    """Move a session to another shop of the person; its end does not change."""
    _change(StaffSession.id == session_id, shop_id=shop_id, setup_required=setup_required)


def finish_setup(user_id: int) -> None:
    """Record that a person has set up a second factor."""
    _change(StaffSession.staff_user_id == user_id, setup_required=False)


def end_session(session_id: int, user_id: int) -> None:
    """End one session of a person. Raise NotFound if it is not theirs or has ended."""
    if not _end(StaffSession.id == session_id, StaffSession.staff_user_id == user_id):
        raise NotFound("This device is no longer signed in.", code="session_over")


def end_sessions(user_id: int, *, keep: int | None = None) -> None:
    """End all sessions of a person except the one with the id ``keep``. Raise NotFound for an unknown person."""
    with transaction() as session:
        statement = update(StaffUser).where(StaffUser.id == user_id)
        done = session.execute(statement.values(session_version=StaffUser.session_version + 1))
        if done.rowcount != 1:  # type: ignore[attr-defined]
            raise NotFound("There is no such person.")
        _end(StaffSession.staff_user_id == user_id, *([StaffSession.id != keep] if keep else []))


def end_sessions_in_shop(user_id: int, shop_id: int) -> None:
    """End the sessions in a shop of a person who leaves it."""
    _end(StaffSession.staff_user_id == user_id, StaffSession.shop_id == shop_id)


def _end(*conditions: ColumnElement[bool]) -> int:
    return _change(*conditions, StaffSession.ended_at.is_(None), ended_at=clock.real_now())


def _change(*conditions: ColumnElement[bool], **values: object) -> int:
    with transaction() as session:
        done = session.execute(update(StaffSession).where(*conditions).values(**values))
    return int(done.rowcount)  # type: ignore[attr-defined]


def purge_staff_sessions() -> int:
    """Delete sessions that ended long ago; return how many."""
    return purge_batch(StaffSession, StaffSession.expires_at < clock.real_now() - KEPT_AFTER_END)
