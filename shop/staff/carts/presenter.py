"""Abandoned carts in the words of the pages."""

from typing import Any, Final

from flask_babel import lazy_gettext

from shop.domain.statuses import CartState
from shop.services.messaging.cart_reminders import Hindrance, LeftCart

STATES: Final[dict[str, Any]] = {
    CartState.OPEN: lazy_gettext("No reminder yet"),
    CartState.REMINDED: lazy_gettext("Reminder sent"),
    CartState.ORDERED: lazy_gettext("Ordered since"),
    CartState.STOPPED: lazy_gettext("Stopped"),
}
BADGES: Final = {CartState.OPEN: "", CartState.REMINDED: "adjusted", CartState.ORDERED: "paid", CartState.STOPPED: ""}
HINDRANCES: Final[dict[str, Any]] = {
    Hindrance.ORDERED: lazy_gettext("The customer has ordered since. There is nothing to remind them of."),
    Hindrance.STOPPED: lazy_gettext("The reminder of this cart is stopped."),
    Hindrance.REMINDED: lazy_gettext("A cart gets one reminder."),
    Hindrance.NOT_FOR_SALE: lazy_gettext("None of the products in this cart is for sale now."),
    Hindrance.NO_EMAIL: lazy_gettext("The customer left no address that a reminder can be sent to."),
    Hindrance.NO_CONSENT: lazy_gettext(
        "The customer has not agreed to reminders, so none can be sent. You can record their consent on the "
        "customer’s page."
    ),
}


def pieces(left: LeftCart) -> int:
    """Return how many pieces are in a cart."""
    return sum(item.quantity for item in left.items)
