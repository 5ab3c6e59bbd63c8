"""A receiver of webhooks that only adds up ``points.*``: it knows nothing of orders, rates or balances."""

import base64
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.replay.client import ReplayClient
from bench.replay.nouns import CannotReplay

PATIENCE_SECONDS = 60
"""Without any new event."""


class PointsReceiver:
    """Adds up the points of each customer. Counts each ``webhook-id`` once, and notes what is signed wrongly."""

    def __init__(self) -> None:
        self.sums: dict[int, int] = {}
        self.wrong: list[str] = []
        self._seen: set[str] = set()
        self._secret = b""
        self._guard = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def subscribe(self, client: ReplayClient) -> None:
        """Add an endpoint for the events of points."""
        body = {"url": f"http://127.0.0.1:{self._server.server_port}/points", "types": ["points.*"]}
        made = client.call("subscribe", "POST", "/webhook-endpoints", body, expect=201)["endpoint"]
        self._secret = base64.b64decode(made["secret"].removeprefix("whsec_"))

    def wait_for(self, count: int) -> None:
        """Wait for this many events. Raises CannotReplay if none arrives for a minute."""
        before, until = -1, 0.0
        while len(self._seen) < count:
            if len(self._seen) != before:
                before, until = len(self._seen), time.monotonic() + PATIENCE_SECONDS
            if time.monotonic() > until:
                raise CannotReplay(f"Only {before:,} of {count:,} events of points arrived: is there a worker?")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()

    def accept(self, headers: dict[str, str], body: bytes) -> None:
        """Add the points of a delivery, unless it came before."""
        with self._guard:
            if not self._is_signed(headers, body):
                self.wrong.append(f"{headers.get('webhook-id')} is signed wrongly")
            if headers["webhook-id"] not in self._seen:
                entry = json.loads(body)["data"]["entry"]
                self.sums[entry["customer_id"]] = self.sums.get(entry["customer_id"], 0) + entry["points"]
            self._seen.add(headers["webhook-id"])

    def _is_signed(self, headers: dict[str, str], body: bytes) -> bool:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = "v1," + base64.b64encode(hmac.digest(self._secret, signed, "sha256")).decode()
        return expected in headers["webhook-signature"].split(" ")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        accept = self.accept

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                accept({name.lower(): value for name, value in self.headers.items()}, body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def receiver_differences(receiver: PointsReceiver, client: ReplayClient) -> list[str]:
    """Return a sentence for each balance of the ledger that the sum of events is not, and each wrong signature."""
    receiver.wait_for(client.call("ledger", "GET", "/marketing/loyalty/ledger?limit=1")["total"])
    balances, offset, total = dict[int, int](), 0, 1
    while offset < total:
        page = client.call("balances", "GET", f"/marketing/loyalty/balances?limit=200&offset={offset}")
        balances |= {one["customer_id"]: one["points_balance"] for one in page["balances"]}
        offset, total = offset + 200, page["total"]
    off = [
        f"customer {customer}: events add up to {receiver.sums.get(customer, 0)}, not to {balances.get(customer)}"
        for customer in sorted(balances.keys() | receiver.sums.keys())
        if receiver.sums.get(customer, 0) != balances.get(customer, 0)
    ]
    return [*off, *receiver.wrong]
