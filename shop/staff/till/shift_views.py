"""Opening the till with a float, and closing it."""

from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.services.errors import Conflict, InvalidInput
from shop.services.till.shifts import close_shift, expect, find_open_shift, list_closed_shifts, open_shift
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.staff.till.forms import METHOD_NAMES, CloseForm, OpenForm
from shop.staff.till.page import current_branch_id, show_till
from shop.web.i18n import translate
from shop.web.pages.forms import put_errors


@blueprint.get("/till/close")
@requires("orders.pay")
def till_close() -> Response:
    """The expected amounts and the fields to count them, or the form that opens the till; managers see past closes."""
    return _page(CloseForm(), OpenForm())


@blueprint.post("/till/open")
@requires("orders.pay")
def till_open_submit() -> AnyResponse:
    """Open the till with a float."""
    form = OpenForm()
    if not form.validate():
        return _page(CloseForm(formdata=None), form, 422)
    try:
        open_shift(form.cents, signed_in().member.actor, current_branch_id())
    except Conflict as refused:
        flash(translate(refused.message))
    return redirect(url_for("staff.till_close"), 303)


@blueprint.post("/till/close")
@requires("orders.pay")
def till_close_submit() -> AnyResponse:
    """Close the till with what was counted."""
    form = CloseForm()
    if not form.validate():
        return _page(form, OpenForm(formdata=None), 422)
    try:
        close_shift(form.counted, form.note.data or "", signed_in().member.actor, current_branch_id())
    except InvalidInput as refused:
        put_errors(form, refused)
        return _page(form, OpenForm(formdata=None), 422)
    except Conflict as refused:
        flash(translate(refused.message))
    else:
        flash(_("Till closed."))
    return redirect(url_for("staff.till_close"), 303)


def _page(closing: CloseForm, opening: OpenForm, status: int = 200) -> Response:
    shift = find_open_shift(current_branch_id())
    sees_all = signed_in().member.may("reports.read")
    return show_till(
        "close",
        status,
        shift=shift,
        expected=expect(shift) if shift else {},
        closing=closing,
        opening=opening,
        closed=list_closed_shifts() if sees_all else [],
        methods=METHOD_NAMES,
    )
