"""What each kind of message says. The words are made when it is sent, from what the database says then."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from shop.config import RESOURCES
from shop.domain.codes import code_from_nonce
from shop.domain.formats import format_amount, format_points
from shop.domain.points import LoyaltyRules, discount_for_points, points_earned
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.services import clock
from shop.services.errors import NotFound
from shop.services.loyalty.ledger import find_entry
from shop.services.loyalty.otp_challenges import find_open_challenge
from shop.services.loyalty.registrations import get_registration
from shop.services.messaging.mailer import Mail, one_line
from shop.services.messaging.staff_mails import link_words
from shop.services.orders.repository import OrderRecord, get_order
from shop.services.outbox import ClaimedMessage
from shop.services.shoppers.links import link_words as shopper_link_words
from shop.services.shops.settings import ShopSettings, get_settings


@dataclass(frozen=True, slots=True, repr=False)
class _Words:
    """The subject of a mail, and what its two templates are filled with."""

    subject: str
    values: dict[str, Any]


def compose(message: ClaimedMessage, secret_key: str) -> Mail | None:
    """The mail of a message of the session's shop; None when there is nobody or nothing left to write to or about.

    Raises LookupError for a kind of message that this version does not know.
    """
    try:
        words_of = KINDS[message.kind]
    except KeyError:
        raise LookupError("unknown kind of message") from None
    if message.recipient is None:
        return None
    settings = get_settings()
    words = words_of(message.payload, settings, secret_key)
    if words is None:
        return None
    shop: dict[str, Any] = {
        "name": one_line(settings.values["store_name"]),
        "address": settings.values["store_address"],
        "takes_answers": bool(settings.values["store_email"]),
    }
    return Mail(
        outbox_id=message.id,
        created_at=message.created_at,
        kind=message.kind,
        recipient=message.recipient,
        sender_name=shop["name"],
        reply_to=settings.values["store_email"] or None,
        subject=words.subject,
        text=_render(f"{message.kind}.txt", shop, words),
        html=_render(f"{message.kind}.html", shop, words),
    )


def _render(template: str, shop: dict[str, Any], words: _Words) -> str:
    return _templates.get_template(f"mail/{template}").render(shop=shop, subject=words.subject, **words.values)


def _code(payload: dict[str, Any], settings: ShopSettings, secret_key: str) -> _Words | None:
    """The code of a challenge that is still open: one that was replaced, used, guessed at or is too old is not sent."""
    challenge = find_open_challenge(payload["challenge_id"])
    if challenge is None:
        return None
    code = code_from_nonce(secret_key, challenge.nonce)
    groups = (code[:3], code[3:])
    minutes = ceil((challenge.expires_at - clock.now()).total_seconds() / 60)
    subject = f"{' '.join(groups)} is your code for {settings.values['store_name']}"
    return _Words(subject, {"groups": groups, "minutes": minutes})


def _order(payload: dict[str, Any], settings: ShopSettings, secret_key: str) -> _Words | None:
    """What was ordered; nothing once the order was cancelled or its customer's name is gone."""
    try:
        order = get_order(payload["order_id"])
    except NotFound:
        return None
    if order.status == OrderStatus.CANCELLED or order.customer is None:
        return None
    rules = LoyaltyRules.from_json(order.loyalty_rules)
    return _Words(
        f"Your order {order.order_number} at {settings.values['store_name']}",
        {
            "order": order,
            "name": order.customer.first_name,
            "sums": _sums(order),
            "points": points_earned(order.subtotal_cents, rules) if rules.enabled else 0,
            "points_when": POINTS_WHEN[rules.award_trigger],
        },
    )


def _unpaid(payload: dict[str, Any], settings: ShopSettings, secret_key: str) -> _Words | None:
    """That an order was cancelled unpaid; nothing once it was revived or its customer's name is gone."""
    try:
        order = get_order(payload["order_id"])
    except NotFound:
        return None
    if order.status != OrderStatus.CANCELLED or order.payment_status == PaymentStatus.PAID or order.customer is None:
        return None
    returned = order.points_returned
    return _Words(
        f"Your order {order.order_number} at {settings.values['store_name']} was cancelled",
        {
            "order": order,
            "name": order.customer.first_name,
            "points": format_points(returned) if returned else "",
            "storefront_url": settings.values["storefront_url"],
        },
    )


