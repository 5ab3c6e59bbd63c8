"""Orders: the list, one order, and the steps that change it."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.formats import format_price
from shop.domain.permissions import allows
from shop.queries.orders.effects import PartRefund, preview_refund
from shop.queries.orders.export import COLUMNS, export_orders
from shop.queries.orders.list import OrderRows, browse_orders, record_export
from shop.queries.orders.page import OrderPage, get_order_page
from shop.services import clock
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.lifecycle import CANCEL_REASONS, cancel_order, complete_order, mark_paid
from shop.services.orders.refunds import RefundLine, RefundPart, refund_order
from shop.services.orders.repository import get_order
from shop.staff import blueprint
from shop.staff.confirmation import requires_recent_password
from shop.staff.exports import refuse_errors, send_export
from shop.staff.orders.forms import (
    CancelForm,
    ItemsRefundForm,
    PartRefundForm,
    PayForm,
    RefundForm,
    read_filters,
    read_lines,
)
from shop.staff.orders.presenter import deed_words, names_of, shortfall_words, steps_of
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case
from shop.web.pages.forms import read_cents
from shop.web.pages.htmx import render_page_or_fragment, wants_fragment
from shop.web.pages.view_options import reads_replica

ID = "<id:order_id>"
DAYS = (("first", "from"), ("last", "to"))
FORMS: dict[str, type[FlaskForm]] = {
    "paid": PayForm,
    "refund-items": ItemsRefundForm,
    "refund": PartRefundForm,
    "refund-all": RefundForm,
    "cancel": CancelForm,
}


@blueprint.get("/orders")
@reads_replica
def order_list() -> Response:
    """The shop's orders, the newest sold first; filters and place in the list are in the address."""
    filters, kept, errors = read_filters()
    place = {name: request.args[name] for name in ("after", "before") if request.args.get(name)}
    found = OrderRows.none() if errors else browse_orders(filters, **place)
    fragment = "_found.html" if request.headers.get("HX-Target") == "div#found" else "_list.html"
    opened = {"filters": "1"} if "filters" in request.args else {}
    page = render_page_or_fragment(
        "staff/orders/index.html",
        f"staff/orders/{fragment}",
        status=422 if errors else 200,
        found=found,
        filters=filters,
        kept=kept,
        errors=errors,
        panel=bool(opened or errors),
        days={word: date.fromisoformat(kept[name]) for word, name in DAYS if name in kept and name not in errors},
    )
    if wants_fragment():
        values: dict[str, Any] = kept | place | opened
        page.headers["HX-Push-Url"] = url_for("staff.order_list", **values)
    return page


@blueprint.get("/orders.csv")
@requires("lists.export")
@requires_recent_password
def order_export() -> Response:
    """Export all orders that match as CSV; the export is recorded."""
    filters, _kept, errors = read_filters()
    refuse_errors(errors)
    record_export(signed_in().member.actor)
    return send_export("orders", COLUMNS, lambda context: export_orders(filters, context))


@blueprint.get(f"/orders/{ID}")
def order_show(order_id: int) -> Response:
    """One order; ``?step=`` opens the form of a step."""
    step = request.args.get("step", "")
    page = get_order_page(order_id)
    form = FORMS[step]() if step in FORMS and allows(signed_in().member.role, "orders.change") else None
    part = "_steps.html" if request.headers.get("HX-Target") == "section#steps" else "_order.html"
    context = _context(page, step if form else "", form)
    return render_page_or_fragment("staff/orders/show.html", f"staff/orders/{part}", **context)


@blueprint.get(f"/orders/{ID}/refund-sum")
@requires("orders.change")
def order_refund_preview(order_id: int) -> Response:
    """What a refund of ``?amount=`` or ``?item-<id>=`` would take back, worked out; asked while it is typed."""
    order = get_order(order_id)
    lines, typed = read_lines(request.args)
    part, wrong = _work_out(order_id, request.args.get("amount"), lines)
    context = {
        "order": order,
        "part": part,
        "wrong": wrong,
        "shortfall_words": shortfall_words,
        "by_items": bool(typed),
    }
    return make_response(render_template("staff/orders/_refund_answer.html", **context))


@blueprint.post(f"/orders/{ID}/paid")
@requires("orders.change")
def order_pay(order_id: int) -> AnyResponse:
    """Mark an order paid."""
    form = PayForm()

    def pay() -> str:
        changed = mark_paid(order_id, form.reference.data, signed_in().member.actor)
        return str(_("Marked paid.") if changed else _("Already paid; nothing changed."))

    return _do(order_id, "paid", form, pay)


@blueprint.post(f"/orders/{ID}/completed")
@requires("orders.change")
def order_complete(order_id: int) -> AnyResponse:
    """Complete an order."""

    def complete() -> str:
        changed = complete_order(order_id, signed_in().member.actor)
        return str(_("Marked done.") if changed else _("Already done; nothing changed."))

    return _do(order_id, "", FlaskForm(), complete)


