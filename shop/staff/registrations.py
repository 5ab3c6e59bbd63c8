"""Registrations for the programme: review, approve, reject. For managers, since they have pictures of IDs."""

import re

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import TextAreaField
from wtforms.validators import DataRequired

from shop.services.customers.uploads import read_kept
from shop.services.loyalty.registrations import (
    MAX_REASON,
    count_pending,
    decide_registration,
    get_registration,
    list_registrations,
)
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.web.pages.forms import text_field
from shop.web.pages.htmx import redirect_with_message

VIEWS = (
    ("pending", lazy_gettext("Pending")),
    ("approved", lazy_gettext("Approved")),
    ("rejected", lazy_gettext("Rejected")),
    ("", lazy_gettext("All")),
)
PER_PAGE = 50
ID = "<id:registration_id>"


class RejectForm(FlaskForm):  # type: ignore[misc]
    """The reason for a rejection."""

    reason = text_field(
        lazy_gettext("Reason"),
        MAX_REASON,
        DataRequired(lazy_gettext("Enter a reason. The customer will see it.")),
        kind=TextAreaField,
    )


@blueprint.get("/registrations")
@requires("registrations.decide")
@shows_personal_data("list:registrations")
def registration_list() -> str:
    """List pending registrations, or those in another state, newest first."""
    status = request.args.get("status", "pending")
    status = status if status in dict(VIEWS) else "pending"
    page = request.args.get("page", "1")
    number = int(page) if re.fullmatch("[1-9][0-9]{0,6}", page, re.ASCII) else 1
    found, total = list_registrations(status=status or None, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    return render_template(
        "staff/registrations/index.html",
        registrations=found,
        total=total,
        status=status,
        views=VIEWS,
        waiting_now=count_pending(),
        page=number,
        more=number * PER_PAGE < total,
    )


@blueprint.get(f"/registrations/{ID}")
@requires("registrations.decide")
@shows_personal_data("registration:{registration_id}")
def registration_show(registration_id: int) -> str:
    """Show a registration with its picture and the decision form."""
    return _page(registration_id, RejectForm())


@blueprint.get(f"/registrations/{ID}/id-image")
@requires("registrations.decide")
@shows_personal_data("registration:{registration_id}")
def registration_image(registration_id: int) -> Response:
    """Send the picture of an ID card."""
    data, media_type = read_kept(get_registration(registration_id).id_image)
    return Response(data, mimetype=media_type, headers={"Content-Disposition": "inline"})


@blueprint.post(f"/registrations/{ID}/approve")
@requires("registrations.decide")
def registration_approve(registration_id: int) -> AnyResponse:
    """Approve a registration."""
    registration = decide_registration(registration_id, "approved", signed_in().member.actor)
    return redirect_with_message(
        url_for("staff.registration_list"), _("%(name)s approved.", name=registration.full_name)
    )


@blueprint.post(f"/registrations/{ID}/reject")
@requires("registrations.decide")
def registration_reject(registration_id: int) -> AnyResponse | tuple[str, int]:
    """Reject a registration with a reason."""
    form = RejectForm()
    if not form.validate():
        return _page(registration_id, form), 422
    registration = decide_registration(registration_id, "rejected", signed_in().member.actor, reason=form.reason.data)
    return redirect_with_message(
        url_for("staff.registration_list"),
        _("%(name)s rejected. We e-mailed them the reason.", name=registration.full_name),
    )


def _page(registration_id: int, form: RejectForm) -> str:
    return render_template(
        "staff/registrations/show.html", registration=get_registration(registration_id), form=form, states=dict(VIEWS)
    )
