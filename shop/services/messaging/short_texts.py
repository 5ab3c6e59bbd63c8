"""Short texts of messages to phones: the default of each kind, the shop's own, and the values of their placeholders.

A placeholder is a name in braces, such as ``{code}``.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.text.cleaning import clean_line, one_line
from shop.domain.text.languages import LANGUAGES
from shop.domain.text.messages import N_
from shop.domain.text.sms import fit_gsm
from shop.models import MessageText
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.errors import InvalidInput, NotFound
from shop.services.messaging.mails.mail_language import MailContent, MailContext
from shop.services.messaging.short_values import (
    Values,
    cart_values,
    code_values,
    earned_values,
    note_values,
    offer_values,
    order_values,
    paid_values,
    points_values,
    receipt_values,
    refund_values,
    registration_values,
)
from shop.services.shops.settings import get_settings

LONGEST: Final = 480
NEEDED: Final = {"otp_code": {"code"}, "join_code": {"code"}, "order_note": {"note"}, "customer_message": {"text"}}
PLACEHOLDER: Final = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True)
class ShortText:
    """A kind's default text; the placeholders with the values of a sample, for the preview."""

    label: str
    default: str
    sample: Mapping[str, str]
    values: Callable[[MailContent, MailContext], Values]
    is_marketing: bool = False


_SHOP: Final = "Duka la Mama Njeri"
_ORDER: Final = {"name": "Wanjiku", "order": "ORD-261126-7KQ4F", "total": "KES 1,886.00", "shop": _SHOP}
_LINK: Final = {"link": "https://duka.example/o/7KQ4F"}
_REFUND: Final = {
    "name": "Wanjiku",
    "order": "ORD-261126-7KQ4F",
    "amount": "KES 245.00",
    "money": "The money was sent by M-Pesa, receipt SGJ1Y8M4RT.",
    "shop": _SHOP,
    **_LINK,
}

SHORT_TEXTS: Final[Mapping[str, ShortText]] = {
    "otp_code": ShortText(
        N_("Code"),
        N_("{shop}: your code is {code}. It works for {minutes} min. Do not share it with anyone."),
        {"code": "482913", "minutes": "10", "shop": _SHOP},
        code_values,
    ),
    "join_code": ShortText(
        N_("Code to join"),
        N_("{shop}: your code to join is {code}. It works for {minutes} min. Do not share it with anyone."),
        {"code": "482913", "minutes": "10", "shop": _SHOP},
        code_values,
    ),
    "order_placed": ShortText(
        N_("Order and how to pay"),
        N_("{shop}: order {order}, {total}. {pay} See and pay: {link}"),
        {**_ORDER, **_LINK, "pay": "M-Pesa: Pay Bill 600210, account 7KQ4F."},
        order_values,
    ),
    "order_unpaid": ShortText(
        N_("Order cancelled unpaid"),
        N_("{shop}: order {order}, {total}, was cancelled because it was not paid in time. {link}"),
        {**_ORDER, **_LINK},
        order_values,
    ),
    "order_note": ShortText(
        N_("Note on an order"),
        N_("{shop}, order {order}: {note} {link}"),
        {**_ORDER, **_LINK, "note": "Your order leaves at 15:00."},
        note_values,
    ),
    "payment_received": ShortText(
        N_("Payment received"),
        N_("{shop}: we have received {total} for order {order}. Thank you! {link}"),
        {**_ORDER, **_LINK, "points": "18 points"},
        paid_values,
    ),
    "order_refunded": ShortText(
        N_("Refund"),
        N_("{shop}: {amount} refunded for order {order}. {money} {points}"),
        {**_REFUND, "items": "1 x Milk", "points": "Points taken back: 2."},
        refund_values,
    ),
    "refund_sent": ShortText(
        N_("Money of a refund sent"),
        N_("{shop}: refund of {amount} for order {order}. {money}"),
        _REFUND,
        refund_values,
    ),
    "receipt": ShortText(
        N_("Receipt"),
        N_("{shop}: your receipt for {total}, {order}. Points: {points}. {link}"),
        {**_ORDER, **_LINK, "points": "96"},
        receipt_values,
    ),
    "points_earned": ShortText(
        N_("Points earned"),
        N_("{shop}: points {points}. You have {balance}, worth {worth}. Thank you!"),
        {
            "name": "Wanjiku",
            "points": "+96",
            "balance": "2,440 points",
            "worth": "KES 24.40",
            "order": "ORD-261126-7KQ4F",
            "shop": _SHOP,
        },
        earned_values,
    ),
    "points_adjusted": ShortText(
        N_("Points changed"),
        N_("{shop}: points {points}. You have {balance}, worth {worth}."),
        {"name": "Wanjiku", "points": "+960", "balance": "2,440 points", "worth": "KES 24.40", "shop": _SHOP},
        points_values,
    ),
    "registration_received": ShortText(
        N_("Registration received"),
        N_("{shop}: we have received your loyalty registration. We will tell you what we decide."),
        {"name": "Wanjiku", "shop": _SHOP},
        lambda content, _mail: {"name": content.values["name"]},
    ),
    "registration_decided": ShortText(
        N_("Registration decided"),
        N_("{shop}, your loyalty registration: {decision}"),
        {"name": "Wanjiku", "decision": "You can now use your points.", "shop": _SHOP},
        registration_values,
    ),
    "customer_message": ShortText(
        N_("Offer"),
        N_("{text} {shop}. Reply STOP to end."),
        {"name": "Wanjiku", "text": "Fresh milk at KES 55 this week.", "shop": _SHOP},
        offer_values,
        is_marketing=True,
    ),
    "cart_reminder": ShortText(
        N_("Cart reminder"),
        N_("{shop}: your cart is waiting: {items}. {link} Reply STOP to end."),
        {"name": "Wanjiku", "items": "Milk, Bread", "shop": _SHOP, **_LINK},
        cart_values,
        is_marketing=True,
    ),
}