def _sums(order: OrderRecord) -> list[tuple[str, int]]:
    """The lines between the items and the total: a name and signed cents each, without those that are nothing."""
    other = order.discount_cents - order.coupon_discount_cents - order.points_discount_cents
    shipping = f"Delivery, {order.shipping_method}" if order.shipping_method else "Delivery"
    coupon = f"Coupon {order.coupon_code}" if order.coupon_code else "Coupon"
    lines = [
        (coupon, -order.coupon_discount_cents),
        (f"{format_points(order.points_redeemed)} used", -order.points_discount_cents),
        ("Discount", -other),
        (shipping, order.shipping_cents),
        ("Tax", order.tax_cents),
    ]
    lines = [(name, cents) for name, cents in lines if cents]
    return [("Subtotal", order.subtotal_cents), *lines] if lines else []


def _adjustment(payload: dict[str, Any], settings: ShopSettings, secret_key: str) -> _Words | None:
    """What somebody gave or took by hand, and why; nothing once the customer's name is gone."""
    entry = find_entry(payload["entry_id"])
    if entry is None or entry.account.customer is None:
        return None
    points = format_points(abs(entry.points))
    added = entry.points > 0
    rules = settings.rules
    return _Words(
        f"{points} {'added' if added else 'removed'} at {settings.values['store_name']}",
        {
            "name": entry.account.customer.first_name,
            "points": points,
            "added": added,
            "note": entry.note,
            "balance": format_points(entry.balance_after),
            "worth_cents": discount_for_points(entry.balance_after, rules) if rules.enabled else 0,
            "currency": settings.currency,
        },
    )


def _staff_link(payload: dict[str, Any], settings: ShopSettings, secret_key: str) -> _Words | None:
    """A link for somebody of the staff; nothing once it is used up, voided or too old."""
    link = link_words(payload, secret_key)
    if link is None:
        return None
    join = f"Join {settings.values['store_name']} on Tuza"
    return _Words(join if link.role else "A new password for Tuza", {"link": link})


def _shopper_link(payload: dict[str, Any], settings: ShopSettings, secret_key: str) -> _Words | None:
    """A link for a shopper to choose a password by; nothing once it is over, or for somebody unknown."""
    link = shopper_link_words(payload, settings.values["storefront_url"], secret_key)
    if link is None:
        return None
    return _Words(f"Your account at {settings.values['store_name']}", {"link": link})


def _registration(payload: dict[str, Any], settings: ShopSettings, secret_key: str) -> _Words | None:
    """What became of a wish to take part; nothing once it was decided otherwise, or the customer deleted."""
    try:
        registration = get_registration(payload["registration_id"])
    except NotFound:
        return None
    if registration.status != payload["status"]:
        return None
    approved = registration.status == "approved"
    name = settings.values["store_name"]
    return _Words(
        f"You can now use your points at {name}" if approved else f"Your loyalty registration at {name}",
        {"name": registration.customer.first_name, "approved": approved, "reason": registration.rejection_reason},
    )


def _trial(payload: dict[str, Any], settings: ShopSettings, secret_key: str) -> _Words:
    """A mail that only shows that mail arrives."""
    return _Words(f"Test e-mail from {settings.values['store_name']}", {})


def _email_changed(payload: dict[str, Any], settings: ShopSettings, secret_key: str) -> _Words:
    """That an account has another address now; sent to the one before."""
    return _Words(f"Your e-mail address at {settings.values['store_name']} was changed", {})


KINDS: dict[str, Callable[[dict[str, Any], ShopSettings, str], _Words | None]] = {
    "otp_code": _code,
    "order_placed": _order,
    "order_unpaid": _unpaid,
    "points_adjusted": _adjustment,
    "staff_reset": _staff_link,
    "staff_invite": _staff_link,
    "shopper_register": _shopper_link,
    "shopper_reset": _shopper_link,
    "registration_decided": _registration,
    "email_changed": _email_changed,
    "mail_trial": _trial,
}
POINTS_WHEN = {
    "payment_paid": "once it is paid",
    "order_completed": "once it is done",
    "either": "once it is paid or done",
}


_templates = Environment(
    loader=FileSystemLoader(RESOURCES / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_templates.filters |= {"amount": format_amount, "points": format_points, "one_line": one_line}
