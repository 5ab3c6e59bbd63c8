"""Messages about a refund: that an order was refunded, and that money which was still to come was sent."""

import re
from typing import Any, Final

from sqlalchemy import select

from shop.db.session import db
from shop.domain.formats import group_digits
from shop.domain.text.cleaning import greeting_name, one_line
from shop.models import OrderRefund, ProviderRequest
from shop.services.customers.records import Person
from shop.services.errors import NotFound
from shop.services.loyalty.ledger import find_balance
from shop.services.messaging.mails.mail_language import MailContent, MailContext
from shop.services.orders.refunds import refunded_pieces
from shop.services.orders.repository import OrderRecord, get_order
from shop.services.payments.order_status import status_link

CASH: Final = "cash"
MPESA: Final = ("mpesa", "m-pesa")
MPESA_RECEIPT: Final = re.compile(r"[A-Z][A-Z0-9]{9}", re.ASCII)
"""The form of M-Pesa's receipts; a bank's reference on a refund of an order paid by M-Pesa is none."""
Found = tuple[OrderRecord, Person, OrderRefund]


def compose_refunded(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return the message about a refund; None if the order or its customer was deleted."""
    found = _find_refund(payload)
    if found is None:
        return None
    order, customer, refund = found
    subject = mail.gettext("Refund for your order %(order)s", order=order.order_number)
    moved = _points(refund, mail)
    balance = mail.points(find_balance(customer.id)) if moved and mail.settings.rules.enabled else ""
    is_whole = refund.amount_cents == order.total_cents
    values = {"is_whole": is_whole, "pieces": _pieces(order, refund), "moved": moved}
    return MailContent(subject, _values(found, mail) | values | {"balance": balance})


def compose_refund_sent(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return the message that a refund's money was sent; None as for `compose_refunded`."""
    found = _find_refund(payload)
    if found is None:
        return None
    order = found[0]
    subject = mail.gettext("The money for your order %(order)s was sent", order=order.order_number)
    return MailContent(subject, _values(found, mail))


def _values(found: Found, mail: MailContext) -> dict[str, Any]:
    order, customer, refund = found
    return {
        "order": order,
        "name": greeting_name(customer.first_name),
        "refunded_cents": refund.amount_cents,
        "money": _money(order, refund, mail),
        "status_link": status_link(order.id),
    }


def _find_refund(payload: dict[str, Any]) -> Found | None:
    try:
        order = get_order(payload["order_id"])
    except NotFound:
        return None
    found = next((refund for refund in order.refunds if refund.id == payload["refund_id"]), None)
    return None if found is None or order.customer is None else (order, order.customer, found)


def _pieces(order: OrderRecord, refund: OrderRefund) -> list[tuple[str, int]]:
    """Return name and quantity of the items that a refund took back."""
    names = {item.id: one_line(item.name) for item in order.items}
    return [(names[line_id], number) for line_id, number in refunded_pieces(order, refund).items()]


def _money(order: OrderRecord, refund: OrderRefund, mail: MailContext) -> str:
    """Return whether the money was sent, and how, as far as it is known."""
    reference = one_line(refund.reference or "")
    if refund.sent_at is None:
        return mail.gettext("The shop will send you the money.")
    if _was_paid_out(refund) or (_was_paid_by_mpesa(order) and MPESA_RECEIPT.fullmatch(reference)):
        return mail.gettext("The money was sent by M-Pesa, receipt %(reference)s.", reference=reference)
    if reference:
        return mail.gettext("The shop has sent the money, reference %(reference)s.", reference=reference)
    if CASH in (order.payment_method_code, (order.payment_method or "").casefold()):
        return mail.gettext("The shop has given you the money in cash.")
    return mail.gettext("The shop has sent the money.")


def _was_paid_by_mpesa(order: OrderRecord) -> bool:
    """Return whether the order's stored payment method is M-Pesa, by its code or name."""
    return any(
        (stored or "").casefold().startswith(MPESA) for stored in (order.payment_method_code, order.payment_method)
    )


def _was_paid_out(refund: OrderRefund) -> bool:
    """Return whether M-Pesa sent the money and its receipt is the refund's reference."""
    row = ProviderRequest
    sent = select(row.id).where(row.refund_id == refund.id, row.receipt == refund.reference)
    return db.session.scalars(sent.limit(1)).first() is not None


def _points(refund: OrderRefund, mail: MailContext) -> list[str]:
    """Return what happened to points, a sentence each: restored ones, and earned ones that the balance could cover."""
    taken = refund.points_taken_back - (refund.points_short or 0)
    moved = [
        (refund.points_given_back, mail.gettext("Points restored: %(points)s.")),
        (taken, mail.gettext("Points taken back: %(points)s.")),
    ]
    return [sentence % {"points": group_digits(points)} for points, sentence in moved if points > 0]
