"""Clients that create customers, add points, order with them, pay and cancel until they are stopped."""

import base64
import json
import random
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from typing import Any

from flask import Flask

from bench.kill.journal import Journal, SentOrder
from bench.kill.killable_shop import COUPON, GIFT, Stocked
from bench.kill.postman import NoMail, Postman
from shop.services import clock

TIMEOUT_SECONDS = 40
SETTLE_SECONDS = 90
SPENT = 400
WITH_WALLET = 0.7
PAUSE_SECONDS = 0.05
"""Between two connection attempts while no server listens."""


class Unanswered(Exception):
    """The connection broke or the response was a clean 503: the request may or may not have been executed."""


class ShopConnection:
    """A connection to the shop that distinguishes clean errors from broken ones."""

    def __init__(self, port: int, key: tuple[str, str], journal: Journal) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        self._authorization = "Basic " + base64.b64encode(":".join(key).encode()).decode()
        self._journal = journal

    def ask(
        self, method: str, path: str, body: dict[str, Any], *, key: str | None = None, fine: tuple[int, ...] = (200,)
    ) -> tuple[int, dict[str, Any]]:
        """Return status and JSON, the status one of ``fine``; record any other as an error. Raises Unanswered."""
        headers = {"Authorization": self._authorization, "Content-Type": "application/json", "Connection": "close"}
        if key is not None:
            headers["Idempotency-Key"] = key
        status, wait, raw = self._exchange(method, f"/api/v1{path}", json.dumps(body).encode(), headers)
        return self._judge(f"{method} {path}", status, wait, raw, fine)

    def _exchange(self, method: str, path: str, sent: bytes, headers: dict[str, str]) -> tuple[int, str | None, bytes]:
        """Return status, Retry-After and body. Raises Unanswered."""
        connected = False
        try:
            self._connection.connect()
            connected = True
            self._connection.request(method, path, sent, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.getheader("Retry-After"), answer.read()
        except (OSError, HTTPException):
            self._journal.count("cut" if connected else "closed")
            raise Unanswered from None
        finally:
            self._connection.close()

    def knock(self, stop: threading.Event) -> None:
        """Wait until the shop is ready again, or until ``stop``."""
        while not stop.is_set():
            try:
                self._connection.request("GET", "/readyz", headers={"Connection": "close"})
                if self._connection.getresponse().status == 200:
                    return
            except (OSError, HTTPException):
                pass
            finally:
                self._connection.close()
            stop.wait(PAUSE_SECONDS)

    def _judge(
        self, asked: str, status: int, wait: str | None, raw: bytes, fine: tuple[int, ...]
    ) -> tuple[int, dict[str, Any]]:
        try:
            said = json.loads(raw)
            enveloped = status < 400 or (said["status"] == "error" and said["message"] and said["code"])
        except (ValueError, KeyError, TypeError):
            said, enveloped = {}, False
        if enveloped and status in fine:
            self._journal.count("answered")
            return status, said
        if enveloped and status == 503 and said["code"] == "unavailable" and wait and wait.isdigit():
            self._journal.count("503")
            raise Unanswered
        if not (enveloped and status == 409 and said["code"] == "request_in_progress" and wait):
            self._journal.note_odd(f"{asked}: {status} {raw[:300]!r}")
        raise Unanswered


class InnerLine(ShopConnection):
    """A connection to an application of this process, whose clock is ``later``.

    If ``later`` is longer than a lease, the leases of killed processes have ended.
    """

    def __init__(self, app: Flask, key: tuple[str, str], journal: Journal, later: timedelta) -> None:
        super().__init__(0, key, journal)
        self._app, self._later = app, later

    def _exchange(self, method: str, path: str, sent: bytes, headers: dict[str, str]) -> tuple[int, str | None, bytes]:
        with clock.moved_to(datetime.now(UTC) + self._later):
            answer = self._app.test_client().open(path, method=method, data=sent, headers=headers)
        return answer.status_code, answer.headers.get("Retry-After"), answer.get_data()


class ShopperThread(threading.Thread):
    """A client that repeats its requests until ``stop``; :func:`settle` repeats those without a response."""

    def __init__(
        self,
        number: int,
        line: ShopConnection,
        journal: Journal,
        stocked: Stocked,
        postman: Postman,
        stop: threading.Event,
    ) -> None:
        super().__init__(name=f"shopper-{number}", daemon=True)
        self._number, self._line, self._journal = number, line, journal
        self._stocked, self._postman, self._stopped = stocked, postman, stop
        self._chance = random.Random(number)
        self._trips = 0

    def run(self) -> None:
        """Run until stopped."""
        while not self._stopped.is_set():
            self._trips += 1
            try:
                self._trip(f"mteja-{self._number}-{self._trips}")
            except (Unanswered, NoMail):
                self._line.knock(self._stopped)

    def _trip(self, name: str) -> None:
        """Order with points, pay, order again, and sometimes cancel.

        Most customers have a token. New ones get points by an adjustment and a code by mail.
        """
        wallets = self._stocked.wallets[self._number]
        if wallets and self._chance.random() < WITH_WALLET:
            email, token = wallets.pop()
            who = {"email": email}
        else:
            who, token = self._meet(name)
        self._order(f"{name}-points", who, loyalty_redemption={"token": token, "points": SPENT})
        self._order(f"{name}-money", who)

    def _meet(self, name: str) -> tuple[dict[str, str], str]:
        """Return a new customer with points and the token for the code in their mail."""
        who = {"email": f"{name}@example.com"}
        _, made = self._line.ask("POST", "/customers", who | {"first_name": "Mteja"}, fine=(201,))
        gift = {"customer_id": made["data"]["customer"]["id"], "points": GIFT, "note": name}
        self._journal.open_gifts[name] = (self._number, gift)
        give(self._line, self._journal, name)
        self._line.ask("POST", "/storefront/loyalty/redemption/send-otp", who)
        code = self._postman.code_for(who["email"])
        _, proof = self._line.ask("POST", "/storefront/loyalty/redemption/verify-otp", who | {"code": code})
        return who, proof["data"]["redemption_token"]

    def _order(self, key: str, who: dict[str, str], **more: Any) -> None:
        items = [
            {"product_id": product, "quantity": self._chance.randint(1, 3)}
            for product in self._chance.sample(self._stocked.products, 2)
        ]
        body = {"customer": who, "items": items, "notes": key, **more}
        if self._chance.random() < 0.7:
            body["coupon_code"] = COUPON
        asked = self._journal.orders[key] = SentOrder(key, body)
        try:
            order = place(self._line, asked)
        except Unanswered:
            if self._chance.random() < 0.5:
                raise  # left for the end
            self._line.knock(self._stopped)
            order = place(self._line, asked)
        self._step("pay", order["id"])
        if self._chance.random() < 0.4:
            self._step("cancel", order["id"])

    def _step(self, step: str, order_id: int) -> None:
        self._journal.open_steps.add((step, order_id))
        take_step(self._line, self._journal, step, order_id)


def place(line: ShopConnection, asked: SentOrder) -> dict[str, Any]:
    """Request an order with its key; the order of the response is recorded. Raises Unanswered."""
    _, said = line.ask("POST", "/storefront/checkout/create-order", asked.body, key=asked.key, fine=(201,))
    order: dict[str, Any] = said["data"]["order"]
    asked.order = order
    return order


def give(line: ShopConnection, journal: Journal, name: str) -> None:
    """Add points with a key. Raises Unanswered."""
    _, gift = journal.open_gifts[name]
    _, said = line.ask("POST", "/marketing/loyalty/adjust", gift, key=f"gift-{name}", fine=(200,))
    journal.given[name] = said["data"]["ledger_entry"]["id"]
    del journal.open_gifts[name]


def take_step(line: ShopConnection, journal: Journal, step: str, order_id: int) -> None:
    """Pay or cancel an order. Raises Unanswered."""
    if step == "pay":
        body = {"payment_status": "paid", "transaction_reference": f"REF-{order_id}"}
        line.ask("PATCH", f"/orders/{order_id}/payment-status", body)
    else:
        line.ask("PATCH", f"/orders/{order_id}/status", {"status": "cancelled"})
    (journal.paid if step == "pay" else journal.cancelled).add(order_id)
    journal.open_steps.discard((step, order_id))


def settle(lines: Sequence[ShopConnection], journal: Journal) -> None:
    """Repeat every request without a response, as a client would, until there is one; ``lines`` by client.

    What a killed process was working on is locked by its lease for half a minute; then it is executed, or its stored
    response is sent. What is still open then is recorded as an error.
    """
    gives_up_at = time.monotonic() + SETTLE_SECONDS
    while True:
        waiting = 0
        for asked in [asked for asked in journal.orders.values() if asked.order is None]:
            waiting += _tried(place, lines[0], asked)
        for name, (number, _) in list(journal.open_gifts.items()):
            waiting += _tried(give, lines[number], journal, name)
        for step, order_id in list(journal.open_steps):
            waiting += _tried(take_step, lines[0], journal, step, order_id)
        if not waiting:
            return
        if time.monotonic() > gives_up_at or journal.odd:
            journal.note_odd(f"{waiting} requests were never answered, however often they were sent again")
            return
        time.sleep(0.5)


def _tried(what: Any, *given: Any) -> int:
    try:
        what(*given)
    except Unanswered:
        return 1
    return 0
