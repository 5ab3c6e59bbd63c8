"""Client of Africa's Talking: bulk SMS and the account's balance. Plain values in and out; no database."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import quote, urlencode

from shop.services.messaging.channels.base import (
    AccountUnusable,
    DeliveryFailed,
    Receipt,
    Refused,
    Unreachable,
)
from shop.services.messaging.channels.provider_http import exchange

LIVE: Final = "https://api.africastalking.com"
SANDBOX: Final = "https://api.sandbox.africastalking.com"
ACCEPTED: Final = {100, 101, 102}
"""Processed, sent, queued."""
REFUSALS: Final = {
    401: "Africa's Talking holds the message for risk (401).",
    402: "Africa's Talking does not accept the sender (402).",
    403: "Africa's Talking does not accept the number (403).",
    404: "Africa's Talking does not support the number's type (404).",
    406: "The number is on the blacklist of Africa's Talking (406).",
}
NO_BALANCE: Final = 405
MONEY: Final = re.compile(r"([A-Z]{3})\s+([0-9]+(?:\.[0-9]+)?)", re.ASCII)


class AfricasTalking:
    """A client for one shop's account: ``username``, ``api_key``, ``sender``."""

    def __init__(self, account: Mapping[str, str], config: Mapping[str, Any]) -> None:
        self._account = account
        self._url = config["AFRICASTALKING_URL"] or (SANDBOX if account["username"] == "sandbox" else LIVE)
        self._timeout = timedelta(seconds=config["MESSAGE_TIMEOUT_SECONDS"])

    def send(self, phone: str, text: str) -> Receipt:
        """Send an SMS to a number (E.164). Raises DeliveryFailed."""
        fields = {"username": self._account["username"], "to": phone, "message": text, "bulkSMSMode": "1"}
        if sender := self._account.get("sender"):
            fields["from"] = sender
        answer = self._call("POST", "/version1/messaging", urlencode(fields).encode())
        data = answer.get("SMSMessageData")
        recipients = data.get("Recipients") if isinstance(data, dict) else None
        if isinstance(recipients, list) and len(recipients) == 1 and isinstance(recipients[0], dict):
            return _receipt(recipients[0])
        said = str(data.get("Message") or "") if isinstance(data, dict) else ""
        if said == "InvalidSenderId":
            raise Refused(REFUSALS[402])
        raise DeliveryFailed("Africa's Talking gave an unexpected answer.")

    def fetch_balance(self) -> tuple[int, str]:
        """Return the balance in ten-thousandths, and its currency. Raises DeliveryFailed."""
        answer = self._call("GET", f"/version1/user?username={quote(self._account['username'])}", None)
        data = answer.get("UserData")
        found = _money(str(data.get("balance"))) if isinstance(data, dict) else None
        if found is None:
            raise DeliveryFailed("Africa's Talking gave an unexpected answer.")
        return found

    def _call(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        headers = {"apiKey": self._account["api_key"], "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        status, raw = exchange(method, self._url + path, headers, body, self._timeout)
        if status in {401, 403}:
            raise AccountUnusable("Africa's Talking does not accept the user name and API key.")
        if status == 429 or status >= 500:
            raise Unreachable(f"Africa's Talking answered with an error ({status}).")
        if status not in {200, 201}:
            raise DeliveryFailed(f"Africa's Talking answered with an error ({status}).")
        try:
            found = json.loads(raw)
        except (ValueError, RecursionError):
            found = None
        return found if isinstance(found, dict) else {}


def _receipt(recipient: Mapping[str, Any]) -> Receipt:
    """Return the receipt of a recipient that was accepted: an answer of 201 says nothing about them."""
    code, name = recipient.get("statusCode"), recipient.get("messageId")
    if code in ACCEPTED and isinstance(name, str) and 0 < len(name) <= 200 and name != "None":
        cost = _money(str(recipient.get("cost")))
        return Receipt(name, cost[0] if cost else None, cost[1] if cost else None)
    if code == NO_BALANCE:
        raise AccountUnusable("The balance at Africa's Talking is used up (405).")
    if code in REFUSALS:
        raise Refused(REFUSALS[code])
    raise DeliveryFailed(f"Africa's Talking could not route the message ({code}).")


def _money(text: str) -> tuple[int, str] | None:
    """Return ``KES 0.8000`` as 8000 ten-thousandths of KES."""
    found = MONEY.search(text)
    if found is None:
        return None
    try:
        return int(Decimal(found[2]) * 10_000), found[1]
    except InvalidOperation:
        return None
