"""Forgotten password, new password by a mailed link, and joining a shop by invitation."""

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import InputRequired

from shop.domain.codes import hash_subject
from shop.services.errors import InvalidInput, NotFound, TooOften
from shop.services.rate_limits import STAFF_LINKS_PER_ACCOUNT, STAFF_LINKS_PER_ADDRESS
from shop.services.staff.links import OpenLink, accept_invitation, find_link, request_password_link, reset_password
from shop.staff import blueprint
from shop.staff.sign_in.second_step import go_on_after_password
from shop.web.http.rate_limit import enforce_limit
from shop.web.i18n import sentence_case
from shop.web.pages.forms import MaxLength

MAILED_LINK = "mailed_link"
"""Session key of the token of the mailed link that was opened."""


class ForgottenForm(FlaskForm):  # type: ignore[misc]
    """The e-mail of a person who forgot the password."""

    email = EmailField(lazy_gettext("E-mail"), [InputRequired(lazy_gettext("Enter your e-mail")), MaxLength(254)])


class NewPasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password."""

    password = PasswordField(
        lazy_gettext("New password"), [InputRequired(lazy_gettext("Enter a password")), MaxLength(200)]
    )


class JoinForm(NewPasswordForm):
    """Name and password of a new person."""

    name = StringField(lazy_gettext("Your name"), [InputRequired(lazy_gettext("Enter your name")), MaxLength(200)])


@blueprint.get("/forgotten-password")
def password_forgotten() -> str:
    """Show the form for requesting a link."""
    return render_template("staff/password/forgotten.html", form=ForgottenForm())


@blueprint.post("/forgotten-password")
def password_forgotten_submit() -> Response | tuple[str, int]:
    """Mail a link if the person exists; the response is the same otherwise."""
    form = ForgottenForm()
    if not form.validate():
        return render_template("staff/password/forgotten.html", form=form), 422
    secret = current_app.config["SECRET_KEY"]
    try:
        enforce_limit(STAFF_LINKS_PER_ADDRESS, "password-link", request.remote_addr or "-")
        enforce_limit(
            STAFF_LINKS_PER_ACCOUNT, "password-link-for", hash_subject(secret, form.email.data.strip().lower())
        )
    except TooOften:
        form.email.errors = [_("Too many attempts. Wait a few minutes, then try again.")]
        return render_template("staff/password/forgotten.html", form=form), 429
    request_password_link(form.email.data, secret_key=secret, public_url=current_app.config["PUBLIC_URL"])
    flash(_("If this address has an account, we’ve sent a link. It works for one hour."))
    return redirect(url_for("staff.sign_in_show"))


@blueprint.get("/new-password/<string(length=64):token>")
def password_link(token: str) -> Response:
    """Redirect from a mailed link to a page whose URL has no secret."""
    return _exchange(token, "reset", "staff.password_new")


@blueprint.get("/new-password")
def password_new() -> str:
    """Show the form for a new password."""
    return render_template("staff/password/new.html", form=NewPasswordForm(), link=_link(_token(), "reset"))


@blueprint.post("/new-password")
@blueprint.post("/new-password/<string(length=64):token>")  # for forms opened before an upgrade
def password_new_submit(token: str = "") -> Response | tuple[str, int]:
    """Set the password and end all sessions of the person."""
    token = token or _token()
    form, link = NewPasswordForm(), _link(token, "reset")
    try:
        if form.validate():
            reset_password(token, form.password.data)
            session.pop(MAILED_LINK, None)
            flash(_("Password changed. Sign in with your new password."))
            return redirect(url_for("staff.sign_in_show"))
    except InvalidInput as refusal:
        form.password.errors = [_in_words(refusal)]
    return render_template("staff/password/new.html", form=form, link=link), 422


@blueprint.get("/join/<string(length=64):token>")
def invitation_link(token: str) -> Response:
    """Redirect from a mailed link to a page whose URL has no secret."""
    return _exchange(token, "invite", "staff.invitation_show")


@blueprint.get("/join")
def invitation_show() -> str:
    """Show the form for joining a shop."""
    return render_template("staff/password/join.html", form=JoinForm(), link=_link(_token(), "invite"))


@blueprint.post("/join")
@blueprint.post("/join/<string(length=64):token>")  # for forms opened before an upgrade
def invitation_accept(token: str = "") -> Response | tuple[str, int]:
    """Join the shop; an existing account signs in afterwards, a new one is signed in."""
    token = token or _token()
    form, link = JoinForm(), _link(token, "invite")
    try:
        if link.has_account:
            accept_invitation(token, name="", password=None)
            session.pop(MAILED_LINK, None)
            flash(_("You’ve joined the shop. Sign in with your password."))
            return redirect(url_for("staff.sign_in_show"))
        if form.validate():
            member = accept_invitation(token, name=form.name.data, password=form.password.data)
            return go_on_after_password(member, remembered=False)
    except InvalidInput as refusal:
        form.password.errors = [_in_words(refusal)]
    return render_template("staff/password/join.html", form=form, link=link), 422


def _exchange(token: str, kind: str, page: str) -> Response:
    """Keep the token of a mailed link in the session. Raise NotFound if the link is invalid."""
    _link(token, kind)
    session[MAILED_LINK] = token
    return redirect(url_for(page), 303)


def _token() -> str:
    token: str = session.get(MAILED_LINK, "")
    return token


def _link(token: str, kind: str) -> OpenLink:
    link = find_link(token, kind)
    if link is None:
        raise NotFound(_("This link has been used or has expired. Ask for a new one."), code="link_over")
    return link


def _in_words(refusal: InvalidInput) -> str:
    return sentence_case(refusal.errors[0].message) + "."
