"""The session of the signed-in member of staff: Flask-Login's user, loaded by the token in the signed cookie."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, after_this_request, current_app, request, session, url_for
from flask_login import UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from shop.domain.codes import new_token
from shop.extensions import login_manager
from shop.services import clock
from shop.services.staff.accounts import StaffMember
from shop.services.staff.sessions import (
    CurrentSession,
    Device,
    begin_session,
    end_session,
    resume_session,
)
from shop.web.request_context import client_address

DEVICE_COOKIE = "tuza_device"
DEVICE_COOKIE_SECONDS = 400 * 24 * 3600
CONFIRMED_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SignedIn(UserMixin):  # type: ignore[misc]
    """The current user: a staff member in the selected shop, in one session."""

    token: str
    session: CurrentSession

    def get_id(self) -> str:
        """Return the cookie's value, which :func:`load` reads."""
        return self.token

    @property
    def member(self) -> StaffMember:
        """The staff member in the shop."""
        return self.session.member

    @property
    def confirmed_recently(self) -> bool:
        """Whether the password was entered within the last minutes."""
        confirmed_at = self.session.confirmed_at
        return confirmed_at is not None and clock.real_now() - confirmed_at < CONFIRMED_FOR


def init_app(app: Flask) -> None:
    """Set up Flask-Login. Phones change their address often, so a session is not bound to one."""
    login_manager.user_loader(load)
    login_manager.session_protection = None
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False  # files and the API get no cookie


def load(token: str) -> SignedIn | None:
    """Return the user of a session's token; None if it has ended."""
    found = resume_session(token, this_device(), idle=idle_limit())
    return SignedIn(token, found) if found is not None else None


def idle_limit() -> timedelta:
    """Return how long a session that is not remembered lasts without requests."""
    return timedelta(hours=current_app.config["STAFF_IDLE_HOURS"])


def this_device() -> Device:
    """Return the browser of the request."""
    return Device(client_address(), request.headers.get("User-Agent", ""), request.cookies.get(DEVICE_COOKIE, "")[:64])


def begin(member: StaffMember, *, remembered: bool = False, setup_required: bool = False) -> None:
    """Start a new session in place of the browser's: a session planted before the sign-in is discarded."""
    if current_user.is_authenticated:
        end_session(signed_in().session.id, signed_in().member.user_id)
    device = _marked_device()
    token = begin_session(member, device, remembered=remembered, setup_required=setup_required)
    found = resume_session(token, device)
    assert found is not None
    session.clear()
    session.permanent = remembered
    login_user(SignedIn(token, found))


def end() -> None:
    """End this browser's session; all copies of its cookie become invalid."""
    if current_user.is_authenticated:
        end_session(signed_in().session.id, signed_in().member.user_id)
    logout_user()
    session.clear()


def signed_in() -> SignedIn:
    """Return the current user; views behind the access check always have one."""
    user: SignedIn = current_user._get_current_object()
    return user


def _marked_device() -> Device:
    """Return the browser of the request; sets a device cookie if it has none."""
    device = this_device()
    if device.token:
        return device
    token = new_token()

    @after_this_request
    def mark(response: Response) -> Response:
        config = current_app.config
        response.set_cookie(
            DEVICE_COOKIE,
            token,
            max_age=DEVICE_COOKIE_SECONDS,
            path="/staff/",
            secure=config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
        return response

    return Device(device.address, device.user_agent, token)


def local_address(address: str | None) -> str:
    """Return a URL within this installation to continue to, else the first page."""
    home = url_for("staff.home_show")
    if not address or len(address) > 2000 or not address.isprintable():
        return home
    if not address.startswith("/") or address.startswith("//") or "\\" in address:
        return home
    parts = urlsplit(address)
    return home if parts.scheme or parts.netloc else address
