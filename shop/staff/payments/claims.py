"""Claim a received payment for an order or a customer, undo a claim, mark the money as sent back."""

from flask import current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from shop.domain.ids import find_id
from shop.domain.payments.received import TO_DECIDE, ReceivedState
from shop.domain.payments.requests import OPEN_STATES, RequestState
from shop.queries.payments.received import get_payment_row
from shop.queries.payments.suggestions import find_orders, list_suggested_orders
from shop.queries.till.members import find_members
from shop.services.errors import ShopError
from shop.services.orders.fulfilment.undo import may_undo
from shop.services.payment_matching.claims import claim_for_customer, claim_for_order, mark_returned, undo_claim
from shop.services.payments.config import PaymentConfig
from shop.services.provider_requests.reversals import find_reversal, may_reverse, reverse_payment
from shop.services.provider_requests.sending import can_request
from shop.services.provider_requests.status import ask_now
from shop.staff import blueprint
from shop.staff.payments import presenter
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case, translate
from shop.web.pages.formats import price
from shop.web.pages.forms import search_text
from shop.web.pages.htmx import redirect_with_message

PAYMENT = "/payments/<id:payment_id>"
LONGEST = 200


@blueprint.get(PAYMENT)
@requires("orders.pay")
@shows_personal_data("list:payments")
def received_payment_show(payment_id: int) -> str:
    """Show a payment and what may be done with it; ``?q=`` finds orders and customers to claim it for."""
    return _page(payment_id)


def _page(payment_id: int, problem: str = "") -> str:
    row = get_payment_row(payment_id)
    waits = row.payment.state in TO_DECIDE
    typed = search_text(request.args.get("q"))
    reversal = find_reversal(payment_id)
    return render_template(
        "staff/payments/show.html",
        row=row,
        waits=waits,
        undo=row.payment.state == ReceivedState.MATCHED and may_undo(row.payment.handled_at),
        suggested=list_suggested_orders(row.payment) if waits else [],
        typed=typed,
        orders=find_orders(typed) if waits and typed else [],
        members=find_members(typed).members if waits and typed else [],
        problem=problem,
        say=presenter,
        reversal=reversal,
        can_send=waits and can_request(PaymentConfig.of(current_app.config)),
        may_reverse=may_reverse(reversal),
        is_returning=reversal is not None and reversal.state in OPEN_STATES,
        price=price,
        form=FlaskForm(),
    )


@blueprint.post(f"{PAYMENT}/claim")
@requires("orders.pay")
def received_payment_claim(payment_id: int) -> Response | tuple[str, int]:
    """Claim the payment for ``order_id`` or ``customer_id``."""
    order_id, customer_id = (request.form.get(name, type=find_id) for name in ("order_id", "customer_id"))
    actor = signed_in().member.actor
    if order_id is None and customer_id is None:
        return _page(payment_id, _("Choose an order or a customer.")), 422
    try:
        if order_id is not None:
            claim_for_order(payment_id, order_id, actor)
        else:
            claim_for_customer(payment_id, customer_id or 0, actor)
    except ShopError as refused:
        return _page(payment_id, sentence_case(translate(refused.message))), 422
    return redirect_with_message(url_for("staff.received_payment_show", payment_id=payment_id), _("Claimed."))


@blueprint.post(f"{PAYMENT}/undo")
@requires("orders.pay")
def received_payment_undo(payment_id: int) -> Response | tuple[str, int]:
    """Undo a claim within ten minutes."""
    try:
        undo_claim(payment_id, signed_in().member.actor)
    except ShopError as refused:
        return _page(payment_id, sentence_case(translate(refused.message))), 422
    return redirect_with_message(url_for("staff.received_payment_show", payment_id=payment_id), _("Claim undone."))


@blueprint.post(f"{PAYMENT}/reverse")
@requires("orders.change")
def received_payment_reverse(payment_id: int) -> Response | tuple[str, int]:
    """Ask M-Pesa to send the money back; the result comes later."""
    try:
        made = reverse_payment(payment_id, signed_in().member.actor, PaymentConfig.of(current_app.config))
    except ShopError as refused:
        return _page(payment_id, sentence_case(translate(refused.message))), 422
    if made.state == RequestState.FAILED:
        return _page(payment_id, _("M-Pesa refused: %(why)s. No money was sent.", why=made.message.rstrip("."))), 422
    address = url_for("staff.received_payment_show", payment_id=payment_id)
    return redirect_with_message(address, _("M-Pesa was asked to send the money back. The result comes later."))


@blueprint.post(f"{PAYMENT}/reverse/ask")
@requires("orders.change")
def received_payment_reverse_ask(payment_id: int) -> Response | tuple[str, int]:
    """Ask M-Pesa what became of the open request to send the money back."""
    try:
        ask_now(find_reversal(payment_id), signed_in().member.actor, PaymentConfig.of(current_app.config))
    except ShopError as refused:
        return _page(payment_id, sentence_case(translate(refused.message))), 422
    address = url_for("staff.received_payment_show", payment_id=payment_id)
    return redirect_with_message(address, _("M-Pesa was asked. Its answer appears here in a minute."))


@blueprint.post(f"{PAYMENT}/returned")
@requires("orders.change")
def received_payment_returned(payment_id: int) -> Response | tuple[str, int]:
    """Mark the money as sent back, with the reference of the transfer."""
    reference = request.form.get("reference", "").replace("\0", "")[: LONGEST + 1]
    try:
        mark_returned(payment_id, reference, signed_in().member.actor)
    except ShopError as refused:
        return _page(payment_id, sentence_case(translate(refused.message))), 422
    return redirect_with_message(
        url_for("staff.received_payment_show", payment_id=payment_id), _("Marked as sent back.")
    )
