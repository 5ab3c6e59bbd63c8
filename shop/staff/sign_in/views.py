"""Sign in and out, and select a shop."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, EmailField, PasswordField
from wtforms.validators import InputRequired

from shop.domain.codes import hash_subject
from shop.domain.passwords import STAFF_MIN_LENGTH, is_common
from shop.services.errors import NotFound, NotSignedIn, TooOften
from shop.services.rate_limits import STAFF_SIGN_INS_PER_ACCOUNT, STAFF_SIGN_INS_PER_ADDRESS
from shop.services.staff.accounts import StaffMember, find_member, sign_in_key
from shop.services.staff.accounts import sign_in as check_password
from shop.services.staff.second_factor import get_factor_status, is_required
from shop.services.staff.sessions import move_session
from shop.staff import blueprint
from shop.staff.session import end, local_address, signed_in
from shop.staff.sign_in.second_step import go_on_after_password
from shop.web.http.rate_limit import failures_limited
from shop.web.pages.forms import MaxLength, text_field


class SignInForm(FlaskForm):  # type: ignore[misc]
    """E-mail and password."""

    email = text_field(lazy_gettext("E-mail"), 254, InputRequired(lazy_gettext("Enter your e-mail")), kind=EmailField)
    password = PasswordField(
        lazy_gettext("Password"),
        [InputRequired(lazy_gettext("Enter your password")), MaxLength(200)],
    )
    keep = BooleanField(lazy_gettext("Keep me signed in on this device for 30 days"))


@blueprint.get("/sign-in")
def sign_in_show() -> str | Response:
    """Show the sign-in page; a signed-in person is redirected."""
    if current_user.is_authenticated:
        return redirect(local_address(request.args.get("next")))
    return render_template("staff/sign_in/show.html", form=SignInForm(), refusal=None)


@blueprint.post("/sign-in")
def sign_in_submit() -> Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Check e-mail and password; an invalid form gets 422, too many attempts 429."""
    form = SignInForm()
    if not form.validate():
        return _again(form, None), 422
    try:
        member = _check(form.email.data, form.password.data)
    except NotSignedIn as refusal:
        return _again(form, refusal.message), 422
    except TooOften as refusal:
        minutes = -(-refusal.retry_after // 60)
        sentence = ngettext(
            "Too many attempts. Wait %(num)s minute, then try again.",
            "Too many attempts. Wait %(num)s minutes, then try again.",
            minutes,
        )
        return _again(form, sentence), 429, {"Retry-After": str(refusal.retry_after)}
    password = form.password.data
    weak = len(password) < STAFF_MIN_LENGTH or is_common(password)
    return go_on_after_password(member, remembered=form.keep.data, weak=weak)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End this browser's session."""
    end()
    flash(_("You’ve signed out."))
    return redirect(url_for("staff.sign_in_show"))


@blueprint.post("/shop")
def shop_choose() -> Response:
    """Select another of one's shops; 404 for others."""
    user = signed_in()
    wanted = request.form.get("shop_id", "")
    member = find_member(user.member.user_id, int(wanted)) if wanted.isdecimal() and len(wanted) < 19 else None
    if member is None:
        raise NotFound(_("You don’t have access to that shop."), code="shop_not_found")
    missing = is_required(member.shop_id) and not get_factor_status(member.user_id).is_set_up
    move_session(user.session.id, member.shop_id, setup_required=missing)
    return redirect(url_for("staff.home_show"))


def _again(form: SignInForm, refusal: str | None) -> str:
    return render_template("staff/sign_in/show.html", form=form, refusal=refusal)


def _check(email: str, password: str) -> StaffMember:
    """Return the person. Raise NotSignedIn, or TooOften past a limit of failed attempts.

    By account and address together, so that no one can lock another person out; and by address alone.
    """
    address = request.remote_addr or "-"
    account = hash_subject(current_app.config["SECRET_KEY"], sign_in_key(email) or email.lower())
    with (
        failures_limited(STAFF_SIGN_INS_PER_ADDRESS, "sign-in", address),
        failures_limited(STAFF_SIGN_INS_PER_ACCOUNT, "sign-in", address, account),
    ):
        return check_password(email, password)
