"""An order's page, and previews."""

from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, make_response, render_template, request
from flask_wtf import FlaskForm

from shop.queries.orders.effects import PartRefund, preview_refund
from shop.queries.orders.page import OrderPage, get_order_page
from shop.queries.orders.payouts import get_payouts
from shop.services.errors import InvalidInput
from shop.services.orders.lifecycle import CANCEL_REASONS
from shop.services.orders.refunds import RefundLine
from shop.services.orders.repository import get_order
from shop.services.orders.restocking import list_restockable
from shop.services.payments.config import PaymentConfig
from shop.staff import blueprint
from shop.staff.orders.forms import (
    CancelForm,
    ItemsRefundForm,
    OrderNoteForm,
    PartRefundForm,
    PayForm,
    RefundForm,
    SendOutForm,
    read_lines,
)
from shop.staff.orders.presenter import names_of, shortfall_words, steps_of
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case
from shop.web.pages.forms import amount_wanted, read_cents
from shop.web.pages.htmx import render_page_or_fragment

ID = "<id:order_id>"
FORMS: dict[str, type[FlaskForm]] = {
    "paid": PayForm,
    "refund-items": ItemsRefundForm,
    "refund": PartRefundForm,
    "refund-all": RefundForm,
    "cancel": CancelForm,
    "out": SendOutForm,
    "note": OrderNoteForm,
}
PERMISSION = {"paid": "orders.pay", "out": "orders.fulfil", "note": "notes.write"}
"""The permission of a step, if not ``orders.change``."""


@blueprint.get(f"/orders/{ID}")
@shows_personal_data("list:orders")
def order_show(order_id: int) -> Response:
    """Show an order; ``?step=`` opens the form of a step."""
    step = request.args.get("step", "")
    page = get_order_page(order_id)
    is_allowed = signed_in().member.may(PERMISSION.get(step, "orders.change"))
    form = _open_form(step, page) if step in FORMS and is_allowed else None
    part = "_steps.html" if request.headers.get("HX-Target") == "section#steps" else "_order.html"
    context = page_context(page, step if form else "", form)
    return render_page_or_fragment("staff/orders/show.html", f"staff/orders/{part}", **context)


def _open_form(step: str, page: OrderPage) -> FlaskForm:
    if step == "paid":
        return PayForm(page.order.payment_method)
    form = FORMS[step]()
    if step == "out":
        form.rider_name.data, form.rider_phone.data = page.order.rider_name, page.order.rider_phone
    return form


@blueprint.get(f"/orders/{ID}/refund-sum")
@requires("orders.change")
def order_refund_preview(order_id: int) -> Response:
    """Preview a refund of ``?amount=`` or ``?item-<id>=``, as it is typed."""
    order = get_order(order_id)
    lines, typed = read_lines(request.args)
    part, wrong = _preview(order_id, request.args.get("amount"), lines)
    context = {
        "order": order,
        "part": part,
        "wrong": wrong,
        "shortfall_words": shortfall_words,
        "by_items": bool(typed),
    }
    return make_response(render_template("staff/orders/_refund_answer.html", **context))


def _preview(order_id: int, typed: str | None, lines: Sequence[RefundLine]) -> tuple[PartRefund | None, str]:
    """Return the preview of a refund by amount or items, or an error sentence; neither if nothing was entered."""
    cents = read_cents(typed)
    if not lines and not (typed or "").strip():
        return None, ""
    if not lines and cents is None:
        return None, amount_wanted()
    try:
        return preview_refund(get_order(order_id), lines or cents), ""
    except InvalidInput as refusal:
        return None, sentence_case(refusal.errors[0].message)


def page_context(page: OrderPage, step: str, form: FlaskForm | None) -> dict[str, Any]:
    part, wrong = None, ""
    if isinstance(form, PartRefundForm):
        part, wrong = _preview(page.order.id, form.amount.data, ())
    elif isinstance(form, ItemsRefundForm):
        part, wrong = _preview(page.order.id, None, form.lines)
    returns_goods = isinstance(form, RefundForm) and not isinstance(form, PartRefundForm)
    name, short_name = names_of(page)
    return {
        "order_page": page,
        "order": page.order,
        "steps": steps_of(page),
        "step": step,
        "form": form,
        "part": part,
        "wrong": wrong,
        "by_items": isinstance(form, ItemsRefundForm),
        "restockable": list_restockable(page.order) if returns_goods else {},
        "name": name,
        "short_name": short_name,
        "cancel_reasons": CANCEL_REASONS,
        "payouts": get_payouts(page.order, page.refunds, PaymentConfig.of(current_app.config)),
        "shortfall_words": shortfall_words,
    }
