"""Retention periods, deadlines for requests, and how much is too old now. For managers."""

from collections.abc import Mapping
from typing import Final

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from shop.domain.customers.privacy import PrivacyRequestKind
from shop.services.errors import Conflict, InvalidInput
from shop.services.privacy.retention import count_expired
from shop.services.shops.settings import change_settings, get_settings
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.privacy import labels
from shop.staff.session import signed_in
from shop.web.pages.htmx import redirect_with_message

KEYS: Final = (*labels.SETTING_OF.values(), *(kind.setting for kind in PrivacyRequestKind))


@blueprint.get("/privacy/retention")
@requires("privacy.manage")
def privacy_retention() -> str:
    """Show the periods as a form, with what each would delete now."""
    return _page(get_settings().values, {})


@blueprint.post("/privacy/retention")
@requires("privacy.manage")
def privacy_retention_save() -> Response | tuple[str, int]:
    """Save the changed periods, all or nothing."""
    if not FlaskForm().validate():
        return _page(get_settings().values, {}), 422
    wanted = {key: request.form[key] for key in KEYS if key in request.form}
    try:
        changed = change_settings(wanted, signed_in().member.actor)
    except (InvalidInput, Conflict) as refusal:
        wrong = {error.field: error.message for error in refusal.errors}
        return _page({**get_settings().values, **wanted}, wrong), 422
    return redirect_with_message(url_for("staff.privacy_retention"), _("Saved") if changed else _("Nothing changed"))


def _page(values: Mapping[str, str], wrong: dict[str, str]) -> str:
    return render_template(
        "staff/privacy/retention.html",
        values=values,
        wrong=wrong,
        expired=count_expired(),
        labels=labels,
        kinds=list(PrivacyRequestKind),
        form=FlaskForm(),
    )
