"""Message channels: their order, accounts and test, and what became of this month's messages. For owners."""

from typing import Any

from flask import current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from shop.queries.messages.figures import get_channel_figures, list_newest_messages
from shop.services.errors import Conflict, InvalidInput, TooOften
from shop.services.messaging.accounts import delete_account, find_callback_token, find_channel
from shop.services.messaging.balances import check_account, find_phone_channel, is_balance_low
from shop.services.messaging.channel_settings import save_channel, turn_off
from shop.services.messaging.mails.test_mail import send_trial_sms
from shop.services.messaging.spending import get_limit, month_start
from shop.services.shops.settings import change_setting, change_settings
from shop.staff import blueprint
from shop.staff.confirmation import requires_recent_password
from shop.staff.messages.presenter import CHANNEL_NAMES, KIND_NAMES, ORDERS, STATES
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case, translate
from shop.web.pages.formats import shop_settings
from shop.web.pages.htmx import confirm_first, redirect_with_message

PHONE_CHANNELS = ("sms", "whatsapp")
LONGEST = 500
AMOUNTS = ("message_monthly_limit", "sms_segment_price")
SWITCHES = (
    "message_payment_received",
    "message_order_refunded",
    "message_points_earned",
    "message_registration_received",
)


@blueprint.get("/settings/messages")
@requires("messages.manage")
def message_settings() -> str:
    """Show the channels, their figures of this month, and the texts."""
    return _page()


@blueprint.post("/settings/messages/order")
@requires("messages.manage")
def message_order_save() -> Response | tuple[str, int]:
    """Save the order of the channels."""
    if not FlaskForm().validate():
        return _page(), 422
    try:
        change_setting("message_channels", request.form.get("order", ""), signed_in().member.actor)
    except InvalidInput as refused:
        return _page(problem=sentence_case(refused.errors[0].message)), 422
    return redirect_with_message(url_for("staff.message_settings"), _("Saved."))


@blueprint.post("/settings/messages/sending")
@requires("messages.manage")
def message_sending_save() -> Response | tuple[str, int]:
    """Save the limit of the cost, and which messages are sent automatically."""
    if not FlaskForm().validate():
        return _page(), 422
    typed = {name: request.form.get(name, "").strip().replace(",", "")[:LONGEST] for name in AMOUNTS}
    switches = {name: "true" if name in request.form else "false" for name in SWITCHES}
    try:
        change_settings(typed | switches, signed_in().member.actor)
    except InvalidInput as refused:
        wrong = {error.field: sentence_case(error.message) for error in refused.errors}
        return _page("sending", wrong, typed | switches), 422
    return redirect_with_message(url_for("staff.message_settings"), _("Saved."))


@blueprint.post("/settings/messages/trial")
@requires("messages.manage")
def message_trial() -> Response | tuple[str, int]:
    """Send a test SMS to the phone that was typed."""
    if not FlaskForm().validate():
        return _page(), 422
    phone = request.form.get("phone", "").replace("\0", "")[:60]
    try:
        send_trial_sms(phone, signed_in().member.actor)
    except (InvalidInput, TooOften) as refused:
        wrong = sentence_case(refused.errors[0].message) if refused.errors else translate(refused.message)
        return _page("trial", {"phone": wrong}, {"phone": phone}), 422
    return redirect_with_message(
        url_for("staff.message_list"), _("The test SMS is on its way. Its state is listed here.")
    )


@blueprint.post("/settings/messages/channels/<code>")
@requires("messages.manage")
@requires_recent_password
def message_channel_save(code: str) -> Response | tuple[str, int]:
    """Save the account of a channel, and turn the channel on."""
    channel = find_phone_channel(code)
    if not FlaskForm().validate():
        return _page(), 422
    typed = {field.name: request.form.get(field.name, "").replace("\0", "")[:LONGEST] for field in channel.fields}
    try:
        save_channel(channel, typed, signed_in().member.actor, current_app.config["PAYMENT_KEYS"])
    except (InvalidInput, Conflict) as refused:
        wrong = {error.field: sentence_case(error.message) for error in refused.errors}
        return _page(code, wrong, typed, "" if wrong else translate(refused.message)), 422
    return redirect_with_message(url_for("staff.message_settings"), _("Saved."))


@blueprint.post("/settings/messages/channels/<code>/test")
@requires("messages.manage")
def message_channel_test(code: str) -> Response | tuple[str, int]:
    """Ask the provider whether it accepts the account."""
    find_phone_channel(code)
    if not FlaskForm().validate():
        return _page(), 422
    wrong = check_account(signed_in().member.shop_id, code, current_app.config)
    if wrong:
        return _page(code, problem=_("Connection failed: %(why)s", why=translate(wrong))), 422
    return redirect_with_message(url_for("staff.message_settings"), _("Connection works."))


@blueprint.post("/settings/messages/channels/<code>/remove")
@requires("messages.manage")
@requires_recent_password
def message_channel_remove(code: str) -> Response | str | tuple[str, int]:
    """Turn a channel off and delete its account."""
    find_phone_channel(code)
    address = url_for("staff.message_channel_remove", code=code)
    back = url_for("staff.message_settings")
    if not FlaskForm().validate():
        return _page(), 422
    question = confirm_first(_("Remove this account? Its messages will use the other channels."), address, back)
    if question is not None:
        return question
    turn_off(code, signed_in().member.actor)
    delete_account(code, signed_in().member.actor)
    return redirect_with_message(back, _("Removed."))


@blueprint.get("/settings/messages/sent")
@requires("messages.manage")
def message_list() -> str:
    """List the newest messages and their states, without recipients."""
    return render_template(
        "staff/messages/sent.html",
        messages=list_newest_messages(),
        channels=CHANNEL_NAMES,
        states=STATES,
        kind_names=KIND_NAMES,
    )


def _page(code: str = "", wrong: dict[str, str] | None = None, typed: Any = None, problem: str = "") -> str:
    """Return the page; ``code`` is the channel whose form was invalid: it keeps its input except secrets."""
    order = shop_settings().values["message_channels"].split(",")
    accounts = {name: find_channel(name) for name in PHONE_CHANNELS}
    return render_template(
        "staff/messages/settings.html",
        order=order,
        orders=ORDERS,
        names=CHANNEL_NAMES,
        channels=[find_phone_channel(name) for name in PHONE_CHANNELS],
        accounts=accounts,
        addresses={name: _addresses(name) for name in PHONE_CHANNELS if accounts[name]},
        figures=get_channel_figures(month_start()),
        is_low=is_balance_low(),
        limit=get_limit(),
        sending=typed if code == "sending" else shop_settings().values,
        refused=code,
        wrong=wrong or {},
        typed=typed or {},
        problem=problem,
    )


def _addresses(code: str) -> list[tuple[str, str]]:
    """Return what the provider calls, by what it is for."""
    try:
        token = find_callback_token(code, current_app.config["PAYMENT_KEYS"])
    except Conflict:
        return []
    base = f"{current_app.config['PUBLIC_URL']}/callbacks/messages/{token}"
    if code == "sms":
        return [(_("Delivery reports"), f"{base}/report"), (_("Incoming messages"), f"{base}/incoming")]
    return [(_("Webhook"), f"{base}/whatsapp"), (_("Verify token"), token or "")]
