"""Deliveries: shown with their attempts, resent one by one or by time; test events."""

from datetime import timedelta

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from shop.domain.formats import group_digits
from shop.services.errors import Conflict
from shop.services.webhooks.deliveries import get_delivery, replay_last, resend, send_test
from shop.services.webhooks.endpoints import get_endpoint
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.staff.webhooks import presenter
from shop.staff.webhooks.endpoints import ENDPOINT, render_page
from shop.staff.webhooks.forms import ReplayForm, TestForm
from shop.web.i18n import translate
from shop.web.pages.htmx import redirect_with_message

DELIVERY = "<id:delivery_id>"


@blueprint.get(f"/settings/webhooks/deliveries/{DELIVERY}")
@requires("webhooks.manage")
@shows_personal_data("list:events")
def webhook_delivery_show(delivery_id: int) -> str:
    """A delivery: its attempts, the request and the last answer."""
    delivery = get_delivery(delivery_id)
    endpoint = get_endpoint(delivery.endpoint_id)
    return render_template("staff/webhooks/delivery.html", delivery=delivery, endpoint=endpoint, words=presenter)


@blueprint.post(f"/settings/webhooks/deliveries/{DELIVERY}/resend")
@requires("webhooks.manage")
def webhook_delivery_resend(delivery_id: int) -> Response:
    """Send a delivery again."""
    try:
        resend(delivery_id, signed_in().member.actor)
        message = _("The delivery is sent again.")
    except Conflict as refused:
        message = translate(refused.message)
    return redirect_with_message(url_for("staff.webhook_delivery_show", delivery_id=delivery_id), message)


@blueprint.post(f"/settings/webhooks/{ENDPOINT}/test")
@requires("webhooks.manage")
def webhook_send_test(endpoint_id: int) -> Response | tuple[str, int]:
    """Send a test event and show its delivery."""
    form = TestForm()
    if not form.validate():
        return render_page(endpoint_id), 422
    try:
        delivery = send_test(endpoint_id, form.type.data, signed_in().member.actor)
    except Conflict as refused:
        return _back(endpoint_id, translate(refused.message))
    address = url_for("staff.webhook_delivery_show", delivery_id=delivery.id)
    return redirect_with_message(address, _("Test event sent."))


@blueprint.post(f"/settings/webhooks/{ENDPOINT}/replay")
@requires("webhooks.manage")
def webhook_replay(endpoint_id: int) -> Response | tuple[str, int]:
    """Send again what failed or was never sent of a period."""
    form = ReplayForm()
    if not form.validate():
        return render_page(endpoint_id), 422
    try:
        count = replay_last(endpoint_id, timedelta(hours=int(form.hours.data)), signed_in().member.actor)
    except Conflict as refused:
        return _back(endpoint_id, translate(refused.message))
    many = group_digits(count)
    sent = ngettext("%(many)s event is sent again.", "%(many)s events are sent again.", count, many=many)
    return _back(endpoint_id, sent if count else _("Nothing failed in this period."))


def _back(endpoint_id: int, message: str) -> Response:
    return redirect_with_message(url_for("staff.webhook_show", endpoint_id=endpoint_id), message)
