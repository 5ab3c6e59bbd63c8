"""The account page: the password, and where to find devices and the second factor."""

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from shop.services.errors import InvalidInput
from shop.services.staff.members import change_password
from shop.staff import blueprint
from shop.staff.session import signed_in
from shop.web.htmx import redirect_with_message
from shop.web.i18n import sentence_case


class ChangeForm(FlaskForm):  # type: ignore[misc]
    """The old password and a new one."""

    old_password = PasswordField(
        lazy_gettext("Current password"), [InputRequired(lazy_gettext("Enter your password")), Length(max=200)]
    )
    new_password = PasswordField(
        lazy_gettext("New password"), [InputRequired(lazy_gettext("Enter a password")), Length(max=200)]
    )


@blueprint.get("/account")
def account_show() -> str:
    """Show the account of the signed-in person."""
    return _page(ChangeForm())


@blueprint.post("/account/password")
def account_password() -> Response | tuple[str, int]:
    """Change the password; this browser stays signed in, all others do not."""
    form, me = ChangeForm(), signed_in()
    try:
        if form.validate():
            change_password(
                me.member.user_id, form.old_password.data, form.new_password.data, keep_session=me.session.id
            )
            return redirect_with_message(
                url_for("staff.account_show"), _("Password changed. You’re signed out everywhere else.")
            )
    except InvalidInput as refusal:
        field = form.old_password if refusal.errors[0].field == "old_password" else form.new_password
        field.errors = [sentence_case(refusal.errors[0].message) + "."]
    return _page(form), 422


def _page(form: ChangeForm) -> str:
    return render_template("staff/account/show.html", form=form)
