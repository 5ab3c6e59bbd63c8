"""Orders: delivery, notes, undo, and sending refunds."""

from collections.abc import Callable

from flask import current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.payments.requests import RequestState
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput
from shop.services.orders.fulfilment.delivery import send_out
from shop.services.orders.fulfilment.notes import add_order_note
from shop.services.orders.fulfilment.refund_money import list_refunds_to_send, mark_refund_sent
from shop.services.orders.fulfilment.undo import undo_done, undo_paid
from shop.services.payments.config import PaymentConfig
from shop.services.provider_requests.payouts import ask_about_refund, send_refund
from shop.staff import blueprint
from shop.staff.orders.actions import perform
from shop.staff.orders.forms import OrderNoteForm, PayoutForm, SendOutForm, SentForm
from shop.staff.orders.views import ID
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case, translate
from shop.web.pages.htmx import redirect_with_message

REFUND = "<id:refund_id>"


@blueprint.post(f"/orders/{ID}/out")
@requires("orders.fulfil")
def order_send_out(order_id: int) -> AnyResponse:
    """Record that a rider has the goods."""
    form, actor = SendOutForm(), signed_in().member.actor

    def send() -> str:
        is_new = send_out(order_id, form.rider_name.data, form.rider_phone.data, actor)
        return str(_("Out for delivery.") if is_new else _("Rider saved."))

    return perform(order_id, "out", form, send)


@blueprint.post(f"/orders/{ID}/paid/undo")
@requires("orders.pay")
def order_undo_paid(order_id: int) -> AnyResponse:
    """Mark an order unpaid that was marked paid by mistake."""
    return perform(order_id, "", FlaskForm(), lambda: _undo(undo_paid, order_id))


@blueprint.post(f"/orders/{ID}/completed/undo")
@requires("orders.fulfil")
def order_undo_done(order_id: int) -> AnyResponse:
    """Reopen an order that was marked done by mistake."""
    return perform(order_id, "", FlaskForm(), lambda: _undo(undo_done, order_id))


def _undo(undo: Callable[[int, Actor], None], order_id: int) -> str:
    undo(order_id, signed_in().member.actor)
    return str(_("Undone."))


@blueprint.post(f"/orders/{ID}/notes")
@requires("notes.write")
def order_note_add(order_id: int) -> AnyResponse:
    """Add a note, mailed to the customer if it is for them."""
    form, actor = OrderNoteForm(), signed_in().member.actor

    def add() -> str:
        mailed = add_order_note(order_id, form.content.data, actor, is_shared=form.is_shared.data)
        if mailed:
            return str(_("Note added and sent to the customer."))
        return str(_("Note added. The customer has no e-mail.") if form.is_shared.data else _("Note added."))

    return perform(order_id, "note", form, add)


@blueprint.get("/orders/refunds")
@shows_personal_data("list:orders")
def order_refund_list() -> str:
    """List the refunds to be sent."""
    return render_template("staff/orders/refunds.html", found=list_refunds_to_send())


@blueprint.post(f"/orders/{ID}/refunds/{REFUND}/sent")
@requires("orders.pay")
def order_refund_sent(order_id: int, refund_id: int) -> AnyResponse:
    """Record that the money of a refund was sent."""
    form, actor = SentForm(), signed_in().member.actor

    def mark() -> str:
        changed = mark_refund_sent(order_id, refund_id, form.reference.data, actor)
        return str(_("Marked sent.") if changed else _("Already marked sent."))

    if "list" in request.form and form.validate():
        return redirect_with_message(url_for("staff.order_refund_list"), mark())
    return perform(order_id, "", form, mark)


@blueprint.post(f"/orders/{ID}/refunds/{REFUND}/payout")
@requires("orders.change")
def order_refund_payout(order_id: int, refund_id: int) -> AnyResponse:
    """Ask M-Pesa to send the money of a refund to a phone."""
    form, actor = PayoutForm(), signed_in().member.actor

    def send() -> str:
        try:
            made = send_refund(order_id, refund_id, form.phone.data, actor, PaymentConfig.of(current_app.config))
        except InvalidInput as refused:  # the form is part of the page: what is wrong is said above it
            why = refused.errors[0].message if refused.errors else refused.message
            raise Conflict(sentence_case(why) if refused.errors else translate(why)) from None
        if made.state == RequestState.FAILED:
            raise Conflict("M-Pesa refused: %(why)s. No money was sent.", why=made.message.rstrip("."))
        if made.state == RequestState.REQUESTED:
            return str(_("It is not known yet whether M-Pesa sends the money. Tuza asks until it is."))
        return str(_("M-Pesa is sending the money. The result comes later."))

    return perform(order_id, "", form, send)


@blueprint.post(f"/orders/{ID}/refunds/{REFUND}/payout/ask")
@requires("orders.change")
def order_refund_payout_ask(order_id: int, refund_id: int) -> AnyResponse:
    """Ask M-Pesa what became of the open request to send a refund's money."""

    def ask() -> str:
        try:
            ask_about_refund(order_id, refund_id, signed_in().member.actor, PaymentConfig.of(current_app.config))
        except InvalidInput as refused:
            raise Conflict(translate(refused.message)) from None
        return str(_("M-Pesa was asked. Its answer appears here in a minute."))

    return perform(order_id, "", FlaskForm(), ask)
