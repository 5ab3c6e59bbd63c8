"""The account page: password, language, and links to devices and the second factor."""

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, SelectChoice, SelectField
from wtforms.validators import InputRequired

from shop.domain.text.languages import LANGUAGES
from shop.services.errors import InvalidInput
from shop.services.staff.members import change_language, change_password
from shop.staff import blueprint
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case, use_member_language
from shop.web.pages.forms import MaxLength
from shop.web.pages.htmx import redirect_with_message


class ChangeForm(FlaskForm):  # type: ignore[misc]
    """The old password and a new one."""

    old_password = PasswordField(
        lazy_gettext("Current password"), [InputRequired(lazy_gettext("Enter your password")), MaxLength(200)]
    )
    new_password = PasswordField(
        lazy_gettext("New password"), [InputRequired(lazy_gettext("Enter a password")), MaxLength(200)]
    )


class LanguageForm(FlaskForm):  # type: ignore[misc]
    """The language of one's own pages."""

    language = SelectField(
        lazy_gettext("Language"),
        choices=[
            SelectChoice("", lazy_gettext("As the browser")),
            *(SelectChoice(code, name) for code, name in LANGUAGES.items()),
        ],
    )


@blueprint.get("/account")
def account_show() -> str:
    """Show the account of the signed-in person."""
    return _page(ChangeForm())


@blueprint.post("/account/password")
def account_password() -> Response | tuple[str, int]:
    """Change the password and sign out all other browsers."""
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


@blueprint.post("/account/language")
def account_language() -> Response | tuple[str, int]:
    """Set the language of one's own pages."""
    form, me = LanguageForm(), signed_in().member
    if not form.validate():
        return _page(ChangeForm(), form), 422
    change_language(me.user_id, form.language.data or None)
    use_member_language(form.language.data or None)
    return redirect_with_message(url_for("staff.account_show"), _("Language changed."))


def _page(form: ChangeForm, language: LanguageForm | None = None) -> str:
    chosen = language or LanguageForm(formdata=None, language=signed_in().member.language or "")
    return render_template("staff/account/show.html", form=form, language=chosen)
