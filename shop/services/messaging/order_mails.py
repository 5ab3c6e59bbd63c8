"""What mails about orders are filled with, besides the order itself."""

from typing import Any

from shop.domain.text.cleaning import greeting_name, one_line
from shop.services.app_config import app_config
from shop.services.errors import NotFound
from shop.services.messaging.mail_language import MailContext
from shop.services.orders.repository import OrderRecord, get_order
from shop.services.payments.config import PaymentConfig
from shop.services.payments.order_status import list_instructions, status_link


def payment_words(order: OrderRecord, mail: MailContext) -> dict[str, Any]:
    """Return what every mail about an order says of paying it: the ways, and the link to its page."""
    ways = list_instructions(order, PaymentConfig.of(app_config()))
    return {
        "pay_ways": [(one_line(way.name), way.message.translated(mail.gettext)) for way in ways],
        "pay_note": mail.settings.values["payment_instructions"] if ways else "",
        "status_link": status_link(order.id),
    }


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
    return subject, {
        "order": order,
        "name": greeting_name(order.customer.first_name),
        "note": note.content,
        **payment_words(order, mail),
    }
