"""The delivery page: zones with their methods, and a test with an address."""

from typing import Any, Literal

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from shop.domain.ids import find_id
from shop.domain.pricing.shipping import Destination
from shop.services.catalogue.shipping import ShippingQuote, quote_shipping
from shop.services.errors import InvalidInput
from shop.services.shipping.records import delete_zone, get_zone, list_methods, list_zones, move, save_zone
from shop.staff import blueprint
from shop.staff.delivery.forms import ZoneForm
from shop.staff.list_filters import FilterReader
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.pages.formats import shop_settings
from shop.web.pages.forms import put_errors, read_cents, read_number
from shop.web.pages.htmx import confirm_first, redirect_with_message

ZONE = "<id:zone_id>"


@blueprint.get("/delivery")
@requires("delivery.manage")
def delivery_show() -> str:
    """Show zones and methods; with ``?address=`` also the methods for that address."""
    typed = {name: FilterReader(request.args).typed(name) for name in ("address", "town", "county", "goods", "weight")}
    methods = list_methods()
    return render_template(
        "staff/delivery/show.html",
        zones=list_zones(),
        methods={zone_id: [one for one in methods if one.zone_id == zone_id] for zone_id in _zone_ids(methods)},
        typed=typed,
        offered=_try(typed) if any(typed.values()) else None,
        form=FlaskForm(),
    )


def _zone_ids(methods: list[Any]) -> set[int | None]:
    return {None, *(method.zone_id for method in methods)}


def _try(typed: dict[str, str]) -> list[ShippingQuote]:
    place = Destination(shop_settings().country, typed["county"], typed["town"], typed["address"])
    try:
        grams = int(read_number(typed["weight"]) * 1000)
    except ValueError:
        grams = 0
    return quote_shipping(read_cents(typed["goods"]) or 0, place, max(0, grams))


@blueprint.get("/delivery/zones/new")
@requires("delivery.manage")
def delivery_zone_new() -> str:
    """Show the form of a new zone."""
    form = ZoneForm(formdata=None, data={"countries": shop_settings().country})
    return render_template("staff/delivery/zone.html", form=form, zone=None)


@blueprint.post("/delivery/zones/new")
@requires("delivery.manage")
def delivery_zone_add() -> Response | tuple[str, int]:
    """Add a zone."""
    return _save(None)


@blueprint.get(f"/delivery/zones/{ZONE}")
@requires("delivery.manage")
def delivery_zone_edit(zone_id: int) -> str:
    """Show the form of a zone."""
    zone = get_zone(zone_id)
    return render_template("staff/delivery/zone.html", form=_stored(zone), zone=zone)


def _stored(zone: Any) -> ZoneForm:
    places = {name: "\n".join(getattr(zone, name)) for name in ("countries", "regions", "towns")}
    return ZoneForm(formdata=None, data={"name": zone.name, **places})


@blueprint.post(f"/delivery/zones/{ZONE}")
@requires("delivery.manage")
def delivery_zone_save(zone_id: int) -> Response | tuple[str, int]:
    """Save a zone."""
    return _save(zone_id)


@blueprint.post(f"/delivery/zones/{ZONE}/delete")
@requires("delivery.manage")
def delivery_zone_delete(zone_id: int) -> Response | str:
    """Delete a zone with its methods."""
    question = _("Delete the zone %(name)s with its methods?", name=get_zone(zone_id).name)
    if asked := confirm_first(question, _("Delete it"), url_for("staff.delivery_show")):
        return asked
    delete_zone(zone_id, signed_in().member.actor)
    return redirect_with_message(url_for("staff.delivery_show"), _("Zone deleted."))


@blueprint.post("/delivery/move")
@requires("delivery.manage")
def delivery_move() -> Response:
    """Move a zone or a method up or down: ``zone-3-up``."""
    kind, _dash, rest = request.form.get("move", "").partition("-")
    number, _dash, way = rest.partition("-")
    moved = find_id(number)
    if FlaskForm().validate() and moved is not None:
        which: Literal["zone", "method"] = "zone" if kind == "zone" else "method"
        move(which, moved, -1 if way == "up" else 1, signed_in().member.actor)
    return redirect_with_message(url_for("staff.delivery_show"), _("Order changed."))


def _save(zone_id: int | None) -> Response | tuple[str, int]:
    form = ZoneForm()
    if form.validate() and (zone_id is None or form.merges_with(_stored(get_zone(zone_id)))):
        try:
            save_zone(zone_id, form.values, signed_in().member.actor)
            return redirect_with_message(url_for("staff.delivery_show"), _("Saved."))
        except InvalidInput as refusal:
            put_errors(form, refusal)
    zone = get_zone(zone_id) if zone_id is not None else None
    return render_template("staff/delivery/zone.html", form=form, zone=zone), 422
