"""M-Pesa for tests: the fake Daraja server, a connected shop, and callbacks."""

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from sqlalchemy import select, text

from shop.db.transaction import transaction
from shop.models import PaymentAttempt
from shop.models.payments.payment import UNDER_WAY
from shop.services.orders.placement import PlacedOrder
from shop.services.payments.attempts import close_attempt
from shop.services.payments.config import PaymentConfig
from shop.services.payments.credentials import save_credentials
from shop.services.payments.reconciliation import poll_pending
from tests import factories
from tests.support import daraja
from tests.support.daraja import FakeDaraja, Push

FACTS = {"kind": "paybill", "short_code": daraja.SHORT_CODE, "till_number": ""}
SECRETS = {"consumer_key": daraja.KEY, "consumer_secret": daraja.SECRET, "passkey": daraja.PASSKEY}
INITIATOR = {"initiator": "tuza", "security_credential": "c2Vj" * 85 + "cg=="}
PHONE = "+254712345678"


def connect_mpesa(policy: PaymentConfig, *, minutes: int | None = 30) -> None:
    """Let the session's shop take M-Pesa by STK push."""
    factories.make_payment("mpesa", "M-Pesa", time_limit_minutes=minutes)
    with transaction():
        save_credentials("mpesa", FACTS, SECRETS, policy.keys)


def connect_initiator(policy: PaymentConfig, **facts: str) -> None:
    """Let the session's shop send requests about transactions."""
    factories.make_payment("mpesa", "M-Pesa")
    with transaction():
        save_credentials("mpesa", FACTS | facts, SECRETS | INITIATOR, policy.keys)


def place_unpaid(*, points: int = 0, stock: int | None = None, code: str | None = None) -> PlacedOrder:
    """Place an order over KES 2,400 with M-Pesa, optionally with redeemed points."""
    milk = factories.make_product(price_cents=240000, stock=stock)
    jane = factories.make_customer(points=points, first_name="Jane", phone=f"+2547{secrets.randbelow(10**8):08d}")
    return factories.place(jane, [(milk, 1)], points=points, payment_method="mpesa", coupon_code=code)


def work_through(policy: PaymentConfig) -> None:
    """Run the worker until nothing is left, whatever other tests left in the same database."""
    while poll_pending(policy):
        pass


def end_attempts() -> None:
    """End all pending attempts of the session's shop, so that no other test's worker queries them."""
    with transaction() as session:
        for attempt in session.scalars(select(PaymentAttempt).where(text(UNDER_WAY))):
            close_attempt(attempt, "lapsed", "", "The test is over.")


@dataclass
class Caller:
    """Daraja's callbacks over HTTP."""

    client: FlaskClient
    daraja: FakeDaraja

    def __call__(self, push: Push, result: str = "0", **changed: Any) -> int:
        """Call the callback URL of a push; return the status."""
        answer = self.client.post(urlsplit(push.callback_url).path, json=self.daraja.callback(push, result, **changed))
        return int(answer.status_code)
