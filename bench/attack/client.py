"""A client that sends what browsers would not: any header, any host, any bytes."""

import base64
import json
import re
import socket
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlencode, urlsplit

PUBLIC = "/api/v1/storefront"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class AttackResponse:
    """A response: status, headers by lower-case name, and body."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The body as JSON; an empty object if it is not."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    @property
    def code(self) -> str:
        """The error's code."""
        found = self.json
        return str(found.get("code", "")) if isinstance(found, dict) else ""


@dataclass
class AttackClient:
    """A client with its own cookies; ``source`` is its network address."""

    base: str
    jar: dict[str, str] = field(default_factory=dict)
    auth: str = ""
    source: str = ""

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> AttackResponse:
        """Send a request; ``content_type`` is sent as ``Content-Type``."""
        parts = urlsplit(self.base)
        source = (self.source, 0) if self.source else None
        connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=60, source_address=source)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.jar:
            sent.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.jar.items()))
        if self.auth:
            sent.setdefault("Authorization", self.auth)
        connection.request(method, path, body, sent)
        answer = self._keep(connection.getresponse())
        connection.close()
        return answer

    def _keep(self, response: HTTPResponse) -> AttackResponse:
        cookies = tuple(value for name, value in response.getheaders() if name.lower() == "set-cookie")
        for cookie in cookies:
            name, _, rest = cookie.partition("=")
            value = rest.partition(";")[0]
            if value:
                self.jar[name] = value
            else:
                self.jar.pop(name, None)
        headers = {name.lower(): value for name, value in response.getheaders()}
        return AttackResponse(response.status, headers, response.read(), cookies)

    def get(self, path: str, **headers: str) -> AttackResponse:
        """GET."""
        return self.call("GET", path, **headers)

    def send(self, method: str, path: str, value: Any, **headers: str) -> AttackResponse:
        """Send JSON."""
        sent = {"Content_Type": "application/json"} | headers
        return self.call(method, path, json.dumps(value).encode(), **sent)

    def form(self, path: str, page: str = "", **fields: str) -> AttackResponse:
        """Send a form with the token of a page."""
        found = TOKEN.search(self.get(page or path).text)
        data = urlencode({"csrf_token": found[1] if found else "", **fields}).encode()
        return self.call("POST", path, data, Content_Type="application/x-www-form-urlencoded", Origin=self.base)

    def raw(self, data: bytes) -> bytes:
        """Send bytes and return the response."""
        parts = urlsplit(self.base)
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=15) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            found = b""
            while piece := connection.recv(65536):
                found += piece
        return found


def text_of(mail: EmailMessage) -> str:
    """Return the plain text of a mail."""
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""


@dataclass(frozen=True)
class Target:
    """The shop under attack: its address, and what demo.json says of it."""

    base: str
    demo: dict[str, Any]
    sessions: list[AttackClient] = field(default_factory=list)

    def visitor(self, number: int = 0) -> AttackClient:
        """Return a client without cookies; with a number, from its own network address (127.1.0.N)."""
        return AttackClient(self.base, source=f"127.1.0.{number}" if number else "")

    def mail_to(self, address: str, known: Collection[str] = (), seconds: float = 15) -> str:
        """Return the text of the newest mail to an address that is not in ``known``; empty if none came in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for text in self.mails_to(address):
                if text not in known:
                    return text
            time.sleep(0.3)
        return ""

    def mails_to(self, address: str) -> list[str]:
        """Return the mails to an address that the shop wrote to files, newest first."""
        visitor = self.visitor()
        names = dict.fromkeys(re.findall(r'href="(/dev/mail/[^"/]+)"', visitor.get("/dev/mail").text))
        mails = (visitor.get(f"{name}/raw").body for name in list(names)[:20])
        found = [message_from_bytes(mail, policy=default) for mail in mails]
        return [text_of(mail) for mail in found if address in str(mail["To"])]

    def key(self, name: str = "api_key") -> AttackClient:
        """Return a client with a key of the demo shop."""
        pair = self.demo[name]
        words = f"{pair['consumer_key']}:{pair['consumer_secret']}".encode()
        return AttackClient(self.base, auth=f"Basic {base64.b64encode(words).decode()}")

    def owner(self, *, new_session: bool = False) -> AttackClient:
        """Return the demo shop's owner, signed in once for all attacks, because sign-ins are limited."""
        if new_session or not self.sessions:
            client = self.visitor()
            client.form("/staff/sign-in", **self.demo["staff"])
            self.sessions.append(client)
        return self.sessions[-1 if new_session else 0]

    @property
    def customer(self) -> dict[str, Any]:
        """Return a customer of the demo shop."""
        found: dict[str, Any] = self.demo["customers"][4]
        return found

    def product(self) -> dict[str, Any]:
        """Return a product in stock."""
        found: dict[str, Any] = self.visitor().get(f"{PUBLIC}/products?limit=1").json["data"]["products"][0]
        return found
