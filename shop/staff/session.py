"""Whom a session belongs to. It lives in a signed cookie: person, shop, the person's session version, and since when.

A session ends with sign-out, when the person leaves the shop, when her session version is raised
(``sign_out_everywhere``), and by itself: thirty days after sign-in on a device that she asked to be kept signed in on,
elsewhere after twelve hours or when the browser is closed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask, session
from flask_login import UserMixin, current_user, login_user

from shop.extensions import login_manager
from shop.services import clock
from shop.services.staff.accounts import StaffMember, find_member

KEPT = "kept"  # the last part of what a kept session holds
LIFE, LIFE_KEPT = timedelta(hours=12), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SignedIn(UserMixin):  # type: ignore[misc]
    """The current user: a member of staff in the shop she chose, when she gave her password (aware), whether the
    device stays signed in.
    """

    member: StaffMember
    since: datetime
    kept: bool = False

    def get_id(self) -> str:
        """What the session keeps; :func:`load` reads it."""
        who = self.member
        parts = [str(part) for part in (who.user_id, who.shop_id, who.session_version, int(self.since.timestamp()))]
        return ".".join([*parts, KEPT] if self.kept else parts)


def init_app(app: Flask) -> None:
    """Let Flask-Login ask here. Phones change their address all the time, so a session is not tied to one."""
    login_manager.user_loader(load)
    login_manager.session_protection = None
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False  # a fixed life; and files and the API get no cookie


def load(identity: str) -> SignedIn | None:
    """The person behind what a session keeps; None when it is over."""
    try:
        numbers = identity.removesuffix(f".{KEPT}")
        kept = numbers != identity
        user_id, shop_id, version, began = (int(part) for part in numbers.split("."))
        since = datetime.fromtimestamp(began, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    if clock.now() - since > (LIFE_KEPT if kept else LIFE):
        return None
    member = find_member(user_id, shop_id)
    if member is None or member.session_version != version:
        return None
    return SignedIn(member, since, kept)


def begin(member: StaffMember, *, kept: bool = False) -> None:
    """Start a session, in place of whatever the browser's was: nothing planted before sign-in lives on."""
    _write(SignedIn(member, clock.now(), kept))


def go_on(member: StaffMember) -> None:
    """Go on as another version of the same person (in another shop, with another password), no longer than before."""
    before = signed_in()
    _write(SignedIn(member, before.since, before.kept))


def _write(person: SignedIn) -> None:
    session.clear()
    session.permanent = person.kept
    login_user(person)


def signed_in() -> SignedIn:
    """Whose session it is; behind the guard there always is somebody."""
    user: SignedIn = current_user._get_current_object()
    return user
