"""Payment methods: switched on and off, named, limited in time, connected. For owners."""

from flask import current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from shop.services.errors import Conflict, InvalidInput
from shop.services.payments.config import PaymentConfig
from shop.services.payments.method_settings import PaymentMethodInput
from shop.services.payments.methods import check_connection, list_method_settings, save_method_settings
from shop.services.payments.review_flags import handle_flag
from shop.staff import blueprint
from shop.staff.confirmation import requires_recent_password
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case, translate
from shop.web.pages.htmx import redirect_with_message

ORDER = "<id:order_id>"
FLAG = "<id:flag_id>"
LONGEST = 1000
ABOUT = {
    "cod": lazy_gettext("The customer pays on delivery and you mark the order paid."),
    "till": lazy_gettext("Customers see your number, send the money, and you mark the order paid."),
    "mpesa": lazy_gettext("Customers get an M-Pesa prompt and orders are marked paid automatically."),
}
SECRET_WORDS = (
    ("consumer_key", lazy_gettext("Consumer key")),
    ("consumer_secret", lazy_gettext("Consumer secret")),
    ("passkey", lazy_gettext("Passkey")),
)


@blueprint.get("/settings/payments")
@requires("payments.manage")
def payment_list() -> str:
    """The payment methods, each a form."""
    return _page()


@blueprint.post("/settings/payments/<code>")
@requires("payments.manage")
@requires_recent_password
def payment_save(code: str) -> Response | tuple[str, int]:
    """Save one payment method."""
    if not FlaskForm().validate():
        return _page(), 422
    try:
        changed = save_method_settings(code, _given(), signed_in().member.actor, PaymentConfig.of(current_app.config))
    except (InvalidInput, Conflict) as refusal:
        wrong = {error.field: sentence_case(error.message) for error in refusal.errors}
        return _page(code, wrong, refusal.message), 422
    return redirect_with_message(url_for("staff.payment_list"), _("Saved.") if changed else _("Nothing was changed."))


@blueprint.post("/settings/payments/mpesa/test")
@requires("payments.manage")
def payment_try() -> Response | tuple[str, int]:
    """Ask Daraja whether it knows the shop."""
    if not FlaskForm().validate():
        return _page(), 422
    try:
        wrong = check_connection("mpesa", PaymentConfig.of(current_app.config))
    except (InvalidInput, Conflict) as refusal:
        wrong = refusal.message
    if wrong:
        return _page("mpesa", {}, _("Connection failed: %(why)s", why=wrong)), 422
    return redirect_with_message(
        url_for("staff.payment_list"), _("Connection works: Daraja accepted this shop’s credentials.")
    )


@blueprint.post(f"/orders/{ORDER}/payment-flags/{FLAG}")
@requires("orders.change")
def payment_flag_handle(order_id: int, flag_id: int) -> Response:
    """Say that money which did not fit was dealt with, and how."""
    note = request.form.get("note", "").replace("\0", "")[:LONGEST]
    address = url_for("staff.order_show", order_id=order_id)
    try:
        changed = handle_flag(order_id, flag_id, note, signed_in().member.actor)
    except InvalidInput as refusal:
        return redirect_with_message(address, _("Nothing changed. %(why)s", why=translate(refusal.message)))
    return redirect_with_message(address, _("Marked as resolved.") if changed else _("Already marked as resolved."))


def _given() -> PaymentMethodInput:
    """The form as it was sent; texts that no database could keep are left out."""
    sent = {name: value.replace("\0", "")[:LONGEST] for name, value in request.form.items()}
    return PaymentMethodInput(
        enabled="enabled" in sent,
        name=sent.get("name", ""),
        position=sent.get("position", ""),
        minutes=sent.get("minutes", ""),
        fields=sent,
    )


def _page(code: str = "", wrong: dict[str, str] | None = None, problem: str = "") -> str:
    """The page; ``code`` is the way whose form was refused, which keeps what was typed but for secrets."""
    return render_template(
        "staff/settings/payments.html",
        ways=list_method_settings(),
        about=ABOUT,
        secret_words=SECRET_WORDS,
        refused=code,
        typed=request.form if wrong else None,
        wrong=wrong or {},
        problem=problem,
        form=FlaskForm(),
        callbacks=current_app.config["PUBLIC_URL"],
        daraja_url=current_app.config["DARAJA_URL"],
    )
