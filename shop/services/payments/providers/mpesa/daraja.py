"""Client of Safaricom's Daraja API. Plain values in and out; no database.

Three failures are distinguished: refused (nothing was started), unavailable (nothing was started, retry) and unsure (it
may have been started, and only a callback or a query will show).
"""

import base64
import http.client
import json
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from shop.domain.money import format_money
from shop.domain.payments.mpesa_values import CURRENCY
from shop.server.concurrency_limit import released
from shop.services.payments.providers.base import ProviderRefused, ProviderUnavailable, ProviderUnsure

NAIROBI = ZoneInfo("Africa/Nairobi")
LARGEST = 65_536
TOKEN_SLACK_SECONDS = 60
TOKEN_REJECTED = {"404.001.03", "404.001.04", "401.002.01"}
BUSY = {"500.003.02", "500.003.03"}
"""Too many requests, for the system or for the shop."""
REFUSED = "500.001."
"""Refusals that are sent with a status of server errors."""


@dataclass(frozen=True, slots=True, repr=False)
class DarajaAccount:
    """A shop's account with Daraja. ``party`` receives the money: the short code itself, or a till of it."""

    consumer_key: str
    consumer_secret: str
    passkey: str
    short_code: str
    party: str
    buy_goods: bool
    initiator: str = ""
    security_credential: str = ""
    """The initiator's password, encrypted with M-Pesa's certificate."""
    payout_short_code: str = ""

    @classmethod
    def of(cls, secrets: Mapping[str, str]) -> "DarajaAccount":
        """Return the account of decrypted credentials."""
        buy_goods = secrets["kind"] == "till"
        return cls(
            secrets["consumer_key"],
            secrets["consumer_secret"],
            secrets["passkey"],
            secrets["short_code"],
            secrets["till_number"] if buy_goods else secrets["short_code"],
            buy_goods,
            secrets.get("initiator", ""),
            secrets.get("security_credential", ""),
            secrets.get("payout_short_code", ""),
        )


