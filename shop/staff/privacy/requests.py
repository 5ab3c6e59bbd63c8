"""Requests about personal data: list by due date, detail, new. For managers."""

import re

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from shop.services import clock
from shop.services.errors import InvalidInput
from shop.services.privacy.erasure import erase_for_request
from shop.services.privacy.requests import (
    PrivacyRequestDetails,
    add_request,
    close_request,
    count_open,
    get_request,
    list_requests,
)
from shop.staff import blueprint
from shop.staff.confirmation import requires_recent_password
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.privacy import labels
from shop.staff.privacy.forms import CloseForm, NewRequestForm
from shop.staff.session import signed_in
from shop.web.pages.forms import put_errors
from shop.web.pages.htmx import confirm_first, redirect_with_message

VIEWS = (("open", lazy_gettext("Open")), ("closed", lazy_gettext("Closed")), ("", lazy_gettext("All")))
IS_OPEN = {"open": True, "closed": False, "": None}
PER_PAGE = 50
REQUEST = "/privacy/<id:request_id>"


@blueprint.get("/privacy")
@requires("privacy.manage")
@shows_personal_data("list:privacy")
def privacy_list() -> str:
    """List open requests by due date; closed ones newest first."""
    view = request.args.get("view", "open")
    view = view if view in IS_OPEN else "open"
    typed = request.args.get("page", "1")
    page = int(typed) if re.fullmatch("[1-9][0-9]{0,6}", typed, re.ASCII) else 1
    found = list_requests(is_open=IS_OPEN[view], limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE)
    return render_template(
        "staff/privacy/index.html",
        requests=found[:PER_PAGE],
        more=len(found) > PER_PAGE,
        page=page,
        view=view,
        views=VIEWS,
        open_count=count_open(),
        now=clock.now(),
        labels=labels,
    )


@blueprint.get("/privacy/new")
@requires("privacy.manage")
@shows_personal_data("list:privacy")
def privacy_new() -> str:
    """Show the form for a request received by the shop."""
    form = NewRequestForm(formdata=None, data={"contact": request.args.get("contact", "")})
    return render_template("staff/privacy/new.html", form=form)


@blueprint.post("/privacy/new")
@requires("privacy.manage")
def privacy_add() -> Response | tuple[str, int]:
    """Record a request."""
    form = NewRequestForm()
    if form.validate():
        details = PrivacyRequestDetails(
            form.kind.data, contact=form.contact.data, note=form.note.data, received_at=form.received
        )
        try:
            added = add_request(details, signed_in().member.actor)
            return redirect_with_message(url_for("staff.privacy_show", request_id=added.id), _("Request recorded."))
        except InvalidInput as refusal:
            put_errors(form, refusal)
    return render_template("staff/privacy/new.html", form=form), 422


@blueprint.get(REQUEST)
@requires("privacy.manage")
@shows_personal_data("list:privacy")
def privacy_show(request_id: int) -> str:
    """Show a request and its possible actions."""
    return _page(request_id)


@blueprint.post(f"{REQUEST}/close")
@requires("privacy.manage")
def privacy_close(request_id: int) -> Response | tuple[str, int]:
    """Close a request as done or refused."""
    form = CloseForm()
    if form.validate():
        try:
            close_request(request_id, form.state.data, form.outcome.data, signed_in().member.actor)
            return redirect_with_message(url_for("staff.privacy_list"), _("Request closed."))
        except InvalidInput as refusal:
            put_errors(form, refusal)
    return _page(request_id, form), 422


@blueprint.post(f"{REQUEST}/erase")
@requires("privacy.manage")
@requires_recent_password
def privacy_erase(request_id: int) -> Response | str:
    """Erase the customer of an erasure request and close it."""
    question = _("Erase %(name)s permanently?", name=get_request(request_id).person)
    if asked := confirm_first(question, _("Erase the customer"), url_for("staff.privacy_show", request_id=request_id)):
        return asked
    erase_for_request(request_id, signed_in().member.actor)
    return redirect_with_message(url_for("staff.privacy_list"), _("The customer was erased and the request is closed."))


def _page(request_id: int, close: CloseForm | None = None) -> str:
    return render_template(
        "staff/privacy/show.html",
        one=get_request(request_id),
        now=clock.now(),
        labels=labels,
        close=close or CloseForm(formdata=None),
    )
