"""Received payments in the words of the pages."""

from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.domain.customers.contact import readable_phone
from shop.domain.payments.received import TO_DECIDE, MatchedBy, ReceivedState
from shop.queries.payments.received import PaymentRow

STATES: Final[dict[str, Any]] = {
    ReceivedState.RECEIVED: lazy_gettext("Received"),
    ReceivedState.UNMATCHED: lazy_gettext("To claim"),
    ReceivedState.MATCHED: lazy_gettext("Matched"),
    ReceivedState.SHORT: lazy_gettext("Too little"),
    ReceivedState.OVER: lazy_gettext("Too much"),
    ReceivedState.TWICE: lazy_gettext("Paid twice"),
    ReceivedState.LATE: lazy_gettext("Order ended"),
    ReceivedState.RETURNED: lazy_gettext("Sent back"),
}
BADGES: Final = {
    ReceivedState.UNMATCHED: "earned",
    ReceivedState.MATCHED: "paid",
    ReceivedState.SHORT: "taken",
    ReceivedState.OVER: "taken",
    ReceivedState.TWICE: "taken",
    ReceivedState.LATE: "taken",
}
MATCHED: Final[dict[str, Any]] = {
    MatchedBy.ORDER_NUMBER: lazy_gettext("by order number"),
    MatchedBy.PHONE: lazy_gettext("by phone"),
    MatchedBy.PAYER: lazy_gettext("by known payer"),
    MatchedBy.REFERENCE: lazy_gettext("by receipt"),
    MatchedBy.PROMPT: lazy_gettext("by prompt"),
    MatchedBy.STAFF: lazy_gettext("claimed by staff"),
    MatchedBy.CUSTOMER: lazy_gettext("claimed by the customer"),
}
VIEWS: Final = (
    "",
    "wait",
    ReceivedState.TWICE,
    ReceivedState.SHORT,
    ReceivedState.OVER,
    ReceivedState.LATE,
    ReceivedState.MATCHED,
    ReceivedState.RETURNED,
)


def waits(row: PaymentRow) -> bool:
    """Return whether a payment waits for a person."""
    return row.payment.state in TO_DECIDE


def payer(row: PaymentRow) -> str:
    """Return who paid: the name that M-Pesa sent, else the customer's, else what is known."""
    payment = row.payment
    name = payment.payer_name or row.customer_name
    if name:
        return name
    if payment.payer_id:
        return _("Payer %(start)s…%(end)s", start=payment.payer_id[:4], end=payment.payer_id[-4:])
    return _("Unknown payer")


def phone(row: PaymentRow) -> str:
    """Return the payer's phone; masked unless the payment is a customer's."""
    number = row.payment.phone
    if not number:
        return _("payer known") if row.payment.payer_id and row.customer_id else _("no phone sent")
    readable = readable_phone(number, "KE")
    return readable if row.customer_id else f"{readable[:4]} ••• {readable[-3:]}"


def view_name(state: str) -> str:
    """Return the label of a view."""
    return str({"": _("All"), "wait": _("To claim")}.get(state) or STATES[state])
