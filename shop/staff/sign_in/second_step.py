"""The second step of sign-in: a code of the app, a recovery code, or a passkey; and sign-in by passkey alone.

Between the steps the signed cookie names the person who has entered the password, for ten minutes. It allows this step
only.
"""

import json
from dataclasses import dataclass
from datetime import timedelta

from flask import Response, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.validators import InputRequired

from shop.services import clock
from shop.services.errors import InvalidInput, TooOften
from shop.services.rate_limits import STAFF_SIGN_INS_PER_ADDRESS
from shop.services.staff.accounts import StaffMember, find_member, note_sign_in
from shop.services.staff.passkeys import Ceremony, Site, begin_authentication, check_passkey, list_passkeys
from shop.services.staff.second_factor import check_factor_code, get_factor_status, is_required
from shop.staff import blueprint
from shop.staff.session import begin, local_address
from shop.web.http.rate_limit import failures_limited
from shop.web.pages.forms import MaxLength
from shop.web.request_context import client_address

PENDING, CHALLENGE = "second_factor", "passkey_challenge"
VALID_FOR = timedelta(minutes=10)


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code of the app, or a recovery code."""

    code = StringField(lazy_gettext("Code"), [InputRequired(lazy_gettext("Enter the code")), MaxLength(40)])


@dataclass(frozen=True, slots=True)
class Pending:
    """A person who has entered the password, and their request."""

    member: StaffMember
    remembered: bool
    weak: bool = False
    """Whether the password would be refused today."""


def go_on_after_password(member: StaffMember, *, remembered: bool, weak: bool = False) -> AnyResponse:
    """Ask for the second factor if the person has one; otherwise sign in. A ``weak`` password must be changed."""
    target = request.args.get("next")
    if not get_factor_status(member.user_id).is_set_up:
        return _let_in(Pending(member, remembered, weak))
    session.clear()
    session[PENDING] = [member.user_id, member.session_version, remembered, weak, int(clock.real_now().timestamp())]
    return redirect(url_for("staff.factor_show", next=target))


@blueprint.get("/sign-in/second-factor")
def factor_show() -> str | AnyResponse:
    """Ask for the second factor."""
    pending = _find_pending()
    return _page(CodeForm(), pending) if pending else redirect(url_for("staff.sign_in_show"))


@blueprint.post("/sign-in/second-factor")
def factor_submit() -> AnyResponse | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Check a code; too many attempts get 429."""
    form, pending = CodeForm(), _find_pending()
    if pending is None:
        return redirect(url_for("staff.sign_in_show", next=request.args.get("next")))
    if not form.validate():
        return _page(form, pending), 422
    try:
        right = check_factor_code(pending.member, form.code.data, current_app.config["PAYMENT_KEYS"])
    except TooOften as refusal:
        form.code.errors = [_("Too many attempts. Wait a few minutes, then try again.")]
        return _page(form, pending), 429, {"Retry-After": str(refusal.retry_after)}
    if not right:
        form.code.errors = [_("This code is wrong or has been used. Enter the code the app shows now.")]
        return _page(form, pending), 422
    return _let_in(pending)


@blueprint.post("/sign-in/passkey-options")
def passkey_sign_in_options() -> Response:
    """Return the options for a passkey: of the person who entered the password, else of anyone."""
    pending = _find_pending()
    return begin_ceremony(begin_authentication(this_site(), pending.member.user_id if pending else None))


@blueprint.post("/sign-in/passkey")
def passkey_sign_in() -> tuple[dict[str, str], int]:
    """Check the browser's passkey; the response has the URL to continue to."""
    pending, challenge = _find_pending(), take_challenge()
    try:
        answer = json.dumps(request.get_json(silent=True) or {})
        with failures_limited(STAFF_SIGN_INS_PER_ADDRESS, "passkey", client_address()):
            user_id = check_passkey(answer, challenge, this_site(), pending.member.user_id if pending else None)
    except TooOften:
        return {"message": _("Too many attempts. Wait a few minutes, then try again.")}, 429
    except InvalidInput:
        return {"message": _("This passkey could not be checked. Try again, or use another way.")}, 422
    member = pending.member if pending else find_member(user_id)
    if member is None:
        return {"message": _("You do not belong to any shop at the moment. Ask its owner.")}, 422
    return {"location": _let_in(pending or Pending(member, remembered=False)).location or ""}, 200


def begin_ceremony(ceremony: Ceremony, purpose: str = CHALLENGE) -> Response:
    """Return the options as JSON, and store the challenge in the cookie, for one purpose."""
    session[purpose] = [ceremony.challenge, int(clock.real_now().timestamp())]
    return Response(ceremony.options, mimetype="application/json")


def take_challenge(purpose: str = CHALLENGE) -> str:
    """Return and forget the browser's challenge of a purpose; "" without one or if it has expired."""
    challenge, since = session.pop(purpose, ("", 0))
    return challenge if _is_fresh(since) else ""


def this_site() -> Site:
    """Return the site in the browser; unknown hosts were refused before."""
    return Site(request.host.partition(":")[0], f"{request.scheme}://{request.host}")


def _let_in(pending: Pending) -> AnyResponse:
    """Start the session; if a second factor is required and not set up, continue with that."""
    member = pending.member
    missing = is_required(member.shop_id) and not get_factor_status(member.user_id).is_set_up
    begin(member, remembered=pending.remembered, setup_required=missing)
    note_sign_in(member.user_id)
    if missing:
        return redirect(url_for("staff.second_factor_show"))
    if pending.weak:
        flash(_("Your password is short or common. Choose a new one of twelve characters or more."))
        return redirect(url_for("staff.account_show"))
    return redirect(local_address(request.args.get("next")))


def _find_pending() -> Pending | None:
    user_id, version, remembered, weak, since = session.get(PENDING, (0, 0, False, False, 0))
    if not _is_fresh(since):
        return None
    member = find_member(user_id)
    valid = member is not None and member.session_version == version
    return Pending(member, remembered, weak) if member is not None and valid else None


def _is_fresh(since: int) -> bool:
    return clock.real_now().timestamp() - since < VALID_FOR.total_seconds()


def _page(form: CodeForm, pending: Pending) -> str:
    user_id = pending.member.user_id
    return render_template(
        "staff/sign_in/second_factor.html",
        form=form,
        status=get_factor_status(user_id),
        passkeys=list_passkeys(user_id, this_site().host),
    )
