"""Registering a device as a till with a name and a branch, and revoking it."""

from flask import Response, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.ids import find_id
from shop.services.errors import Conflict, InvalidInput
from shop.services.till.devices import find_device, list_devices, revoke_device, save_device
from shop.services.till.sales import list_branch_names
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.staff.till.page import show_till
from shop.web.i18n import sentence_case, translate
from shop.web.till_device import current_device, keep_branch, keep_token, sent_token

FREE = {"staff.till_device_show", "staff.till_device_save", "staff.till_device_revoke", "staff.till_worker"}
"""The till's addresses for devices that are not registered or were revoked."""


@blueprint.before_request
def load_device() -> None:
    """Find the device of a request to the till. Raise NotAllowed for one that may not be used as a till."""
    endpoint = request.endpoint or ""
    if endpoint.startswith("staff.till_") and endpoint not in FREE:
        g.till_device = current_device()


@blueprint.get("/till/device")
@requires("orders.pay")
def till_device_show() -> Response:
    """Show whether this device is registered, and the shop's tills."""
    return _page()


@blueprint.post("/till/device")
@requires("store.set")
def till_device_save() -> AnyResponse:
    """Register this device, or change its name and branch."""
    typed = {"name": request.form.get("name", "").replace("\0", "")[:200], "branch": request.form.get("branch", "")}
    if not FlaskForm().validate():
        return _page(typed, status=422)
    try:
        token = save_device(sent_token(), typed["name"], find_id(typed["branch"]) or 0, signed_in().member.actor)
    except (InvalidInput, Conflict) as refused:
        wrong = sentence_case(refused.errors[0].message) if refused.errors else translate(refused.message)
        return _page(typed, wrong, 422)
    flash(_("This till is registered."))
    response = redirect(url_for("staff.till_device_show"), 303)
    keep_token(response, token)
    return response


@blueprint.post("/till/branch")
@requires("orders.pay")
def till_branch_save() -> AnyResponse:
    """Choose the branch of this device, which is not registered."""
    response = redirect(url_for("staff.till_show"), 303)
    if FlaskForm().validate():
        branch = request.form.get("branch", type=find_id)
        keep_branch(response, branch if branch in list_branch_names() else 0)
    return response


@blueprint.post("/till/devices/<id:device_id>/revoke")
@requires("store.set")
def till_device_revoke(device_id: int) -> AnyResponse:
    """Revoke a till."""
    if not FlaskForm().validate():
        return _page(status=422)
    revoke_device(device_id, signed_in().member.actor)
    flash(_("The till was revoked."))
    return redirect(url_for("staff.till_device_show"), 303)


def _page(typed: dict[str, str] | None = None, wrong: str = "", status: int = 200) -> Response:
    device = find_device(sent_token())
    known = {"name": device.name, "branch": str(device.branch_id)} if device else {"name": "", "branch": ""}
    return show_till(
        "device",
        status,
        device=device,
        devices=list_devices(),
        typed=typed or known,
        wrong=wrong,
        may_register=signed_in().member.may("store.set"),
    )
