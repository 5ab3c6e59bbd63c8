"""Stand-ins of the providers of messages: real HTTP servers with their documented shapes."""

import itertools
import json
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

API_KEY, TOKEN, APP_SECRET = "atsk_key", "EAAJB-token", "app-secret"
STATUSES = {
    100: "Processed",
    101: "Success",
    102: "Queued",
    401: "RiskHold",
    402: "InvalidSenderId",
    403: "InvalidPhoneNumber",
    404: "UnsupportedNumberType",
    405: "InsufficientBalance",
    406: "UserInBlacklist",
    407: "CouldNotRoute",
    500: "InternalServerError",
    501: "GatewayError",
    502: "RejectedByGateway",
}
TEXT = {"type": "text"}


class StandIn(ABC):
    """A server in a thread. ``on_request`` is called with the fields of each accepted request before it is answered."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)
        self.on_request: Callable[[dict[str, Any]], None] = lambda _fields: None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stand_in": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Go down; the port refuses connections from then on."""
        self._server.shutdown()
        self._server.server_close()

    @abstractmethod
    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, Any]:
        """Return the status and the JSON of a request's response."""


@dataclass
class _Sms:
    name: str
    to: str
    text: str
    sender: str | None


class AfricasTalking(StandIn):
    """``next_codes`` are the status codes of the next recipients; ``next_errors`` the HTTP errors of the next requests.

    An error of 0 closes the connection after the message was taken.
    """

    def __init__(self) -> None:
        self.sent: list[_Sms] = []
        self.next_codes: deque[int] = deque()
        self.next_errors: deque[int] = deque()
        self.balance = "KES 412.4000"
        super().__init__()

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, Any]:
        if handler.headers["apiKey"] != API_KEY:
            return 401, "The supplied authentication is invalid"
        if handler.path.startswith("/version1/user?username="):
            return 200, {"UserData": {"balance": self.balance}}
        fields = {name: values[0] for name, values in parse_qs(body.decode(), strict_parsing=True).items()}
        assert handler.path == "/version1/messaging", handler.path
        assert fields["bulkSMSMode"] == "1", fields
        error = self.next_errors.popleft() if self.next_errors else None
        if error:
            return error, "Service Unavailable"
        return (0, "") if error == 0 and self._take(fields) else (201, self._take(fields))

    def _take(self, fields: dict[str, Any]) -> dict[str, Any]:
        code = self.next_codes.popleft() if self.next_codes else 101
        recipient: dict[str, Any] = {"statusCode": code, "number": fields["to"], "status": STATUSES[code]}
        if code < 400:
            sms = _Sms(f"ATXid_{next(self.numbers)}", fields["to"], fields["message"], fields.get("from"))
            self.sent.append(sms)
            self.on_request(fields | {"id": sms.name})
            recipient |= {"cost": "KES 0.8000", "messageId": sms.name}
            return {"SMSMessageData": {"Message": "Sent to 1/1 Total Cost: KES 0.8000", "Recipients": [recipient]}}
        recipient |= {"cost": "0", "messageId": "None"}
        return {"SMSMessageData": {"Message": "Sent to 0/1 Total Cost: 0", "Recipients": [recipient]}}


@dataclass
class WhatsApp(StandIn):
    """``next_errors`` are the error codes of the next messages."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    next_errors: deque[int] = field(default_factory=deque)

    def __post_init__(self) -> None:
        super().__init__()

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, Any]:
        if handler.headers["Authorization"] != f"Bearer {TOKEN}":
            return 401, {"error": {"message": "Invalid OAuth access token.", "type": "OAuthException", "code": 190}}
        if handler.command == "GET":
            return 200, {"id": "105954558954427"}
        if self.next_errors:
            code = self.next_errors.popleft()
            return 400, {"error": {"message": f"(#{code})", "type": "OAuthException", "code": code}}
        message = json.loads(body)
        self.sent.append(message)
        name = f"wamid.{next(self.numbers)}"
        contact = {"input": message["to"], "wa_id": message["to"]}
        return 200, {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": name}]}


class _Handler(BaseHTTPRequestHandler):
    stand_in: StandIn
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        status, content = self.stand_in.answer(self, self.rfile.read(int(self.headers["Content-Length"] or 0)))
        if status == 0:
            self.close_connection = True
            return
        body = (content if isinstance(content, str) else json.dumps(content)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.headers.replace_header("Content-Length", "0") if "Content-Length" in self.headers else None
        self.headers.add_header("Content-Length", "0")
        self.do_POST()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
