"""Orders entered by staff: the form, drafts, and copies of orders."""

from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.statuses import PaymentStatus
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.manual.creation import create_manual_order
from shop.services.orders.manual.drafts import Draft, delete_draft, get_draft, list_drafts, save_draft
from shop.services.orders.repository import get_order
from shop.staff import blueprint
from shop.staff.orders.entry.form import NUMBER, EntryForm
from shop.staff.orders.entry.page import Priced, chosen_customer, price_form, show_entry
from shop.staff.orders.entry.reader import fill_address, press_buttons, refuse_unsellable, use_code
from shop.staff.orders.presenter import warn_same_reference
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.web.pages.htmx import redirect_with_message

DRAFT = "<id:draft_id>"


@blueprint.get("/orders/new")
@requires("orders.create")
@shows_personal_data("list:orders")
def order_new() -> Response:
    """Show the form; ``?customer=`` selects a customer, ``?copy=`` fills it from an order."""
    copied, customer_id = request.args.get("copy", ""), request.args.get("customer", "")
    if NUMBER.fullmatch(copied):
        form = EntryForm.of_order(get_order(int(copied)), edit=False)
    else:
        form = EntryForm.blank(int(customer_id) if NUMBER.fullmatch(customer_id) else None)
    fill_address(form)
    return show_entry(form, price_form(form, chosen_customer(form)))


@blueprint.post("/orders/new")
@requires("orders.create")
def order_new_submit() -> AnyResponse:
    """Execute the pressed button; without one, show the amounts."""
    return _submit(None)


@blueprint.get("/orders/drafts")
@requires("orders.create")
@shows_personal_data("list:orders")
def order_draft_list() -> str:
    """List the drafts, newest first."""
    return render_template("staff/orders/entry/drafts.html", drafts=list_drafts())


@blueprint.get(f"/orders/drafts/{DRAFT}")
@requires("orders.create")
@shows_personal_data("list:orders")
def order_draft_show(draft_id: int) -> Response:
    """Show a draft."""
    draft = get_draft(draft_id)
    form = EntryForm.saved(draft.fields)
    form.fields["request_key"] = draft.request_key
    return show_entry(form, price_form(form, chosen_customer(form)), draft=draft)


@blueprint.post(f"/orders/drafts/{DRAFT}")
@requires("orders.create")
def order_draft_submit(draft_id: int) -> AnyResponse:
    """As :func:`order_new_submit`, for a draft."""
    return _submit(get_draft(draft_id))


@blueprint.post(f"/orders/drafts/{DRAFT}/delete")
@requires("orders.create")
def order_draft_delete(draft_id: int) -> AnyResponse:
    """Delete a draft."""
    delete_draft(draft_id)
    return redirect_with_message(url_for("staff.order_draft_list"), _("Draft deleted."))


def _submit(draft: Draft | None) -> AnyResponse:
    form = EntryForm.of(request.form)
    if draft is not None:
        form.fields["request_key"] = draft.request_key
    press_buttons(form)
    customer = chosen_customer(form)
    if customer is not None:
        use_code(form, customer)
    priced = price_form(form, customer)
    pressed = request.form.get("do", "")
    if pressed == "draft":
        return _save(form, priced)
    if pressed == "create":
        return _create(form, priced, draft)
    return show_entry(form, priced, draft=draft)


def _save(form: EntryForm, priced: Priced) -> AnyResponse:
    total = priced.quote.total_cents if priced.quote else 0
    saved: dict[str, Any] = form.to_save()
    draft = save_draft(
        form["request_key"],
        saved,
        signed_in().member.actor,
        customer_id=priced.order.customer_id,
        total_cents=max(0, total),
    )
    return redirect_with_message(url_for("staff.order_draft_show", draft_id=draft.id), _("Draft saved."))


def _create(form: EntryForm, priced: Priced, draft: Draft | None) -> AnyResponse:
    try:
        if not form.lines:
            form.errors["items"] = _("Add a product first")
        refuse_unsellable(form)
        order = create_manual_order(priced.order, signed_in().member.actor, request_key=form["request_key"])
    except (InvalidInput, Conflict) as refusal:
        form.put(refusal)
        form.refusal = form.refusal or _("The order was not created. Fix the marked fields.")
        return show_entry(form, priced, status=422, draft=draft)
    said = _("Order %(number)s created.", number=order.order_number)
    if order.payment_status == PaymentStatus.PAID:
        said = warn_same_reference(said, priced.order.payment_reference, order.id)
    return redirect_with_message(url_for("staff.order_show", order_id=order.id), said)
