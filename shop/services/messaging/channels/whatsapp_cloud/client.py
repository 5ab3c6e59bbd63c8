"""Client of Meta's WhatsApp Cloud API for authentication templates. Plain values in and out; no database.

https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates/auth-otp-template-messages
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from shop.services.messaging.channels.base import (
    AccountUnusable,
    DeliveryFailed,
    Receipt,
    Refused,
    Unreachable,
)
from shop.services.messaging.channels.provider_http import exchange

CREDENTIALS: Final = {0, 3, 10, 190, 200}
"""Error codes about the access token and its permissions."""
THROTTLED: Final = {4, 80007, 130429, 131048, 131056, 131016, 131000, 133004}
"""Error codes about rates and outages, after which a message is sent again."""
TEMPLATE: Final = range(132000, 132100)
"""Error codes about the template: it is missing, paused or has other parameters."""


class WhatsAppCloud:
    """A client for one shop's account: ``phone_number_id``, ``template``, ``language``, ``access_token``."""

    def __init__(self, account: Mapping[str, str], config: Mapping[str, Any]) -> None:
        self._account = account
        self._url = f"{config['WHATSAPP_URL']}/{account['phone_number_id']}"
        self._timeout = timedelta(seconds=config["MESSAGE_TIMEOUT_SECONDS"])

    def send_code(self, phone: str, code: str) -> Receipt:
        """Send a code to a number (E.164); it is in the body and in the button. Raises DeliveryFailed."""
        value = [{"type": "text", "text": code}]
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": phone.lstrip("+"),
            "type": "template",
            "template": {
                "name": self._account["template"],
                "language": {"code": self._account["language"]},
                "components": [
                    {"type": "body", "parameters": value},
                    {"type": "button", "sub_type": "url", "index": "0", "parameters": value},
                ],
            },
        }
        answer = self._call("POST", "/messages", json.dumps(body).encode())
        messages = answer.get("messages")
        name = messages[0].get("id") if isinstance(messages, list) and messages else None
        if not isinstance(name, str) or not 0 < len(name) <= 200:
            raise DeliveryFailed("WhatsApp gave an unexpected answer.")
        return Receipt(name)

    def check(self) -> None:
        """Check the access token and the phone number. Raises DeliveryFailed."""
        self._call("GET", "?fields=id", None)

    def _call(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._account['access_token']}", "Content-Type": "application/json"}
        status, raw = exchange(method, self._url + path, headers, body, self._timeout)
        try:
            found = json.loads(raw)
        except (ValueError, RecursionError):
            found = None
        answer = found if isinstance(found, dict) else {}
        if status == 200:
            return answer
        raise _failure(status, answer)


def _failure(status: int, answer: Mapping[str, Any]) -> DeliveryFailed:
    """Return the error of a response. Its code decides; its text may name the recipient and is left out."""
    error = answer.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    said = f"({status}, code {code})" if isinstance(code, int) else f"({status})"
    if code in CREDENTIALS or (code is None and status in {401, 403}):
        return AccountUnusable(f"WhatsApp does not accept the access token {said}.")
    if code in THROTTLED or (code is None and (status == 429 or status >= 500)):
        return Unreachable(f"WhatsApp answered with an error {said}.")
    if code in TEMPLATE:
        return Refused(f"WhatsApp does not accept the template {said}.")
    return Refused(f"WhatsApp refused the message {said}.")
