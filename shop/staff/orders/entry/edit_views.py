"""Edit an unpaid order; changes are previewed before saving."""

from flask import Response, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.formats import format_price
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.manual.editing import edit_order, is_editable
from shop.services.orders.repository import OrderRecord, get_order
from shop.staff import blueprint
from shop.staff.orders.entry.form import EntryForm
from shop.staff.orders.entry.page import Priced, price_edit, show_entry
from shop.staff.orders.entry.reader import press_buttons, refuse_unsellable, use_code
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.web.pages.htmx import redirect_with_message

ID = "<id:order_id>"


@blueprint.get(f"/orders/{ID}/edit")
@requires("orders.price")
@shows_personal_data("list:orders")
def order_edit(order_id: int) -> AnyResponse:
    """Show the form with the order as it is."""
    order = get_order(order_id)
    if not is_editable(order):
        said = _("This order cannot be edited: only unpaid, open orders with items can.")
        return redirect_with_message(url_for("staff.order_show", order_id=order_id), said)
    form = EntryForm.of_order(order, edit=True)
    return show_entry(form, price_edit(form, order), edited=order)


@blueprint.post(f"/orders/{ID}/edit")
@requires("orders.price")
def order_edit_submit(order_id: int) -> AnyResponse:
    """Execute the pressed button; without one, preview the changes."""
    order = get_order(order_id)
    form = EntryForm.of(request.form)
    press_buttons(form)
    if order.customer is not None:
        use_code(form, order.customer)
    priced = price_edit(form, order)
    if request.form.get("do") == "save":
        return _save(form, priced, order)
    return show_entry(form, priced, edited=order)


def _save(form: EntryForm, priced: Priced, order: OrderRecord) -> Response | AnyResponse:
    try:
        if not form.lines:
            form.errors["items"] = _("Add a product first")
        refuse_unsellable(form)
        edit = edit_order(order.id, priced.order, signed_in().member.actor, version=form["version"])
    except (InvalidInput, Conflict) as refusal:
        form.put(refusal)
        form.refusal = form.refusal or _("The order was not changed. Fix the marked fields.")
        return show_entry(form, priced, status=422, edited=order)
    before, after = (format_price(sums.total_cents, order.currency) for sums in (edit.before, edit.after))
    said = _("Order changed: %(before)s → %(after)s.", before=before, after=after)
    return redirect_with_message(url_for("staff.order_show", order_id=order.id), said)
