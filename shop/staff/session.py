"""Whom a session belongs to. It lives in a signed cookie: person, shop, the person's session version, and since when.

A session ends with sign-out, twelve hours after sign-in, when the person leaves the shop, or when her session version
is raised (``sign_out_everywhere``).
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask, current_app, session
from flask_login import UserMixin, current_user, login_user

from shop.extensions import login_manager
from shop.services import clock
from shop.services.staff import StaffMember, find_member


@dataclass(frozen=True, slots=True)
class SignedIn(UserMixin):  # type: ignore[misc]
    """The current user: a member of staff in the shop she chose, and when she gave her password (aware)."""

    member: StaffMember
    since: datetime

    def get_id(self) -> str:
        """What the session keeps; :func:`load` reads it."""
        who = self.member
        return f"{who.user_id}.{who.shop_id}.{who.session_version}.{int(self.since.timestamp())}"


def init_app(app: Flask) -> None:
    """Let Flask-Login ask here. Phones change their address all the time, so a session is not tied to one."""
    login_manager.user_loader(load)
    login_manager.session_protection = None
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False  # a fixed life; and files and the API get no cookie


def load(identity: str) -> SignedIn | None:
    """The person behind what a session keeps; None when it is over."""
    try:
        user_id, shop_id, version, began = (int(part) for part in identity.split("."))
        since = datetime.fromtimestamp(began, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    if clock.now() - since > current_app.permanent_session_lifetime:
        return None
    member = find_member(user_id, shop_id)
    if member is None or member.session_version != version:
        return None
    return SignedIn(member, since)


def begin(member: StaffMember, since: datetime | None = None) -> None:
    """Start a session, in place of whatever the browser's was: nothing planted before sign-in lives on."""
    session.clear()
    session.permanent = True
    login_user(SignedIn(member, since or clock.now()))


def signed_in() -> SignedIn:
    """Whose session it is; behind the guard there always is somebody."""
    user: SignedIn = current_user._get_current_object()
    return user
