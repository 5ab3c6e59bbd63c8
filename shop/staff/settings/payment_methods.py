"""Payment methods: enable, name, time limit, credentials. For owners."""

from collections.abc import Mapping

from flask import current_app, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from shop.domain.formats import group_digits
from shop.queries.settings_effects import is_last_method, summarize_sales
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.review_flags import handle_flag
from shop.services.payments.config import PaymentConfig
from shop.services.payments.method_settings import PaymentMethodInput
from shop.services.payments.methods import check_connection, list_settings_forms, save_method_settings
from shop.services.payments.providers.registry import provider_of
from shop.services.payments.registration import METHOD, find_registration, register_addresses
from shop.staff import blueprint
from shop.staff.confirmation import requires_recent_password
from shop.staff.edit_conflicts import changed_meanwhile, compare, read_seen, write_seen
from shop.staff.large_changes import ask_to_confirm
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case, translate
from shop.web.pages.formats import price
from shop.web.pages.htmx import redirect_with_message, wants_fragment

ORDER = "<id:order_id>"
FLAG = "<id:flag_id>"
LONGEST = 1000


@blueprint.get("/settings/payments")
@requires("payments.manage")
def payment_list() -> str:
    """List the payment methods, each a form."""
    return _page()


@blueprint.post("/settings/payments/<code>")
@requires("payments.manage")
@requires_recent_password
def payment_save(code: str) -> Response | tuple[str, int]:
    """Save one payment method."""
    if not FlaskForm().validate():
        return _page(), 422
    if "enabled" not in request.form and is_last_method(code) and (asked := _confirm_closing()):
        return asked
    sent, changed_twice = _merged(code)
    if changed_twice:
        return _page(code, changed_twice), 422
    try:
        changed = save_method_settings(
            code, _given(sent), signed_in().member.actor, PaymentConfig.of(current_app.config)
        )
    except (InvalidInput, Conflict) as refusal:
        wrong = {error.field: sentence_case(error.message) for error in refusal.errors}
        return _page(code, wrong, refusal.message, seen=request.form.get("seen", "")), 422
    message = _("Saved.") if changed else _("Nothing was changed.")
    if wants_fragment():  # replaces this method alone: what is typed at the others stays
        flash(message)
        return Response(_page())
    return redirect_with_message(url_for("staff.payment_list"), message)


def _merged(code: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the submitted form with what only others changed meanwhile, and a message for each field changed twice."""
    sent, now = dict(request.form), _texts().get(code, {})
    others, both = compare({name: sent.get(name, "") for name in now}, now, read_seen())
    return sent | {name: now[name] for name in others}, {name: changed_meanwhile(now[name]) for name in both}


def _texts() -> dict[str, dict[str, str]]:
    """Return the values of each method's form by its code; without secrets, which are never shown."""
    found = {}
    for form in list_settings_forms(PaymentConfig.of(current_app.config)):
        method, fields = form.method, [field.name for field in form.fields if not field.is_secret]
        texts = {"name": method.name, "position": str(method.position), "enabled": "1" if method.enabled else ""}
        texts |= {"minutes": str(method.time_limit_minutes or "")} if form.has_time_limit else {}
        found[method.code] = texts | {name: str(form.values.get(name, "")) for name in fields}
    return found


def _confirm_closing() -> Response | None:
    count, total = summarize_sales()
    figures = [
        (_("Payment methods at checkout"), "1", "0"),
        (
            _("Orders in 30 days"),
            f"{group_digits(count)} · {price(total)}",
            _("none at checkout"),
        ),
    ]
    heading = _("This is the last payment method. Without one, customers cannot pay at checkout.")
    return ask_to_confirm(heading, figures, back=url_for("staff.payment_list"))


@blueprint.post("/settings/payments/<code>/test")
@requires("payments.manage")
def payment_try(code: str) -> Response | tuple[str, int]:
    """Test the shop's credentials with the provider."""
    if not FlaskForm().validate():
        return _page(), 422
    try:
        wrong = check_connection(code, PaymentConfig.of(current_app.config))
    except (InvalidInput, Conflict) as refusal:
        wrong = refusal.message
    if wrong:
        return _page(code, {}, _("Connection failed: %(why)s", why=translate(wrong))), 422
    return redirect_with_message(url_for("staff.payment_list"), translate(provider_of(code).connected_message))


@blueprint.post("/settings/payments/addresses")
@requires("payments.manage")
@requires_recent_password
def payment_addresses_register() -> Response | tuple[str, int]:
    """Register the addresses at which M-Pesa confirms payments to the shop's short code."""
    if not FlaskForm().validate():
        return _page(), 422
    try:
        made = register_addresses(
            request.form.get("response_type", ""), signed_in().member.actor, PaymentConfig.of(current_app.config)
        )
    except (InvalidInput, Conflict) as refusal:
        return _page(METHOD, {}, refusal.message), 422
    if made.state == "registered":
        return redirect_with_message(url_for("staff.payment_list"), _("Registered: M-Pesa confirms payments here."))
    return _page(METHOD, {}, _("The registration failed: %(why)s", why=made.result)), 422


@blueprint.post(f"/orders/{ORDER}/payment-flags/{FLAG}")
@requires("orders.change")
def payment_flag_handle(order_id: int, flag_id: int) -> Response:
    """Resolve a review flag with a note."""
    note = request.form.get("note", "").replace("\0", "")[:LONGEST]
    address = url_for("staff.order_show", order_id=order_id)
    try:
        changed = handle_flag(order_id, flag_id, note, signed_in().member.actor)
    except InvalidInput as refusal:
        return redirect_with_message(address, _("Nothing changed. %(why)s", why=translate(refusal.message)))
    return redirect_with_message(address, _("Marked as resolved.") if changed else _("Already marked as resolved."))


def _given(form: Mapping[str, str]) -> PaymentMethodInput:
    """Return a submitted form without characters that no database stores."""
    sent = {name: value.replace("\0", "")[:LONGEST] for name, value in form.items()}
    return PaymentMethodInput(
        enabled=bool(sent.get("enabled")),
        name=sent.get("name", ""),
        position=sent.get("position", ""),
        minutes=sent.get("minutes", ""),
        fields=sent,
    )


def _page(code: str = "", wrong: dict[str, str] | None = None, problem: str = "", *, seen: str = "") -> str:
    """Return the page; ``code`` is the method whose form was invalid: it keeps its input but secrets, and ``seen``."""
    return render_template(
        "staff/settings/payments.html",
        ways=list_settings_forms(PaymentConfig.of(current_app.config)),
        seen={each: write_seen(texts) for each, texts in _texts().items()} | ({code: seen} if seen else {}),
        refused=code,
        typed=request.form if wrong else None,
        wrong=wrong or {},
        problem=problem,
        registration=find_registration(),
        registered_code=METHOD,
        form=FlaskForm(),
    )
