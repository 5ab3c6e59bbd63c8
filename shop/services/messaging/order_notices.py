"""Messages sent once an order is paid and once it earned points, if the shop wants them."""

from typing import Any

from shop.domain.loyalty.points import discount_for_points
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.domain.text.cleaning import greeting_name
from shop.services.errors import NotFound
from shop.services.loyalty.ledger import find_balance
from shop.services.messaging.mails.mail_language import MailContent, MailContext
from shop.services.orders.repository import OrderRecord, get_order
from shop.services.payments.order_status import status_link


def compose_paid(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return the message that a payment was received; None if it was taken back, or the customer deleted."""
    order = _find_order(payload)
    if order is None or order.customer is None or order.payment_status != PaymentStatus.PAID:
        return None
    subject = mail.gettext("Payment received for order %(order)s", order=order.order_number)
    return _about(order, order.customer.first_name, subject, mail)


def compose_receipt(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return the receipt that was asked for at the till; None if the sale was undone, or the customer deleted."""
    order = _find_order(payload)
    if order is None or order.customer is None or order.status == OrderStatus.CANCELLED:
        return None
    subject = mail.gettext("Your receipt from %(shop)s", shop=mail.shop_name)
    return _about(order, order.customer.first_name, subject, mail)


def _about(order: OrderRecord, first_name: str, subject: str, mail: MailContext) -> MailContent:
    points = mail.points(order.points_earned) if order.points_earned else ""
    values = {"name": greeting_name(first_name), "order": order, "points": points, "status_link": status_link(order.id)}
    return MailContent(subject, values)


def compose_earned(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return the message about points and the balance of now; None if they were taken back, or without a customer."""
    order = _find_order(payload)
    if order is None or order.customer is None:
        return None
    points, rules = order.points_earned - order.points_taken_back, mail.settings.rules
    if points <= 0 or not rules.enabled:
        return None
    balance = find_balance(order.customer.id)
    return MailContent(
        mail.ngettext(
            "%(grouped)s point added at %(shop)s", "%(grouped)s points added at %(shop)s", points, shop=mail.shop_name
        ),
        {
            "name": greeting_name(order.customer.first_name),
            "points": points,
            "balance": mail.points(balance),
            "worth_cents": discount_for_points(balance, rules),
            "currency": mail.settings.currency,
            "order_number": order.order_number,
        },
    )


def _find_order(payload: dict[str, Any]) -> OrderRecord | None:
    try:
        return get_order(payload["order_id"])
    except NotFound:
        return None
