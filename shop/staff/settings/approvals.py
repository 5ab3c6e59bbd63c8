"""Large changes pending a second person's approval."""

from typing import Final

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from shop.services import clock
from shop.services.approvals.requests import decide, is_own, list_requests
from shop.services.errors import NotFound, ShopError
from shop.staff import blueprint
from shop.staff.loyalty_settings.fields import FIELDS, in_words, label_of
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.staff.settings.store_fields import STORE_FIELDS
from shop.web.i18n import translate
from shop.web.pages.formats import shop_settings
from shop.web.pages.htmx import redirect_with_message

KINDS: Final = {
    "adjustment": lazy_gettext("Adjust points"),
    "settings": lazy_gettext("Change settings"),
    "bulk": lazy_gettext("Adjust points of many customers"),
    "import": lazy_gettext("Import customers"),
}


@blueprint.get("/settings/approvals")
@requires("approvals.decide")
def approval_list() -> str:
    """List the requests, pending ones first."""
    return render_template(
        "staff/settings/approvals.html",
        requests=list_requests(),
        kinds=KINDS,
        now=clock.now(),
        own=lambda found: is_own(found, signed_in().member.actor),
        setting_label=_setting_label,
        setting_text=_setting_text,
        form=FlaskForm(),
    )


@blueprint.post("/settings/approvals/<id:approval_id>")
@requires("approvals.decide")
def approval_decide(approval_id: int) -> Response:
    """Approve or refuse a request."""
    message = _("Nothing was changed.")
    if FlaskForm().validate() and request.form.get("decision") in ("approve", "refuse"):
        approve = request.form["decision"] == "approve"
        reason = request.form.get("reason", "")
        try:
            decide(approval_id, signed_in().member.actor, approve=approve, reason=reason)
            message = _("Approved. The change was made.") if approve else _("Refused. Nothing was changed.")
        except NotFound:
            raise
        except ShopError as refused:
            message = _("Nothing changed. %(why)s", why=translate(refused.message))
    return redirect_with_message(url_for("staff.approval_list"), message)


def _setting_label(key: str) -> str:
    if key in FIELDS:
        return label_of(key, shop_settings().currency)
    return next((str(label) for name, label, _help in STORE_FIELDS if name == key), key)


def _setting_text(key: str, text: str) -> str:
    if key in FIELDS:
        return in_words(key, text, shop_settings().currency)
    return {"true": _("On"), "false": _("Off")}.get(text, text)
