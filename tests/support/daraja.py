"""A stand-in of Safaricom's Daraja: a real HTTP server with its documented answers and failures.

In tests :class:`Daraja` gets its next responses from the test, which also triggers callbacks. As a command it calls
back on its own, and the last digits of the phone decide the result of a payment::

    python -m tests.support.daraja --port 5150
    DARAJA_URL=http://127.0.0.1:5150 make run      # consumer key and secret: key, secret
"""

import argparse
import base64
import itertools
import json
import threading
import time
import urllib.request
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import click

KEY, SECRET, PASSKEY, SHORT_CODE = (
    "key",
    "secret",
    "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
    "174379",
)
RESULTS = {
    "0": "The service request is processed successfully.",
    "1": "The balance is insufficient for the transaction.",
    "1001": "Unable to lock subscriber, a transaction is already in process for the current subscriber",
    "1019": "Transaction has expired",
    "1032": "Request cancelled by user",
    "1037": "DS timeout user cannot be reached",
    "2001": "The initiator information is invalid.",
}
BY_PHONE = {"001": "1", "032": "1032", "037": "1037", "201": "2001", "019": "1019"}
"""As a command: what comes of a payment, by the last three digits of the phone; any other is paid."""
FAILURES = {"429": "429", "503": "503", "400": "phone", "101": "busy", "999": "malformed", "408": "slow"}
"""As a command: how a push fails, by the last three digits of the phone. 777 is paid, and never calls back."""
SLOW_SECONDS = 20
REQUESTS = {"/mpesa/transactionstatus/v1/query", "/mpesa/reversal/v1/request", "/mpesa/b2c/v3/paymentrequest"}
"""Requests whose result comes at their ``ResultURL`` (``tests/support/daraja_results.py``)."""


@dataclass
class Push:
    """A push that was taken."""

    merchant_request_id: str
    checkout_request_id: str
    phone: str
    amount: int
    callback_url: str
    body: dict[str, Any]
    result: str | None = None
    receipt: str = ""


def confirmation(**changed: Any) -> dict[str, Any]:
    """The body with which Daraja validates and confirms a payment without a prompt (C2B)."""
    body = {
        "TransactionType": "Pay Bill",
        "TransID": "SGH7X2K9QP",
        "TransTime": "20251106230212",
        "TransAmount": "960.00",
        "BusinessShortCode": SHORT_CODE,
        "BillRefNumber": "",
        "InvoiceNumber": "",
        "OrgAccountBalance": "49197.00",
        "ThirdPartyTransID": "",
        "MSISDN": "254712345678",
        "FirstName": "Jane",
        "MiddleName": "",
        "LastName": "Doe",
    }
    return body | changed


