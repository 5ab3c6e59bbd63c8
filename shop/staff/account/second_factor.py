"""The signed-in person's second factor: authenticator app, passkeys, recovery codes."""

import json
from collections.abc import Sequence

import segno
from flask import Response, current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from shop.services.errors import Conflict, InvalidInput
from shop.services.staff import second_factor as factors
from shop.services.staff.passkeys import begin_registration, list_passkeys
from shop.services.staff.totp import start_totp
from shop.staff import blueprint
from shop.staff.confirmation import requires_recent_password
from shop.staff.session import signed_in
from shop.staff.sign_in.second_step import CodeForm, begin_ceremony, take_challenge, this_site
from shop.web.pages.htmx import confirm_first, redirect_with_message


@blueprint.get("/account/second-factor")
def second_factor_show() -> str:
    """Show what is set up."""
    return _page()


@blueprint.post("/account/second-factor/app")
@requires_recent_password
def second_factor_app() -> str:
    """Show the QR code for an authenticator app, and ask for the first code."""
    return _app_page(CodeForm(formdata=None))


@blueprint.post("/account/second-factor/app/confirm")
@requires_recent_password
def second_factor_app_confirm() -> str | tuple[str, int]:
    """Confirm the app with its first code and show the recovery codes, once."""
    form, member = CodeForm(), signed_in().member
    try:
        if form.validate():
            code = "".join(form.code.data.split())
            return _page(
                factors.add_totp(member, code, current_app.config["PAYMENT_KEYS"]), _("Authenticator app set up.")
            )
    except InvalidInput:
        form.code.errors = [_("This code is wrong. Enter the code the app shows now.")]
    return _app_page(form), 422


@blueprint.post("/account/second-factor/app/remove")
@requires_recent_password
def second_factor_app_remove() -> AnyResponse | str | tuple[str, int]:
    """Remove the app."""
    question = _("Remove the authenticator app? Its codes will no longer be accepted.")
    if asked := confirm_first(question, _("Remove"), url_for("staff.second_factor_show")):
        return asked
    try:
        factors.remove_totp(signed_in().member)
    except Conflict as refusal:
        return _page(refusal=refusal.message), 422
    return redirect_with_message(url_for("staff.second_factor_show"), _("Authenticator app removed."))


@blueprint.post("/account/second-factor/codes")
@requires_recent_password
def second_factor_codes() -> str:
    """Replace the recovery codes and show them, once."""
    question = _("Replace your recovery codes? The old ones stop working immediately.")
    if asked := confirm_first(question, _("Replace"), url_for("staff.second_factor_show")):
        return asked
    return _page(factors.replace_recovery_codes(signed_in().member))


@blueprint.post("/account/second-factor/passkey-options")
@requires_recent_password
def second_factor_passkey_options() -> Response:
    """Return the options for creating a passkey."""
    return begin_ceremony(begin_registration(signed_in().member, this_site()))


@blueprint.post("/account/second-factor/passkeys")
@requires_recent_password
def second_factor_passkey_add() -> str | tuple[str, int]:
    """Store a new passkey and show the recovery codes, once."""
    member, challenge = signed_in().member, take_challenge()
    answer, name = request.form.get("credential", ""), request.form.get("name", "").replace("\0", "")
    try:
        json.loads(answer)
        codes = factors.add_passkey(member, answer, challenge, this_site(), name)
    except (InvalidInput, ValueError):
        return _page(refusal=_("The passkey could not be added. Try again.")), 422
    return _page(codes, _("Passkey added."))


@blueprint.post("/account/second-factor/passkeys/<id:passkey_id>/remove")
@requires_recent_password
def second_factor_passkey_remove(passkey_id: int) -> AnyResponse | str | tuple[str, int]:
    """Remove a passkey."""
    question = _("Remove this passkey? It can no longer be used to sign in.")
    if asked := confirm_first(question, _("Remove"), url_for("staff.second_factor_show")):
        return asked
    try:
        factors.remove_passkey(signed_in().member, passkey_id)
    except Conflict as refusal:
        return _page(refusal=refusal.message), 422
    return redirect_with_message(url_for("staff.second_factor_show"), _("Passkey removed."))


def _page(codes: Sequence[str] = (), done: str = "", refusal: str = "") -> str:
    me = signed_in()
    return render_template(
        "staff/account/second_factor.html",
        status=factors.get_factor_status(me.member.user_id),
        passkeys=list_passkeys(me.member.user_id),
        host=this_site().host,
        codes=codes,
        done=done,
        refusal=refusal,
        required=factors.is_required(me.member.shop_id),
        form=FlaskForm(),
    )


def _app_page(form: CodeForm) -> str:
    member = signed_in().member
    setup = start_totp(member.user_id, member.email, current_app.config["PAYMENT_KEYS"])
    picture = segno.make(setup.uri, micro=False).svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
    return render_template("staff/account/authenticator.html", form=form, secret=setup.secret, picture=picture)
