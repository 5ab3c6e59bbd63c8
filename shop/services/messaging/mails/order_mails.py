"""Mails about orders."""

from typing import Any

from shop.domain.formats import format_amount
from shop.domain.loyalty.points import LoyaltyRules, points_earned
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.domain.text.cleaning import greeting_name, one_line
from shop.domain.text.messages import N_
from shop.services.app_config import app_config
from shop.services.errors import NotFound
from shop.services.messaging.mails.mail_language import MailContent, MailContext
from shop.services.orders.repository import OrderRecord, get_order
from shop.services.payments.config import PaymentConfig
from shop.services.payments.order_status import list_instructions, status_link

EARNS = {
    "payment_paid": N_("This order earns %(points)s once it is paid."),
    "order_completed": N_("This order earns %(points)s once it is done."),
    "either": N_("This order earns %(points)s once it is paid or done."),
}

EARNED = N_("This order earned %(points)s.")


def payment_words(order: OrderRecord, mail: MailContext) -> dict[str, Any]:
    """Return what every mail about an order says about paying it: the methods, and the link to its page."""
    ways = list_instructions(order, PaymentConfig.of(app_config()))
    return {
        "pay_ways": [(one_line(way.name), way.message.translated(mail.gettext)) for way in ways],
        "pay_note": mail.settings.values["payment_instructions"] if ways else "",
        "status_link": status_link(order.id),
    }


def compose_note(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return the shop's note on an order for the customer; None if either was deleted."""
    try:
        order = get_order(payload["order_id"])
    except NotFound:
        return None
    note = next((note for note in order.notes if note.id == payload["note_id"]), None)
    if note is None or order.customer is None:
        return None
    subject = mail.gettext("About your order %(order)s at %(shop)s", order=order.order_number, shop=mail.shop_name)
    values = {"order": order, "name": greeting_name(order.customer.first_name), "note": note.content}
    return MailContent(subject, {**values, **payment_words(order, mail)})


def compose_order(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return the order confirmation; None if it was cancelled or its customer deleted."""
    try:
        order = get_order(payload["order_id"])
    except NotFound:
        return None
    if order.status == OrderStatus.CANCELLED or order.customer is None:
        return None
    rules = LoyaltyRules.from_json(order.loyalty_rules)
    points = order.points_earned or (points_earned(order.subtotal_cents, rules) if rules.enabled else 0)
    return MailContent(
        mail.gettext("Your order %(order)s at %(shop)s", order=order.order_number, shop=mail.shop_name),
        {
            "order": order,
            "name": greeting_name(order.customer.first_name),
            "sums": _sums(order, mail),
            "taxes": _included_taxes(order, mail),
            "points": mail.points(points) if points else "",
            "earns": EARNED if order.points_earned else EARNS[rules.award_trigger],
            **payment_words(order, mail),
        },
    )


def compose_unpaid(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return the notice of an order cancelled unpaid; None if it was reopened or paid, or its customer deleted."""
    try:
        order = get_order(payload["order_id"])
    except NotFound:
        return None
    if order.status != OrderStatus.CANCELLED or order.payment_status == PaymentStatus.PAID or order.customer is None:
        return None
    returned = order.points_returned
    return MailContent(
        mail.gettext("Your order %(order)s at %(shop)s was cancelled", order=order.order_number, shop=mail.shop_name),
        {
            "order": order,
            "name": greeting_name(order.customer.first_name),
            "points": returned,
            "storefront_url": mail.settings.values["storefront_url"],
        },
    )


def _sums(order: OrderRecord, mail: MailContext) -> list[tuple[str, int]]:
    """Return the lines between items and total: name and signed cents, without zeros."""
    other = order.discount_cents - order.coupon_discount_cents - order.points_discount_cents
    delivery = mail.gettext("Delivery")
    if order.shipping_method:
        delivery = mail.gettext("Delivery, %(method)s", method=order.shipping_method)
    coupon = mail.gettext("Coupon %(code)s", code=order.coupon_code) if order.coupon_code else mail.gettext("Coupon")
    used = mail.ngettext("%(grouped)s point used", "%(grouped)s points used", order.points_redeemed)
    lines = [
        (coupon, -order.coupon_discount_cents),
        (used, -order.points_discount_cents),
        (mail.gettext("Discount"), -other),
        (delivery, order.shipping_cents),
        *_taxes(order, mail),
    ]
    lines = [(name, cents) for name, cents in lines if cents]
    return [(mail.gettext("Subtotal"), order.subtotal_cents), *lines] if lines else []


def _taxes(order: OrderRecord, mail: MailContext) -> list[tuple[str, int]]:
    """Return the taxes added to the prices, by class if known."""
    if not order.tax_lines:
        return [(mail.gettext("Tax"), order.tax_cents)]
    return [(line.name, line.tax_cents) for line in order.tax_lines if not line.is_included]


def _included_taxes(order: OrderRecord, mail: MailContext) -> list[tuple[str, int]]:
    """Return the taxes included in the total, each with its gross amount."""
    return [
        (
            mail.gettext(
                "%(tax)s in %(amount)s",
                tax=line.name,
                amount=format_amount(line.net_cents + line.tax_cents, order.currency),
            ),
            line.tax_cents,
        )
        for line in order.tax_lines
        if line.is_included and line.tax_cents
    ]