TRIAL: Final = ShortText(
    N_("Test SMS"), N_("{shop}: this is a test SMS from Tuza. Your messages work."), {"shop": _SHOP}, lambda *_: {}
)
"""The test SMS to staff, which is not edited."""


def default_text(kind: str, language: str) -> str:
    """Return a kind's default text in a language. Raise NotFound for an unknown kind."""
    if kind not in SHORT_TEXTS:
        raise NotFound("There is no such text.", code="message_text_not_found")
    return MailContext(get_settings(), "", language).gettext(SHORT_TEXTS[kind].default)


def preview_offer(body: str) -> str:
    """Return the SMS of a message to many in the shop's language for customers, to a sample name."""
    kind, settings = "customer_message", get_settings()
    language = settings.values["customer_language"]
    text = find_own_text(kind, language) or default_text(kind, language)
    values = {"text": one_line(body), "shop": one_line(settings.values["store_name"])}
    return fill(text, {**SHORT_TEXTS[kind].sample, **values})


def find_own_text(kind: str, language: str) -> str | None:
    """Return the shop's own text; None if it has none."""
    row = MessageText
    return db.session.scalars(select(row.body).where(row.kind == kind, row.language == language)).first()


def save_text(kind: str, language: str, body: str, actor: Actor) -> bool:
    """Save the shop's own text, an empty one or the default as none; return whether anything changed.

    Raise InvalidInput for an unknown kind or language, a placeholder that the kind lacks, or a text without one that
    it needs.
    """
    if kind not in SHORT_TEXTS or language not in LANGUAGES:
        raise InvalidInput.of("kind", "must be a kind of message and a language")
    body = _clean(kind, body)
    with transaction() as session:
        own = select(MessageText).where(MessageText.kind == kind, MessageText.language == language)
        row = session.scalars(own.with_for_update()).first()
        if body == (row.body if row else ""):
            return False
        if row is None:
            row = MessageText(kind=kind, language=language)
            session.add(row)
        if body:
            row.body, row.updated_at = body, clock.now()
        else:
            session.delete(row)
        session.flush()
        audit_log.record(actor, "message_text.saved", f"message_text:{kind}", new=language)
    return True


def _clean(kind: str, raw: str) -> str:
    try:
        body = clean_line(raw)
    except ValueError as wrong:
        raise InvalidInput.of("body", str(wrong)) from None
    if not body:
        return ""
    if len(body) > LONGEST:
        raise InvalidInput.of("body", "must have at most %(limit)s characters", limit=LONGEST)
    text = SHORT_TEXTS[kind]
    unknown = sorted(set(PLACEHOLDER.findall(body)) - set(text.sample))
    if unknown:
        raise InvalidInput.of("body", "has a placeholder that this text does not have: %(name)s", name=unknown[0])
    missing = sorted(NEEDED.get(kind, set()) - set(PLACEHOLDER.findall(body)))
    if missing:
        raise InvalidInput.of("body", "must have the placeholder %(name)s", name=f"{{{missing[0]}}}")
    return body


def render_short(kind: str, content: MailContent, mail: MailContext) -> str:
    """Return a message's short text, in GSM-7 where it can be."""
    text = SHORT_TEXTS.get(kind, TRIAL)
    body = find_own_text(kind, mail.language) or mail.gettext(text.default)
    return fill(body, text.values(content, mail) | {"shop": one_line(mail.shop_name)})


def fill(body: str, values: Mapping[str, Any]) -> str:
    """Return a text with its placeholders replaced once, on one line; unknown ones are removed."""
    return fit_gsm(one_line(PLACEHOLDER.sub(lambda found: str(values.get(found[1], "")), body)))
