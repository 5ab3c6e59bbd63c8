"""Receivers with faults. They verify each request as a customer of Tuza would, and keep what they accepted."""

import base64
import json
import random
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook

DOMAIN = "webhooks.example"
STATUS = {"fails": 500, "moved": 301, "busy": 429, "gone": 410}
FAULTY = {"fails": 0.3, "moved": 0.3, "busy": 0.3, "hangs": 0.02, "gone": 1.0}
"""The share of requests with a fault, by endpoint; the others have none of their own."""
NAMES = (*FAULTY, "rebinds", "ed25519", "sound")
"""``rebinds`` has a name that means another address at each second question or so; ``sound`` always answers 204."""
HANGS_SECONDS = 17
"""Longer than a request may take."""


@dataclass
class Seen:
    """The state of the receivers."""

    keys: dict[str, list[tuple[float, str]]] = field(default_factory=lambda: defaultdict(list))
    """Of each endpoint, since when and the key, the newest first."""
    accepted: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    """The body of each accepted delivery, by endpoint and id."""
    late: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds between an event and its first acceptance."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    signed_twice: int = 0


class Receivers:
    """A server for all endpoints, by path; and one on an address that is not public, which no one may call."""

    def __init__(self, seed: int) -> None:
        self.seen, self.is_hanging = Seen(), False
        self._chance, self._lock = random.Random(seed), threading.Lock()
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), self._handler(self._answer))]
        self.port = self._servers[0].server_port
        self._servers.append(ThreadingHTTPServer(("127.0.0.2", self.port), self._handler(self._trespassed)))
        for server in self._servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def url(self, name: str) -> str:
        """Return the URL of an endpoint."""
        return f"http://{name}.{DOMAIN}:{self.port}/{name}"

    def stop(self) -> None:
        """Stop both servers."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def wait_for(self, count: int, seconds: float) -> None:
        """Wait until there are this many requests, for a limited time."""
        end = time.monotonic() + seconds
        while len(self.seen.requests) < count and time.monotonic() < end:
            time.sleep(0.005)

    def _handler(self, answer: Any) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"] or -1)
                body = self.rfile.read(max(0, length))
                if len(body) != length:
                    return  # the worker was killed within the headers or the body
                status = answer(self.path[1:], {name.lower(): value for name, value in self.headers.items()}, body)
                self.send_response(status)
                if status == 301:
                    self.send_header("Location", "/elsewhere")
                if status == 429:
                    self.send_header("Retry-After", "1")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:  # the worker was killed
                    self.close_connection = True

        return Handler

    def _trespassed(self, name: str, _headers: dict[str, str], _body: bytes) -> int:
        self.seen.wrong.append(f"{name}: an address that is not public was called")
        return 204

    def _answer(self, name: str, headers: dict[str, str], body: bytes) -> int:
        with self._lock:
            seen = self.seen
            if name not in seen.keys:
                seen.wrong.append(f"/{name} was called, which is no endpoint: a redirect was followed")
                return 404
            self._verify(name, headers, body)
            is_faulty = self._chance.random() < FAULTY.get(name, 0) or (name == "hangs" and self.is_hanging)
            seen.faults[name] += is_faulty
        if is_faulty and name in STATUS:
            return STATUS[name]
        if is_faulty:
            time.sleep(HANGS_SECONDS)
            return 204
        with self._lock:
            self._accept(name, headers["webhook-id"], json.loads(body))
        return 204

    def _verify(self, name: str, headers: dict[str, str], body: bytes) -> None:
        own = {word: value for word, value in headers.items() if word.startswith("webhook-")}
        signed_at, signatures = int(own["webhook-timestamp"]), own["webhook-signature"].split(" ")
        # the last request of a killed worker may be read after the rotation that followed
        keys = [key for since, key in self.seen.keys[name] if since <= signed_at][: len(signatures)]
        self.seen.requests.append({"keys": keys, "headers": own, "body": body.decode()})
        self.seen.signed_twice += len(signatures) > 1
        for key in keys:  # after a rotation both verify
            try:
                _verify_with(key, own, body)
            except Exception as error:
                self.seen.wrong.append(f"{name}: {own['webhook-id']} is signed wrongly: {error!r}")

    def _accept(self, name: str, webhook_id: str, body: dict[str, Any]) -> None:
        kept = self.seen.accepted[name]
        if webhook_id not in kept:
            self.seen.late[name].append(time.time() - _seconds(body["timestamp"]))
        if kept.setdefault(webhook_id, body) != body:
            self.seen.wrong.append(f"{name}: {webhook_id} came with two bodies")


def _verify_with(key: str, headers: dict[str, str], body: bytes) -> None:
    if key.startswith("whsec_"):
        Webhook(key).verify(body, headers)
        return
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.removeprefix("whpk_")))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    public.verify(base64.b64decode(headers["webhook-signature"].removeprefix("v1a,")), signed)


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
