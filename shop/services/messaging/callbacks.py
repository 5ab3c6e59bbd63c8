"""Calls of the providers of messages: delivery reports, and messages of customers such as ``STOP``.

The secret in the address identifies the shop. Reports come late, twice and in any order.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import current_shop_id
from shop.domain.codes import same
from shop.domain.customers.privacy import MARKETING, ConsentSource
from shop.models import Customer
from shop.services.actors import SYSTEM
from shop.services.customers.records import clean_phone
from shop.services.errors import InvalidInput, NotFound
from shop.services.messaging.accounts import find_account, use_shop_of_token
from shop.services.messaging.deliveries import report_delivery
from shop.services.privacy.consents import ConsentStatement, list_consents, record_consent

SMS_REPORTS: Final = {"Success": "delivered", "Failed": "failed", "Rejected": "failed"}
"""The final statuses of Africa's Talking; Sent, Submitted and Buffered are followed by others."""
WHATSAPP_REPORTS: Final = {"delivered": "delivered", "read": "delivered", "failed": "failed"}
STOP_WORDS: Final = {"stop", "stopall", "unsubscribe", "acha", "simamisha", "ondoa"}
STOP_VERSION: Final = "STOP in a message"
LONGEST_ID, LONGEST_REASON = 200, 200


def receive_sms_report(token: str, fields: Mapping[str, str]) -> None:
    """Process a delivery report of Africa's Talking. Raise NotFound for a wrong token."""
    _use_shop(token, "sms")
    name, state = fields.get("id", ""), SMS_REPORTS.get(fields.get("status", ""))
    if state is not None:
        _report("sms", name, state, fields.get("failureReason", ""))


def receive_sms(token: str, fields: Mapping[str, str]) -> None:
    """Process a customer's SMS: ``STOP`` withdraws the consent to marketing by SMS.

    Raise NotFound for a wrong token.
    """
    _use_shop(token, "sms")
    _receive_text("sms", fields.get("from", ""), fields.get("text", ""))


def is_whatsapp_token(token: str, given: str) -> bool:
    """Return whether Meta proves to know the address's secret when the address is set up. Raise NotFound."""
    _use_shop(token, "whatsapp")
    return same(token, given)


def receive_whatsapp(token: str, body: bytes, signature: str, keys: Sequence[str]) -> None:
    """Process Meta's reports and customers' messages. Raise NotFound for a wrong token or signature."""
    _use_shop(token, "whatsapp")
    account = find_account(current_shop_id(), "whatsapp", keys) or {}
    expected = hmac.new(account["app_secret"].encode(), body, hashlib.sha256).hexdigest()
    if not same(f"sha256={expected}", signature):
        raise _not_found()
    for value in _values(body):
        for status in _objects(value.get("statuses")):
            state = WHATSAPP_REPORTS.get(str(status.get("status")))
            if state is not None:
                codes = [str(error.get("code", "")) for error in _objects(status.get("errors"))]
                _report("whatsapp", str(status.get("id") or ""), state, ", ".join(codes))
        for message in _objects(value.get("messages")):
            text = message.get("text")
            said = str(text.get("body") or "") if isinstance(text, dict) else ""
            _receive_text("whatsapp", f"+{message.get('from', '')}", said)


def _use_shop(token: str, code: str) -> None:
    if use_shop_of_token(token) != code:
        raise _not_found()


def _not_found() -> NotFound:
    return NotFound("There is nothing at this address.", code="callback_not_found")


def _report(channel: str, name: str, state: str, reason: str) -> None:
    if 0 < len(name) <= LONGEST_ID and name.isprintable():
        said = "".join(char for char in reason if char.isprintable())
        report_delivery(channel, name, state, said[:LONGEST_REASON])


def _receive_text(channel: str, sender: str, text: str) -> None:
    words = "".join(char if char.isalnum() else " " for char in text.casefold()).split()
    if not words or words[0] not in STOP_WORDS:
        return
    try:
        phone = clean_phone(sender)
    except InvalidInput:
        return
    kind = MARKETING[channel]
    for customer_id in db.session.scalars(select(Customer.id).where(Customer.phone == phone)).all():
        newest = next((one for one in list_consents(customer_id) if one.kind == kind), None)
        if newest is None or newest.given:
            statement = ConsentStatement(kind, given=False, source=ConsentSource.MESSAGE, text_version=STOP_VERSION)
            record_consent(customer_id, statement, SYSTEM)


def _values(body: bytes) -> Iterator[dict[str, Any]]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return
    for entry in _objects(found.get("entry") if isinstance(found, dict) else None):
        for change in _objects(entry.get("changes")):
            value = change.get("value")
            if isinstance(value, dict):
                yield value


def _objects(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