@blueprint.post(f"/orders/{ID}/cancelled")
@requires("orders.change")
def order_cancel(order_id: int) -> AnyResponse:
    """Cancel an order, with a reason."""
    form = CancelForm()

    def cancel() -> str:
        changed = cancel_order(order_id, form.reason.data, signed_in().member.actor)
        return str(_("Cancelled.") if changed else _("Already cancelled; nothing changed."))

    return _do(order_id, "cancel", form, cancel)


@blueprint.post(f"/orders/{ID}/refunds")
@requires("orders.change")
def order_refund(order_id: int) -> AnyResponse:
    """Refund a part; without scripts the first button only works it out."""
    form = PartRefundForm()
    if "look" in request.form:
        return _show(get_order_page(order_id), "refund", form)
    return _do(order_id, "refund", form, lambda: _refund(order_id, form.cents, form))


@blueprint.post(f"/orders/{ID}/refunds/items")
@requires("orders.change")
def order_refund_items(order_id: int) -> AnyResponse:
    """Refund pieces of the order's lines; without scripts the first button only works it out."""
    form = ItemsRefundForm()
    if "look" in request.form:
        return _show(get_order_page(order_id), "refund-items", form)
    return _do(order_id, "refund-items", form, lambda: _refund(order_id, form.lines, form))


@blueprint.post(f"/orders/{ID}/refunds/all")
@requires("orders.change")
def order_refund_all(order_id: int) -> AnyResponse:
    """Refund all the money that is left."""
    form = RefundForm()
    return _do(order_id, "refund-all", form, lambda: _refund(order_id, None, form))


def _refund(order_id: int, part: RefundPart, form: RefundForm) -> str:
    """Refund a part, and return a sentence that says how much it was."""
    order = refund_order(
        order_id,
        part,
        form.reason.data,
        signed_in().member.actor,
        reference=form.reference.data or None,
        request_key=form.request_key.data,
    )
    amount = order.refunds[-1].amount_cents if order.refunds else 0
    return str(_("%(amount)s refunded.", amount=format_price(amount, order.currency)))


def _do(order_id: int, step: str, form: FlaskForm, deed: Callable[[], str]) -> AnyResponse:
    """Check the form, do the deed, and show the order as it is then; a refusal stands beside its field or on top."""
    started = clock.now()
    if form.validate():
        try:
            return _after(order_id, deed(), started)
        except InvalidInput as refusal:
            _put(form, refusal)
        except Conflict as refusal:
            return _show(get_order_page(order_id), "", None, status=409, refusal=refusal.message)
    return _show(get_order_page(order_id), step, form, status=422)


def _show(page: OrderPage, step: str, form: FlaskForm | None, *, status: int = 200, **more: Any) -> Response:
    context = _context(page, step, form) | more
    return render_page_or_fragment("staff/orders/show.html", "staff/orders/_order.html", status=status, **context)


def _after(order_id: int, said: str, started: datetime) -> AnyResponse:
    """htmx gets the order and the toast in their places, a browser without scripts goes to the page."""
    page = get_order_page(order_id)
    toast = deed_words(said, page, started)
    if not wants_fragment():
        flash(toast)
        return redirect(url_for("staff.order_show", order_id=order_id), 303)
    return make_response(render_template("staff/orders/_done.html", toast=toast, **_context(page, "", None)))


def _put(form: FlaskForm, refusal: InvalidInput) -> None:
    for error in refusal.errors:
        message = sentence_case(error.message)
        if isinstance(form, ItemsRefundForm) and error.field.startswith("items"):
            number = re.match(r"items\[(\d+)\]", error.field)
            form.wrong[form.lines[int(number[1])].order_item_id if number else 0] = message
            continue
        field = form[error.field] if error.field in form else next(iter(form))
        field.errors = [*field.errors, message]


def _work_out(order_id: int, typed: str | None, lines: Sequence[RefundLine]) -> tuple[PartRefund | None, str]:
    """The refund of an amount as typed, or of pieces, worked out; else what is wrong, or nothing for nothing typed."""
    cents = read_cents(typed)
    if not lines and not (typed or "").strip():
        return None, ""
    if not lines and cents is None:
        return None, _("Enter an amount, e.g. 245.00")
    try:
        return preview_refund(get_order(order_id), lines or cents), ""
    except InvalidInput as refusal:
        return None, sentence_case(refusal.errors[0].message)


def _context(page: OrderPage, step: str, form: FlaskForm | None) -> dict[str, Any]:
    part, wrong = None, ""
    if isinstance(form, PartRefundForm):
        part, wrong = _work_out(page.order.id, form.amount.data, ())
    elif isinstance(form, ItemsRefundForm):
        part, wrong = _work_out(page.order.id, None, form.lines)
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
        "name": name,
        "short_name": short_name,
        "cancel_reasons": CANCEL_REASONS,
        "shortfall_words": shortfall_words,
    }