class Daraja:
    """A client for one shop. Tokens are cached in the process until they expire."""

    _tokens: dict[tuple[str, str, str], tuple[str, int]] = {}
    _guard = threading.Lock()

    def __init__(self, url: str, account: DarajaAccount, timeout: timedelta) -> None:
        self._url = urlsplit(url)
        self._account = account
        self._timeout = timeout.total_seconds()
        self._who = (url, account.consumer_key, account.consumer_secret)

    def sign_in(self) -> None:
        """Get a new token. Raises ProviderRefused for wrong credentials, ProviderUnavailable."""
        account = self._account
        pair = base64.b64encode(f"{account.consumer_key}:{account.consumer_secret}".encode()).decode()
        try:
            path = "/oauth/v1/generate?grant_type=client_credentials"
            status, answer = self._call("GET", path, {"Authorization": f"Basic {pair}"})
        except ProviderUnsure as unsure:  # requesting another token does no harm
            raise ProviderUnavailable(unsure.code, str(unsure)) from None
        if status in {400, 401, 403}:
            raise ProviderRefused(_code(answer) or str(status), "Daraja does not know the consumer key and secret.")
        if status != 200 or not isinstance(answer.get("access_token"), str):
            raise ProviderUnavailable(_code(answer) or str(status), "Daraja gave no token.")
        try:
            lasts = int(answer.get("expires_in", 0))
        except (TypeError, ValueError):
            lasts = 0
        with self._guard:
            ends = int(time.monotonic()) + max(0, lasts - TOKEN_SLACK_SECONDS)
            self._tokens[self._who] = (answer["access_token"], ends)

    def push(self, phone: str, shillings: int, account_name: str, callback_url: str, at: datetime) -> dict[str, Any]:
        """Send an STK push to a phone (E.164) for whole shillings; return the response with ``CheckoutRequestID``.

        Raises ProviderRefused, ProviderUnavailable, ProviderUnsure.
        """
        digits = phone.lstrip("+")
        kind = "CustomerBuyGoodsOnline" if self._account.buy_goods else "CustomerPayBillOnline"
        body = self._password(at) | {
            "TransactionType": kind,
            "Amount": shillings,
            "PartyA": digits,
            "PartyB": self._account.party,
            "PhoneNumber": digits,
            "CallBackURL": callback_url,
            "AccountReference": account_name[:12],
            "TransactionDesc": account_name[:13],
        }
        status, answer = self._ask("/mpesa/stkpush/v1/processrequest", body)
        name = answer.get("CheckoutRequestID")
        if status == 200 and str(answer.get("ResponseCode")) == "0" and isinstance(name, str) and 0 < len(name) <= 200:
            return answer
        raise _failure(status, answer)

    def query(self, checkout_request_id: str, at: datetime) -> dict[str, Any]:
        """Query a push; return the response with ``ResultCode``.

        Raises ProviderRefused, ProviderUnavailable, ProviderUnsure.
        """
        body = self._password(at) | {"CheckoutRequestID": checkout_request_id}
        status, answer = self._ask("/mpesa/stkpushquery/v1/query", body)
        if status == 200 and "ResultCode" in answer:
            return answer
        raise _failure(status, answer)

    def register_urls(self, response_type: str, confirmation_url: str, validation_url: str) -> None:
        """Register the addresses at which payments to the short code are validated and confirmed.

        ``response_type`` is ``Completed`` or ``Cancelled``. Raises ProviderFailed.
        """
        body = {
            "ShortCode": self._account.short_code,
            "ResponseType": response_type,
            "ConfirmationURL": confirmation_url,
            "ValidationURL": validation_url,
        }
        status, answer = self._ask("/mpesa/c2b/v2/registerurl", body)
        if not (status == 200 and str(answer.get("ResponseCode")) == "0"):
            raise _failure(status, answer)

    def query_transaction(self, transaction_id: str, conversation_id: str, result_url: str) -> str:
        """Ask for the status of a transaction, by its receipt number or by the originator's id of its request.

        Returns the originator's id of this request; the result comes at ``result_url``. Raises ProviderFailed.
        """
        which = {"TransactionID": transaction_id} if transaction_id else {"OriginalConversationID": conversation_id}
        party = {"PartyA": self._account.short_code, "IdentifierType": "4"}
        body = {"CommandID": "TransactionStatusQuery", "Initiator": self._account.initiator, "Remarks": "Status"}
        return self._request("/mpesa/transactionstatus/v1/query", which | party | body, result_url)

    def reverse(self, transaction_id: str, cents: int, result_url: str) -> str:
        """Ask to send a whole payment back, as :meth:`query_transaction`. Again, M-Pesa refuses it with R000001."""
        body = {"CommandID": "TransactionReversal", "TransactionID": transaction_id, "Amount": _shillings(cents)}
        party = {"ReceiverParty": self._account.short_code, "RecieverIdentifierType": "11"}  # Daraja's spelling
        who = {"Initiator": self._account.initiator, "Remarks": "Payment returned"}
        return self._request("/mpesa/reversal/v1/request", body | party | who, result_url)

    def pay_out(self, conversation_id: str, phone: str, cents: int, result_url: str) -> str:
        """Ask to send money to a phone (E.164), as :meth:`query_transaction`; ``conversation_id`` names it for good."""
        body = {"OriginatorConversationID": conversation_id, "CommandID": "BusinessPayment"}
        parties = {"PartyA": self._account.payout_short_code, "PartyB": phone.lstrip("+"), "Amount": _shillings(cents)}
        who = {"InitiatorName": self._account.initiator, "Remarks": "Refund", "Occassion": "Refund"}
        self._request("/mpesa/b2c/v3/paymentrequest", body | parties | who, result_url, sends_money=True)
        return conversation_id

    def _request(self, path: str, body: Mapping[str, Any], result_url: str, *, sends_money: bool = False) -> str:
        """Send a request whose result comes later. If it ``sends_money``, an error of the server is never certain."""
        addresses = {"ResultURL": result_url, "QueueTimeOutURL": f"{result_url}/timeout"}
        credential = {"SecurityCredential": self._account.security_credential}
        status, answer = self._ask(path, {**body, **credential, **addresses})
        if status == 200 and str(answer.get("ResponseCode")) == "0":
            return str(answer.get("OriginatorConversationID") or "")[:64]
        if sends_money and status >= 500 and _code(answer) not in BUSY:
            raise ProviderUnsure(_code(answer) or str(status), f"Daraja answered {status}.")
        raise _failure(status, answer)

    def _password(self, at: datetime) -> dict[str, Any]:
        stamp = at.astimezone(NAIROBI).strftime("%Y%m%d%H%M%S")
        word = f"{self._account.short_code}{self._account.passkey}{stamp}".encode()
        return {
            "BusinessShortCode": self._account.short_code,
            "Password": base64.b64encode(word).decode(),
            "Timestamp": stamp,
        }

    def _ask(self, path: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """POST with a token; once more with a new one if the token is refused."""
        for fresh in (False, True):
            headers = {"Authorization": f"Bearer {self._token(fresh=fresh)}"}
            status, answer = self._call("POST", path, headers, body)
            if not (status == 401 or _code(answer) in TOKEN_REJECTED):
                break
        return status, answer

    def _token(self, *, fresh: bool) -> str:
        with self._guard:
            token, ends = self._tokens.get(self._who, ("", 0))
        if fresh or time.monotonic() >= ends:
            self.sign_in()
            with self._guard:
                token, _ = self._tokens[self._who]
        return token

    def _call(
        self, method: str, path: str, headers: dict[str, str], body: Mapping[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        with released():
            return self._exchange(method, path, headers, body)

    def _exchange(
        self, method: str, path: str, headers: dict[str, str], body: Mapping[str, Any] | None
    ) -> tuple[int, dict[str, Any]]:
        connection = self._connect()
        try:
            payload = json.dumps(body).encode() if body is not None else None
            sent = headers | {"Content-Type": "application/json", "Accept": "application/json"}
            connection.request(method, self._url.path.rstrip("/") + path, payload, sent)
            answer = connection.getresponse()
            return answer.status, _read(answer.read(LARGEST))
        except (OSError, http.client.HTTPException) as broken:
            raise ProviderUnsure("no_answer", f"Daraja did not answer ({type(broken).__name__}).") from None
        finally:
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        connection: http.client.HTTPConnection
        if self._url.scheme == "https":
            secure = ssl.create_default_context()
            connection = http.client.HTTPSConnection(host, port, timeout=self._timeout, context=secure)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=self._timeout)
        try:
            connection.connect()
        except OSError as broken:
            raise ProviderUnavailable("unreachable", f"Daraja cannot be reached ({type(broken).__name__}).") from None
        return connection


def _shillings(cents: int) -> str:
    """Return an amount in shillings, with cents only if there are some."""
    return format_money(cents, CURRENCY).removesuffix(".00")


def _read(raw: bytes) -> dict[str, Any]:
    """Return the JSON object of a response; an empty one otherwise, which never counts as a success."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _code(answer: Mapping[str, Any]) -> str:
    return str(answer.get("errorCode") or "")[:64]


def _failure(status: int, answer: Mapping[str, Any]) -> Exception:
    """Return the error of a response: Daraja's own refusals are certain, other server errors are not."""
    code = _code(answer) or str(answer.get("ResponseCode") or status)[:64]
    words = str(answer.get("errorMessage") or answer.get("ResponseDescription") or f"Daraja answered {status}.")[:200]
    if status in {429, 503} or code in BUSY:
        return ProviderUnavailable(code, words)
    if 400 <= status < 500 or code.startswith(REFUSED):
        return ProviderRefused(code, words)
    return ProviderUnsure(code, words)
