"""A delivery method: add, change, delete."""

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shop.domain.ids import find_id
from shop.services.errors import InvalidInput
from shop.services.shipping.records import delete_method, get_method, get_zone, save_method, values_of_method
from shop.services.taxes.classes import list_tax_classes
from shop.staff import blueprint
from shop.staff.delivery.forms import MethodForm
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.pages.forms import put_errors
from shop.web.pages.htmx import confirm_first, redirect_with_message

METHOD = "<id:method_id>"


@blueprint.get("/delivery/methods/new")
@requires("delivery.manage")
def delivery_method_new() -> str:
    """Show the form of a new method, in the zone ``?zone=``."""
    return _page(MethodForm(formdata=None), None, _zone_id())


@blueprint.post("/delivery/methods/new")
@requires("delivery.manage")
def delivery_method_add() -> Response | tuple[str, int]:
    """Add a method."""
    return _save(MethodForm(), None, _zone_id())


@blueprint.get(f"/delivery/methods/{METHOD}")
@requires("delivery.manage")
def delivery_method_edit(method_id: int) -> str:
    """Show the form of a method."""
    method = get_method(method_id)
    return _page(MethodForm(values_of_method(method), formdata=None), method, method.zone_id)


@blueprint.post(f"/delivery/methods/{METHOD}")
@requires("delivery.manage")
def delivery_method_save(method_id: int) -> Response | tuple[str, int]:
    """Save a method."""
    method = get_method(method_id)
    return _save(MethodForm(values_of_method(method)), method_id, method.zone_id)


@blueprint.post(f"/delivery/methods/{METHOD}/delete")
@requires("delivery.manage")
def delivery_method_delete(method_id: int) -> Response | str:
    """Delete a method; orders keep its name."""
    question = _("Delete the delivery method %(name)s?", name=get_method(method_id).name)
    if asked := confirm_first(question, _("Delete it"), url_for("staff.delivery_show")):
        return asked
    delete_method(method_id, signed_in().member.actor)
    return redirect_with_message(url_for("staff.delivery_show"), _("Delivery method deleted"))


def _zone_id() -> int | None:
    return request.args.get("zone", type=find_id)


def _save(form: MethodForm, method_id: int | None, zone_id: int | None) -> Response | tuple[str, int]:
    stored = MethodForm(form.method, formdata=None)
    if form.validate() and (method_id is None or form.merges_with(stored)):
        try:
            save_method(method_id, form.values(zone_id), signed_in().member.actor)
            return redirect_with_message(url_for("staff.delivery_show"), _("Saved."))
        except InvalidInput as refusal:
            put_errors(form, refusal)
    return _page(form, get_method(method_id) if method_id is not None else None, zone_id), 422


def _page(form: MethodForm, method: Any, zone_id: int | None) -> str:
    zone = get_zone(zone_id) if zone_id is not None else None
    return render_template("staff/delivery/method.html", form=form, method=method, zone=zone, taxes=list_tax_classes())
