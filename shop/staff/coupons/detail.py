"""A coupon's page and form; new coupons, copies, generated codes."""

from dataclasses import replace

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from shop.domain.formats import group_digits
from shop.queries.coupons.products import categories_of, names_of
from shop.queries.coupons.usage import figures_of, list_uses
from shop.services.coupons.records import (
    create_coupon,
    delete_coupon,
    end_coupons,
    generate_coupons,
    get_coupon,
    update_coupon,
    values_of,
)
from shop.services.coupons.values import CouponValues
from shop.services.errors import Conflict, InvalidInput
from shop.staff import blueprint
from shop.staff.coupons import presenter
from shop.staff.coupons.form import CouponForm, GenerateForm
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.web.pages.forms import put_errors
from shop.web.pages.htmx import confirm_first, redirect_with_message

ID = "<id:coupon_id>"
USES = 20


@blueprint.get(f"/coupons/{ID}")
@shows_personal_data("list:coupons")
def coupon_show(coupon_id: int) -> str:
    """Show one coupon with its latest uses."""
    coupon = get_coupon(coupon_id)
    uses, total = list_uses(coupon_id, page=1, limit=USES)
    return render_template(
        "staff/coupons/show.html",
        coupon=coupon,
        uses=uses,
        total=total,
        figures=figures_of([coupon_id])[coupon_id],
        products=names_of(coupon.product_ids or ()),
        categories=categories_of(coupon.category_ids or ()),
        words=presenter,
    )


@blueprint.get("/coupons/new")
@requires("coupons.manage")
def coupon_new() -> str:
    """Show the form of a new coupon; ``?copy=`` fills in another's terms."""
    typed = request.args.get("copy", "")
    copied = get_coupon(int(typed)) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else None
    form = CouponForm(values_of(copied) if copied else None, formdata=None)
    if copied:
        form.code.data = ""
    return _form(form)


@blueprint.post("/coupons/new")
@requires("coupons.manage")
def coupon_add() -> Response | tuple[str, int]:
    """Add a coupon; with ``look`` only show the example."""
    form = CouponForm()
    if form.validate() and "look" not in request.form:
        try:
            coupon = create_coupon(form.values(), signed_in().member.actor)
            address = url_for("staff.coupon_show", coupon_id=coupon.id)
            return redirect_with_message(address, _("Coupon %(code)s added.", code=coupon.code))
        except (InvalidInput, Conflict) as refusal:
            put_errors(form, refusal)
    return _form(form), 422 if form.errors else 200


@blueprint.get(f"/coupons/{ID}/edit")
@requires("coupons.manage")
def coupon_edit(coupon_id: int) -> str:
    """Show the form of a coupon."""
    coupon = values_of(get_coupon(coupon_id))
    return _form(CouponForm(coupon, formdata=None), coupon, coupon_id)


@blueprint.post(f"/coupons/{ID}/edit")
@requires("coupons.manage")
def coupon_save(coupon_id: int) -> Response | tuple[str, int]:
    """Save a coupon; one that was ended manually stays ended unless ``reopen`` is chosen."""
    coupon, form = values_of(get_coupon(coupon_id)), CouponForm()
    is_valid = form.validate() and "look" not in request.form
    if is_valid and form.merges_with(CouponForm(coupon, formdata=None)):
        try:
            status = "active" if "reopen" in request.form else coupon.status
            update_coupon(coupon_id, form.values(status), signed_in().member.actor)
            return redirect_with_message(url_for("staff.coupon_show", coupon_id=coupon_id), _("Saved."))
        except (InvalidInput, Conflict) as refusal:
            put_errors(form, refusal)
    return _form(form, coupon, coupon_id), 422 if form.errors else 200


@blueprint.post(f"/coupons/{ID}/end")
@requires("coupons.manage")
def coupon_end(coupon_id: int) -> Response | str:
    """End a coupon now."""
    code, back = get_coupon(coupon_id).code, url_for("staff.coupon_show", coupon_id=coupon_id)
    if asked := confirm_first(_("End the coupon %(code)s now?", code=code), _("End it"), back):
        return asked
    end_coupons([coupon_id], signed_in().member.actor)
    return redirect_with_message(back, _("Coupon ended."))


@blueprint.post(f"/coupons/{ID}/delete")
@requires("coupons.manage")
def coupon_delete(coupon_id: int) -> Response | str:
    """Delete a coupon that no one has used."""
    code, back = get_coupon(coupon_id).code, url_for("staff.coupon_show", coupon_id=coupon_id)
    if asked := confirm_first(_("Delete the coupon %(code)s?", code=code), _("Delete it"), back):
        return asked
    if delete_coupon(coupon_id, signed_in().member.actor):
        return redirect_with_message(url_for("staff.coupon_list"), _("Coupon deleted."))
    return redirect_with_message(back, _("Orders have used it, so it was ended instead."))


@blueprint.get("/coupons/generate")
@requires("coupons.manage")
def coupon_generate_new() -> str:
    """Show the form for generating codes."""
    return render_template("staff/coupons/generate.html", form=GenerateForm(formdata=None))


@blueprint.post("/coupons/generate")
@requires("coupons.manage")
def coupon_generate() -> Response | tuple[str, int]:
    """Generate coupons for one use each, and list them for export."""
    form = GenerateForm()
    if form.validate():
        values = replace(form.values(), code="ANY")
        try:
            made = generate_coupons(form.code.data or "", form.number, values, signed_in().member.actor)
            message = ngettext("%(grouped)s code added.", "%(grouped)s codes added.", made, grouped=group_digits(made))
            return redirect_with_message(url_for("staff.coupon_list", q=form.code.data.upper()), message)
        except InvalidInput as refusal:
            put_errors(form, refusal)
    return render_template("staff/coupons/generate.html", form=form), 422


def _form(form: CouponForm, coupon: CouponValues | None = None, coupon_id: int = 0) -> str:
    is_filled = form.type.data and (form.value.data or form.type.data == "free_shipping")
    typed = form.values() if is_filled and not form.errors else None
    return render_template(
        "staff/coupons/form.html", form=form, coupon=coupon, coupon_id=coupon_id, typed=typed, words=presenter
    )