@dataclass
class FakeDaraja:
    """The server. ``push_fails`` and ``query_fails`` hold how the next requests fail: a name of :data:`ANSWERS`."""

    auto_seconds: float | None = None
    host: str = "127.0.0.1"
    port: int = 0
    pushes: list[Push] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    token_fails: deque[str] = field(default_factory=deque)
    push_fails: deque[str] = field(default_factory=deque)
    query_fails: deque[str] = field(default_factory=deque)
    on_query: Any = None
    registrations: list[dict[str, Any]] = field(default_factory=list)
    register_fails: deque[str] = field(default_factory=deque)
    requests: list[dict[str, Any]] = field(default_factory=list)
    """Requests about transactions that were taken, each with the ``OriginatorConversationID`` that it was given."""
    request_fails: deque[str] = field(default_factory=deque)
    released: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._guard = threading.Lock()
        self._server = ThreadingHTTPServer((self.host, self.port), type("Handler", (_Handler,), {"daraja": self}))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{self.host}:{self.port}"

    def start(self) -> None:
        """Start the server in a thread."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def serve(self) -> None:
        """Be up until interrupted."""
        self._server.serve_forever()

    def stop(self) -> None:
        """Go down; the port refuses connections from then on."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def number(self) -> int:
        """Return a new number."""
        with self._guard:
            return next(self._numbers)

    def take(self, body: dict[str, Any]) -> Push:
        """Take a push."""
        number = self.number()
        push = Push(
            merchant_request_id=f"29115-{number}-1",
            checkout_request_id=f"ws_CO_{time.time_ns()}_{number}",
            phone=str(body["PhoneNumber"]),
            amount=int(body["Amount"]),
            callback_url=str(body["CallBackURL"]),
            body=body,
        )
        self.pushes.append(push)
        if self.auto_seconds is not None:
            threading.Timer(self.auto_seconds, self._settle, [push]).start()
        return push

    def _settle(self, push: Push) -> None:
        self.settle(push, BY_PHONE.get(push.phone[-3:], "0"))
        if push.phone[-3:] != "777":
            request = urllib.request.Request(
                push.callback_url, json.dumps(self.callback(push)).encode(), {"Content-Type": "application/json"}
            )
            try:
                urllib.request.urlopen(request, timeout=10).close()
            except OSError as error:
                click.echo(f"the callback was not taken: {error}")

    def settle(self, push: Push, result: str) -> None:
        """Set the result of a push, which queries return from now on."""
        push.result = result
        push.receipt = f"S{self.number():09d}" if result == "0" else ""

    def callback(self, push: Push, result: str | None = None, **changed: Any) -> dict[str, Any]:
        """Return the body of Daraja's callback; ``changed`` replaces items such as ``Amount``."""
        code = result if result is not None else (push.result or "0")
        reported: dict[str, Any] = {
            "MerchantRequestID": push.merchant_request_id,
            "CheckoutRequestID": push.checkout_request_id,
            "ResultCode": int(code),
            "ResultDesc": RESULTS.get(code, "Something else"),
        }
        if code == "0":
            items = {
                "Amount": float(push.amount),
                "MpesaReceiptNumber": push.receipt or f"S{self.number():09d}",
                "TransactionDate": 20261124201233,
                "PhoneNumber": int(push.phone),
            } | changed
            reported["CallbackMetadata"] = {"Item": [{"Name": name, "Value": value} for name, value in items.items()]}
        return {"Body": {"stkCallback": reported}}


def _error(code: str, message: str) -> dict[str, Any]:
    return {"requestId": "1234-5678-1", "errorCode": code, "errorMessage": message}


ANSWERS: dict[str, tuple[int, Any]] = {
    "401": (401, _error("404.001.03", "Invalid Access Token")),
    "wrong_key": (400, _error("400.008.01", "Invalid Authentication passed")),
    "429": (429, {"fault": {"faultstring": "Spike arrest violation", "detail": {"errorcode": "policies.ratelimit"}}}),
    "503": (503, "<html><body>Service Unavailable</body></html>"),
    "500": (500, "<html><body>Internal Server Error</body></html>"),
    "phone": (400, _error("400.002.02", "Bad Request - Invalid PhoneNumber")),
    "amount": (400, _error("400.002.02", "Bad Request - Invalid Amount")),
    "busy": (500, _error("500.001.1001", RESULTS["1001"])),
    "merchant": (500, _error("500.001.1001", "Merchant does not exist")),
    "registered": (500, _error("500.003.1001", "Urls are already registered")),
    "processing": (500, _error("500.001.1001", "The transaction is being processed")),
    "malformed": (200, '{"ResponseCode": "0", "Checkout'),
    "array": (200, [1, 2, 3]),
    "no_id": (200, {"ResponseCode": "0", "ResponseDescription": "Success"}),
}


