"""Compose each kind of message when it is sent, from the data of then."""

from collections.abc import Callable
from datetime import datetime
from math import ceil
from typing import Any

from shop.domain.codes import code_from_nonce
from shop.domain.loyalty.points import discount_for_points
from shop.domain.text.cleaning import greeting_name, one_line
from shop.models import OtpChallenge
from shop.services import clock
from shop.services.app_config import app_config
from shop.services.errors import NotFound
from shop.services.loyalty.ledger import find_entry
from shop.services.loyalty.otp import find_open_challenge
from shop.services.loyalty.registrations import get_registration
from shop.services.messaging.cart_reminders import compose_cart_reminder
from shop.services.messaging.channels.base import RenderedMessage
from shop.services.messaging.channels.registry import list_channels
from shop.services.messaging.customer_messages import find_customer_message
from shop.services.messaging.mails.mail_language import MailContent, MailContext
from shop.services.messaging.mails.order_mails import compose_note, compose_order, compose_unpaid
from shop.services.messaging.mails.staff_mails import link_words, staff_language
from shop.services.messaging.monthly_report import compose_monthly_report
from shop.services.messaging.notice_texts import (
    ACCOUNT_ADVICE,
    ACCOUNT_NOTICES,
    NOTICE_ADVICE,
    STAFF_NOTICES,
    WEBHOOK_ADVICE,
    WEBHOOK_NOTICES,
)
from shop.services.messaging.order_notices import compose_earned, compose_paid, compose_receipt
from shop.services.messaging.refund_notices import compose_refund_sent, compose_refunded
from shop.services.outbox import ClaimedMessage
from shop.services.shoppers.links import link_words as shopper_link_words
from shop.services.shops.settings import ShopSettings, get_settings
from shop.services.webhooks.endpoints import get_endpoint


def compose(message: ClaimedMessage, secret_key: str) -> RenderedMessage | None:
    """Return a message of the session's shop, rendered for its channel; None without a recipient or if obsolete.

    Raises LookupError for a kind of message unknown to this version.
    """
    try:
        words_of = KINDS[message.kind]
    except KeyError:
        raise LookupError("unknown kind of message") from None
    channel = list_channels()[message.channel]
    recipient = message.phone if channel.is_to_phone else message.recipient
    if recipient is None:
        return None
    settings = get_settings()
    mail = MailContext(settings, secret_key, _language(message, settings), message.channel)
    words = words_of(message.payload, mail)
    if words is None:
        return None
    shop = _shop_values(settings)
    values = {"shop": shop, "subject": words.subject, **words.values}
    return RenderedMessage(
        outbox_id=message.id,
        created_at=message.created_at,
        kind=message.kind,
        recipient=recipient,
        sender_name=shop["name"],
        reply_to=settings.values["store_email"] or None,
        subject=words.subject,
        text=channel.text(message.kind, words, mail, values),
        html=mail.render(channel.templates, f"{message.kind}.html", values) if channel.has_html else "",
        shop_id=message.shop_id,
        language=mail.language,
        code=words.values.get("code", "") if message.kind in {"otp_code", "join_code"} else "",
    )


def _shop_values(settings: ShopSettings) -> dict[str, Any]:
    """Return what every mail shows of the shop."""
    logo = settings.logo
    return {
        "name": one_line(settings.values["store_name"]),
        "address": settings.values["store_address"],
        "takes_answers": bool(settings.values["store_email"]),
        "color": settings.values["brand_color"],
        "logo": logo,
        "logo_url": f"{app_config()['PUBLIC_URL']}{logo.path('png')}" if logo else "",
    }


def _language(message: ClaimedMessage, settings: ShopSettings) -> str:
    """Return the shop's language for customers; for a staff mail the member's own, if chosen."""
    own = staff_language(message.recipient or "") if message.kind.startswith(("staff_", "mail_trial")) else None
    return own or settings.values["customer_language"]


