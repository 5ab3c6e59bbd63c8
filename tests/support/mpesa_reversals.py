"""Reversals that staff ask for in synthetic days of payments, with what goes wrong on the way.

The answer to a request, or its result, is lost; a result comes twice, a day late, after a timeout, or says that the
reversal failed, at times wrongly: then staff have counted the payment as a sale before M-Pesa reports the success.
Until the evening ends, the worker asks M-Pesa for what is missing, and staff ask again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select

from shop.db.session import db
from shop.domain.payments.received import ReceivedState
from shop.domain.payments.requests import OPEN_STATES
from shop.models import AuditEntry, PaymentFlag, ProviderRequest, ReceivedPayment
from shop.services import clock
from shop.services.payment_matching.claims import claim_for_customer, mark_returned
from shop.services.payments.config import PaymentConfig
from shop.services.provider_requests.results import handle_result, handle_timeout
from shop.services.provider_requests.reversals import reverse_payment
from shop.services.provider_requests.status import query_missing
from tests.factories import TESTER
from tests.support.daraja import FakeDaraja
from tests.support.daraja_results import reversal_result, status_result

FATES = {
    "reversal done": 20,
    "reversal done, told twice": 15,
    "reversal's result lost": 15,
    "reversal's result late": 15,
    "reversal timed out": 10,
    "reversal's answer lost": 10,
    "reversal failed": 10,
    "reversal failed, then done": 15,
}
INITIATOR = "2001"
ALREADY = "R000001"


@dataclass
class Reversals:
    """Staff who send payments back through the stand-in of Daraja; ``count`` is called with what happens."""

    daraja: FakeDaraja
    policy: PaymentConfig
    random: Random
    count: Callable[[str], None]
    sent_back: int = 0
    late: list[tuple[dict[str, Any], int]] = field(default_factory=list)
    """Requests whose success is told on the next day, each with the points that it takes back."""
    unknown: list[int] = field(default_factory=list)
    """Payments of which staff have heard nothing."""
    refunds: int = 0

    def send_back(self, payment_id: int, customer_id: int, points: int) -> int:
        """Send a payment back; return the points that it earned because M-Pesa said first that it had failed."""
        fate = self.random.choices(list(FATES), list(FATES.values()))[0]
        self.count(fate)
        self.sent_back += 1
        if fate == "reversal's answer lost":
            self.daraja.request_fails.append("lost")
        sent = self._ask(payment_id)
        if fate in {"reversal done", "reversal done, told twice"}:
            for _ in range(1 + fate.endswith("twice")):
                _tell(sent)
        elif fate.startswith("reversal failed"):
            _tell(sent, INITIATOR)
            return self._after_failure(fate, payment_id, customer_id, points, sent)
        elif fate == "reversal's result late":
            self.late.append((sent, 0))
        elif fate == "reversal timed out":
            handle_timeout(_token(sent["ResultURL"]))
        else:
            self.unknown.append(payment_id)
        return 0

    def _after_failure(self, fate: str, payment_id: int, customer_id: int, points: int, sent: dict[str, Any]) -> int:
        if fate == "reversal failed":
            mark_returned(payment_id, f"SENT{payment_id}", TESTER)
            return 0
        claim_for_customer(payment_id, customer_id, TESTER)
        self.late.append((sent, points))
        self.refunds += 1
        return points

    def end_evening(self) -> None:
        """Let the worker ask for missing results, and staff again for what cannot be asked for."""
        with clock.moved_to(clock.now() + timedelta(minutes=16)):
            before = len(self.daraja.requests)
            query_missing(self.policy)
            for question in self.daraja.requests[before:]:
                for _ in range(self.random.choice((1, 2))):
                    handle_result(_token(question["ResultURL"]), status_result(question, ReceiptNo="SKE52PAWR9"))
            for payment_id in self.unknown:
                if db.session.get_one(ReceivedPayment, payment_id).state != ReceivedState.RETURNED:
                    _tell(self._ask(payment_id), ALREADY)
        self.unknown.clear()

    def tell_late(self) -> int:
        """Deliver the results of yesterday; return the points that they take back."""
        late, self.late = self.late, []
        for sent, _ in late:
            for _ in range(self.random.choice((1, 2))):
                _tell(sent)
        return sum(points for _, points in late)

    def problems(self) -> Iterator[str]:
        """Yield a sentence for each count that is wrong in the end."""
        returned = select(func.count(ReceivedPayment.id)).where(ReceivedPayment.state == ReceivedState.RETURNED)
        noted = select(func.count(AuditEntry.id)).where(AuditEntry.action == "payment.returned")
        waiting = select(func.count(ProviderRequest.id)).where(
            ProviderRequest.state.in_(OPEN_STATES), ProviderRequest.conversation_id != ""
        )
        flags = select(func.count(PaymentFlag.id)).where(PaymentFlag.kind == "reversed")
        wanted = {"are sent back": (returned, self.sent_back), "are noted as sent back": (noted, self.sent_back),
                  "still wait for a result": (waiting, 0), "sales are flagged": (flags, self.refunds)}  # fmt: skip
        for what, (statement, expected) in wanted.items():
            found = db.session.scalars(statement).one()
            if found != expected:
                yield f"{found} {what}, not {expected}"

    def _ask(self, payment_id: int) -> dict[str, Any]:
        reverse_payment(payment_id, TESTER, self.policy)
        return self.daraja.requests[-1]


def _tell(sent: dict[str, Any], code: str = "0") -> None:
    handle_result(_token(sent["ResultURL"]), reversal_result(sent, code))


def _token(address: str) -> str:
    return address.rpartition("/")[2]