class _Handler(BaseHTTPRequestHandler):
    daraja: FakeDaraja
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        if not self.path.startswith("/oauth/v1/generate"):
            return self._say(404, _error("404.001.01", "Resource not found"))
        pair = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        if self.daraja.token_fails:
            return self._fail(self.daraja.token_fails.popleft())
        if self.headers.get("Authorization") != f"Basic {pair}":
            return self._fail("wrong_key")
        token = f"token-{self.daraja.number()}"
        self.daraja.tokens.append(token)
        return self._say(200, {"access_token": token, "expires_in": "3599"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if token not in self.daraja.tokens:
            return self._fail("401")
        if self.path == "/mpesa/stkpush/v1/processrequest":
            return self._push(body)
        if self.path == "/mpesa/stkpushquery/v1/query":
            return self._query(body)
        if self.path == "/mpesa/c2b/v2/registerurl":
            return self._register(body)
        if self.path in REQUESTS:
            return self._request(body)
        return self._say(404, _error("404.001.01", "Resource not found"))

    def _push(self, body: dict[str, Any]) -> None:
        fails = self.daraja.push_fails.popleft() if self.daraja.push_fails else None
        if self.daraja.auto_seconds is not None:
            fails = FAILURES.get(str(body.get("PhoneNumber"))[-3:])
        if fails is None and not self._knows(body):
            fails = "merchant"
        if fails and fails not in {"lost", "slow"}:
            return self._fail(fails)
        push = self.daraja.take(body)
        if fails:  # taken, but the answer never arrives
            return self._fail(fails)
        reported = {"MerchantRequestID": push.merchant_request_id, "CheckoutRequestID": push.checkout_request_id}
        words = "Success. Request accepted for processing"
        return self._say(200, reported | {"ResponseCode": "0", "ResponseDescription": words, "CustomerMessage": words})

    def _register(self, body: dict[str, Any]) -> None:
        fails = self.daraja.register_fails.popleft() if self.daraja.register_fails else None
        if fails and fails != "lost":
            return self._fail(fails)
        self.daraja.registrations.append(body)
        if fails:
            return self._fail(fails)
        reported = {"OriginatorCoversationID": f"6e86-{self.daraja.number()}", "ResponseCode": "0"}
        return self._say(200, reported | {"ResponseDescription": "Success"})

    def _request(self, body: dict[str, Any]) -> None:
        fails = self.daraja.request_fails.popleft() if self.daraja.request_fails else None
        if fails and fails != "lost":
            return self._fail(fails)
        reported = {
            "OriginatorConversationID": f"71840-{time.time_ns()}-{self.daraja.number()}",
            "ConversationID": "AG_20261124_1",
        }
        if "OriginatorConversationID" in body:
            reported["OriginatorConversationID"] = body["OriginatorConversationID"]
        self.daraja.requests.append({**body, **reported, "path": self.path})
        if fails:  # taken, but the answer never arrives
            return self._fail(fails)
        words = "Accept the service request successfully."
        return self._say(200, reported | {"ResponseCode": "0", "ResponseDescription": words})

    def _knows(self, body: dict[str, Any]) -> bool:
        word = base64.b64encode(f"{SHORT_CODE}{PASSKEY}{body.get('Timestamp')}".encode()).decode()
        return bool(body.get("BusinessShortCode") == SHORT_CODE and body.get("Password") == word)

    def _query(self, body: dict[str, Any]) -> None:
        name = str(body.get("CheckoutRequestID"))
        self.daraja.queries.append(name)
        if self.daraja.on_query is not None:
            self.daraja.on_query(name)
        if self.daraja.query_fails:
            return self._fail(self.daraja.query_fails.popleft())
        push = next((push for push in self.daraja.pushes if push.checkout_request_id == name), None)
        if push is None:
            return self._say(400, _error("400.002.02", "Bad Request - Invalid CheckoutRequestID"))
        if push.result is None:
            return self._fail("processing")
        reported = {"ResponseCode": "0", "ResponseDescription": "Accepted", "CheckoutRequestID": name}
        return self._say(200, reported | {"ResultCode": push.result, "ResultDesc": RESULTS[push.result]})

    def _fail(self, how: str) -> None:
        if how == "slow":
            self.daraja.released.wait(SLOW_SECONDS)
            how = "lost"
        if how == "lost":
            self.close_connection = True
            return None
        return self._say(*ANSWERS[how])

    def _say(self, status: int, answer: Any) -> None:
        text = answer if isinstance(answer, str) else json.dumps(answer)
        raw = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


def main() -> None:
    """Stand in for Daraja until interrupted."""
    parser = argparse.ArgumentParser(description="A stand-in of Daraja for trying payments out.")
    parser.add_argument("--port", type=int, default=5150)
    parser.add_argument("--seconds", type=float, default=4, help="until a customer has entered their PIN")
    asked = parser.parse_args()
    daraja = FakeDaraja(auto_seconds=asked.seconds, port=asked.port)
    click.echo(f"Daraja stands in at {daraja.url}")
    click.echo(f"consumer key {KEY}, consumer secret {SECRET}, short code {SHORT_CODE}, passkey {PASSKEY}")
    click.echo(f"phones that end in {', '.join([*BY_PHONE, *FAILURES, '777'])} do not just pay")
    try:
        daraja.serve()
    except KeyboardInterrupt:
        daraja.stop()


if __name__ == "__main__":
    main()
