"""The audit log in words: what was done, to what, and the values before and after."""

from collections.abc import Mapping
from typing import Any, Final

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.staff.formats import signed
from shop.staff.loyalty_settings.fields import FIELDS, label_of
from shop.staff.permissions import WORDS as ROLE_WORDS

DEEDS: Final = {
    "setting.changed": lazy_gettext("Setting changed"),
    "setting.payment": lazy_gettext("Way to pay changed"),
    "setting.mail_tried": lazy_gettext("Trial mail sent"),
    "staff.invited": lazy_gettext("Invited to the staff"),
    "staff.invitation_withdrawn": lazy_gettext("Invitation withdrawn"),
    "staff.joined": lazy_gettext("Joined the staff"),
    "staff.role": lazy_gettext("Role changed"),
    "staff.removed": lazy_gettext("Removed from the staff"),
    "api_key.created": lazy_gettext("API key made"),
    "api_key.changed": lazy_gettext("API key changed"),
    "api_key.regenerated": lazy_gettext("API key given a new secret"),
    "api_key.revoked": lazy_gettext("API key revoked"),
    "customer.changed": lazy_gettext("Details of a customer changed"),
    "customer.password": lazy_gettext("Password of a customer"),
    "customer.deleted": lazy_gettext("Customer deleted"),
    "customers.exported": lazy_gettext("Customers exported"),
    "points.adjusted": lazy_gettext("Points adjusted"),
    "points.exported": lazy_gettext("Ledger exported"),
    "order.status": lazy_gettext("Status of an order"),
    "order.payment_status": lazy_gettext("Payment of an order"),
    "order.refunded": lazy_gettext("Refund of an order"),
    "order.payment_handled": lazy_gettext("Money dealt with"),
    "order.deleted": lazy_gettext("Order deleted"),
    "registration.sent": lazy_gettext("Registration sent"),
    "registration.approved": lazy_gettext("Registration approved"),
    "registration.rejected": lazy_gettext("Registration rejected"),
    "registration.pending": lazy_gettext("Registration waits again"),
}
VALUES: Final[dict[str, Any]] = {
    "pending": lazy_gettext("pending"),
    "processing": lazy_gettext("processing"),
    "completed": lazy_gettext("completed"),
    "cancelled": lazy_gettext("cancelled"),
    "paid": lazy_gettext("paid"),
    "failed": lazy_gettext("failed"),
    "refunded": lazy_gettext("refunded"),
    "true": lazy_gettext("on"),
    "false": lazy_gettext("off"),
    "approved": lazy_gettext("approved"),
    "rejected": lazy_gettext("rejected"),
    **{str(role): words for role, words in ROLE_WORDS.items()},
}
WORDED: Final = ("order.status", "order.payment_status", "staff.", "setting.", "registration.")


def deed(action: str) -> str:
    """``order.refunded`` → ``Refund of an order``; an action without words of its own is spelled out."""
    return str(DEEDS.get(action) or action.replace(".", ": ").replace("_", " ").capitalize())


def value(action: str, kept: str | None) -> str:
    """A value before or after, as the pages call it."""
    if kept is None:
        return ""
    if action == "points.adjusted" and kept.removeprefix("-").removeprefix("+").isdecimal():
        return signed(int(kept))
    return str(VALUES.get(kept, kept)) if action.startswith(WORDED) else kept


def place(action: str, subject: str, currency: str, names: Mapping[str, str]) -> tuple[str, str | None]:
    """What a line is about, and the page where it can be seen (None where there is none any more).

    ``names`` has the settings of the store's page by key, and order numbers by subject.
    """
    kind, _colon, number = subject.partition(":")
    if subject in FIELDS:
        return label_of(subject, currency), url_for("staff.loyalty_settings_show")
    if action.startswith("setting.") and subject in names:
        return str(names[subject]), url_for("staff.store_show", _anchor=subject)
    if number.isdecimal() and kind == "order" and subject in names:
        return names[subject], url_for("staff.order_show", order_id=int(number))
    if number.isdecimal() and kind == "registration":
        return _("Open the registration"), url_for("staff.registration_show", registration_id=int(number))
    if number.isdecimal() and kind == "customer" and action != "customer.deleted":
        return _("Open the customer"), url_for("staff.customer_show", customer_id=int(number))
    return (subject, None) if action in {"setting.changed", "setting.payment"} else ("", None)
