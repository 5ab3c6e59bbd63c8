"""Actions on an order."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.formats import format_price
from shop.queries.orders.page import OrderPage, get_order_page
from shop.services import clock
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.lifecycle import cancel_order, complete_order, mark_paid
from shop.services.orders.refunds import RefundPart, refund_order
from shop.services.orders.repository import get_order
from shop.staff import blueprint
from shop.staff.orders.forms import (
    CancelForm,
    ItemsRefundForm,
    PartRefundForm,
    PayForm,
    RefundForm,
)
from shop.staff.orders.presenter import toast_for, warn_same_reference
from shop.staff.orders.views import ID, page_context
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case, translate
from shop.web.pages.htmx import render_page_or_fragment, wants_fragment


@blueprint.post(f"/orders/{ID}/paid")
@requires("orders.pay")
def order_pay(order_id: int) -> AnyResponse:
    """Mark an order paid."""
    form, actor = PayForm(get_order(order_id).payment_method), signed_in().member.actor

    def pay() -> str:
        changed = mark_paid(order_id, form.reference.data, actor, method=form.method.data)
        done = warn_same_reference(_("Marked paid."), form.reference.data, order_id)
        return _outcome(changed, done, _("Already paid; nothing changed."))

    return perform(order_id, "paid", form, pay)


@blueprint.post(f"/orders/{ID}/completed")
@requires("orders.fulfil")
def order_complete(order_id: int) -> AnyResponse:
    """Complete an order."""
    actor = signed_in().member.actor

    def complete() -> str:
        return _outcome(complete_order(order_id, actor), _("Marked done."), _("Already done; nothing changed."))

    return perform(order_id, "", FlaskForm(), complete)


@blueprint.post(f"/orders/{ID}/cancelled")
@requires("orders.change")
def order_cancel(order_id: int) -> AnyResponse:
    """Cancel an order, with a reason."""
    form, actor = CancelForm(), signed_in().member.actor

    def cancel() -> str:
        changed = cancel_order(order_id, form.reason.data, actor)
        return _outcome(changed, _("Cancelled."), _("Already cancelled; nothing changed."))

    return perform(order_id, "cancel", form, cancel)


@blueprint.post(f"/orders/{ID}/refunds")
@requires("orders.change")
def order_refund(order_id: int) -> AnyResponse:
    """Refund a part; without scripts the first button shows the preview."""
    form = PartRefundForm()
    if "look" in request.form:
        return _show(get_order_page(order_id), "refund", form)
    return perform(order_id, "refund", form, lambda: _refund(order_id, form.cents, form))


@blueprint.post(f"/orders/{ID}/refunds/items")
@requires("orders.change")
def order_refund_items(order_id: int) -> AnyResponse:
    """Refund pieces of the order's lines; without scripts the first button shows the preview."""
    form = ItemsRefundForm()
    if "look" in request.form:
        return _show(get_order_page(order_id), "refund-items", form)
    return perform(order_id, "refund-items", form, lambda: _refund(order_id, form.lines, form))


@blueprint.post(f"/orders/{ID}/refunds/all")
@requires("orders.change")
def order_refund_all(order_id: int) -> AnyResponse:
    """Refund all the money that is left."""
    form = RefundForm()
    return perform(order_id, "refund-all", form, lambda: _refund(order_id, None, form))


def _outcome(changed: bool, done: str, unchanged: str) -> str:
    return done if changed else unchanged


def _refund(order_id: int, part: RefundPart, form: RefundForm) -> str:
    """Refund a part, and return a sentence with the amount."""
    order = refund_order(
        order_id,
        part,
        form.reason.data,
        signed_in().member.actor,
        reference=form.reference.data or None,
        request_key=form.request_key.data,
        is_sent=form.sent.data or bool(form.reference.data),
        restock=form.restock.data and not isinstance(part, int),
    )
    amount, pieces = (order.refunds[-1].amount_cents, order.refunds[-1].restocked_quantity) if order.refunds else (0, 0)
    said = str(_("%(amount)s refunded.", amount=format_price(amount, order.currency)))
    if not pieces:
        return said
    return f"{said} " + ngettext("%(num)s item is back in stock.", "%(num)s items are back in stock.", pieces)


def perform(order_id: int, step: str, form: FlaskForm, action: Callable[[], str]) -> AnyResponse:
    """Validate the form, run the action, and show the order; an error is shown at its field or above the page."""
    started = clock.now()
    if form.validate():
        try:
            return _after(order_id, action(), started)
        except InvalidInput as refusal:
            _add_errors(form, refusal)
        except Conflict as refusal:
            return _show(get_order_page(order_id), "", None, status=409, refusal=translate(refusal.message))
    return _show(get_order_page(order_id), step, form, status=422)


def _show(page: OrderPage, step: str, form: FlaskForm | None, *, status: int = 200, **more: Any) -> Response:
    context = page_context(page, step, form) | more
    return render_page_or_fragment("staff/orders/show.html", "staff/orders/_order.html", status=status, **context)


def _after(order_id: int, said: str, started: datetime) -> AnyResponse:
    """Send htmx the order and the toast as fragments; redirect a browser without scripts to the page."""
    page = get_order_page(order_id)
    toast = toast_for(said, page, started)
    if not wants_fragment():
        flash(toast)
        return redirect(url_for("staff.order_show", order_id=order_id), 303)
    return make_response(render_template("staff/orders/_done.html", toast=toast, **page_context(page, "", None)))


def _add_errors(form: FlaskForm, refusal: InvalidInput) -> None:
    for error in refusal.errors:
        message = sentence_case(error.message)
        if isinstance(form, ItemsRefundForm) and error.field.startswith("items"):
            number = re.match(r"items\[(\d+)\]", error.field)
            form.wrong[form.lines[int(number[1])].order_item_id if number else 0] = message
            continue
        field = form[error.field] if error.field in form else next(iter(form))
        field.errors = [*field.errors, message]
