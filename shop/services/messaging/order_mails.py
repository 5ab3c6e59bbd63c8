"""What mails about orders are filled with, besides the order itself."""

from typing import Any

from shop.domain.text.cleaning import greeting_name
from shop.services.errors import NotFound
from shop.services.messaging.mail_language import MailContext
from shop.services.orders.repository import get_order


def note_words(payload: dict[str, Any], mail: MailContext) -> tuple[str, dict[str, Any]] | None:
    """Return subject and values of a note to the customer; None once the note or the customer's name is gone."""
    try:
        order = get_order(payload["order_id"])
    except NotFound:
        return None
    note = next((note for note in order.notes if note.id == payload["note_id"]), None)
    if note is None or order.customer is None:
        return None
    subject = mail.gettext("About your order %(order)s at %(shop)s", order=order.order_number, shop=mail.shop_name)
    return subject, {"order": order, "name": greeting_name(order.customer.first_name), "note": note.content}