def _code(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return the mail with a one-time code; None if the code was replaced, used, expired or out of attempts."""
    return _code_mail(find_open_challenge(payload["challenge_id"]), mail)


def _join_code(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return the mail with the code of someone who joins; None as for `_code`."""
    return _code_mail(find_open_challenge(payload["challenge_id"], joining=True), mail)


def _code_mail(challenge: OtpChallenge | None, mail: MailContext) -> MailContent | None:
    if challenge is None:
        return None
    code = code_from_nonce(mail.secret_key, challenge.nonce)
    groups = (code[:3], code[3:])
    minutes = ceil((challenge.expires_at - clock.now()).total_seconds() / 60)
    subject = mail.gettext("%(code)s is your code for %(shop)s", code=" ".join(groups), shop=mail.shop_name)
    return MailContent(subject, {"groups": groups, "minutes": minutes, "code": code})


def _adjustment(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return the mail about an adjustment and its note; None if the customer was deleted."""
    entry = find_entry(payload["entry_id"])
    if entry is None or entry.account.customer is None:
        return None
    points, rules = abs(entry.points), mail.settings.rules
    added = entry.points > 0
    if added:
        subject = mail.ngettext(
            "%(grouped)s point added at %(shop)s", "%(grouped)s points added at %(shop)s", points, shop=mail.shop_name
        )
    else:
        subject = mail.ngettext(
            "%(grouped)s point removed at %(shop)s",
            "%(grouped)s points removed at %(shop)s",
            points,
            shop=mail.shop_name,
        )
    return MailContent(
        subject,
        {
            "name": greeting_name(entry.account.customer.first_name),
            "points": points,
            "added": added,
            "note": entry.note,
            "balance": mail.points(entry.balance_after),
            "worth_cents": discount_for_points(entry.balance_after, rules) if rules.enabled else 0,
            "currency": mail.settings.currency,
        },
    )


def _staff_link(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return the mail with a link for staff; None if it is used, void or expired."""
    link = link_words(payload, mail.secret_key)
    if link is None:
        return None
    if link.role:
        return MailContent(mail.gettext("Join %(shop)s on Tuza", shop=mail.shop_name), {"link": link})
    return MailContent(mail.gettext("A new password for Tuza"), {"link": link})


def _shopper_link(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return the mail with a link for a shopper to set a password; None if it is expired or the person unknown."""
    link = shopper_link_words(payload, mail.settings.values["storefront_url"], mail.secret_key)
    if link is None:
        return None
    return MailContent(mail.gettext("Your account at %(shop)s", shop=mail.shop_name), {"link": link})


def _registration(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return that a registration arrived, or its decision; None if it changed since, or the customer was deleted."""
    try:
        registration = get_registration(payload["registration_id"])
    except NotFound:
        return None
    if registration.status != payload["status"]:
        return None
    approved = registration.status == "approved"
    if approved:
        subject = mail.gettext("You can now use your points at %(shop)s", shop=mail.shop_name)
    else:
        subject = mail.gettext("Your loyalty registration at %(shop)s", shop=mail.shop_name)
    return MailContent(
        subject,
        {
            "name": greeting_name(registration.customer.first_name),
            "approved": approved,
            "reason": registration.rejection_reason,
        },
    )


def _customer_message(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """Return a message to many customers; None if the customer was deleted or withdrew the consent."""
    found = find_customer_message(payload["customer_id"], payload["bulk_id"], mail.channel)
    return None if found is None else MailContent(one_line(found.pop("subject")), found)


def _trial(payload: dict[str, Any], mail: MailContext) -> MailContent:
    """Return the test mail."""
    return MailContent(mail.gettext("Test e-mail from %(shop)s", shop=mail.shop_name), {})


def _sms_trial(_payload: dict[str, Any], _mail: MailContext) -> MailContent:
    return MailContent("", {})


def _email_changed(payload: dict[str, Any], mail: MailContext) -> MailContent:
    """Return the notice to an account's previous e-mail address."""
    subject = mail.gettext("Your e-mail address at %(shop)s was changed", shop=mail.shop_name)
    return MailContent(subject, {"hold": _hold(payload, mail)})


def _account_notice(payload: dict[str, Any], mail: MailContext) -> MailContent:
    """Return the notice of changes that staff made to a customer's contact details."""
    subject, sentence = ACCOUNT_NOTICES[payload["notice"]]
    sentence = mail.gettext(sentence, shop=mail.shop_name)
    return MailContent(mail.gettext(subject, shop=mail.shop_name), {"sentence": sentence, "hold": _hold(payload, mail)})


def _hold(payload: dict[str, Any], mail: MailContext) -> str:
    """Return the sentence about a hold on redemption; empty without a hold."""
    hours = payload.get("held_hours", 0)
    if not hours:
        return ""
    return mail.ngettext(
        "To protect your points, they cannot be redeemed for %(grouped)s hour.",
        "To protect your points, they cannot be redeemed for %(grouped)s hours.",
        hours,
    )


def _staff_notice(payload: dict[str, Any], mail: MailContext) -> MailContent:
    """Return the notice of changes to a staff member's own account."""
    heading, sentence = STAFF_NOTICES[payload["notice"]]
    device = [one_line(payload[name]) for name in ("browser", "system", "address") if payload.get(name)]
    advice = mail.gettext(NOTICE_ADVICE.get(payload["notice"].partition("_")[0], ACCOUNT_ADVICE))
    facts = [", ".join(device), mail.moment(datetime.fromisoformat(payload["at"])) if "at" in payload else ""]
    values = {"sentence": mail.gettext(sentence), "device": " · ".join(filter(None, facts)), "advice": advice}
    return MailContent(mail.gettext(heading), values)


def _webhook_disabled(payload: dict[str, Any], mail: MailContext) -> MailContent | None:
    """That a webhook endpoint was disabled; None if it is on again or deleted."""
    try:
        endpoint = get_endpoint(payload["endpoint_id"])
    except NotFound:
        return None
    if endpoint.disabled_reason not in WEBHOOK_NOTICES:
        return None
    values = {
        "sentence": mail.gettext(WEBHOOK_NOTICES[endpoint.disabled_reason]),
        "device": endpoint.url,
        "advice": mail.gettext(WEBHOOK_ADVICE),
    }
    return MailContent(mail.gettext("Tuza turned off a webhook of %(shop)s", shop=mail.shop_name), values)


KINDS: dict[str, Callable[[dict[str, Any], MailContext], MailContent | None]] = {
    "otp_code": _code,
    "join_code": _join_code,
    "order_placed": compose_order,
    "order_unpaid": compose_unpaid,
    "order_note": compose_note,
    "payment_received": compose_paid,
    "order_refunded": compose_refunded,
    "refund_sent": compose_refund_sent,
    "receipt": compose_receipt,
    "points_earned": compose_earned,
    "points_adjusted": _adjustment,
    "staff_reset": _staff_link,
    "staff_invite": _staff_link,
    "staff_notice": _staff_notice,
    "staff_webhook_disabled": _webhook_disabled,
    "staff_monthly_report": compose_monthly_report,
    "shopper_register": _shopper_link,
    "shopper_reset": _shopper_link,
    "registration_received": _registration,
    "registration_decided": _registration,
    "email_changed": _email_changed,
    "account_notice": _account_notice,
    "customer_message": _customer_message,
    "cart_reminder": compose_cart_reminder,
    "mail_trial": _trial,
    "sms_trial": _sms_trial,
}
