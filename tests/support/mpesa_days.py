"""Synthetic days of payments to a shop's short code, with what goes wrong on the way.

Confirmations are lost, late by a day, repeated up to five times, and out of order; payers enter wrong accounts and
amounts, pay twice, and have 64 hex digits in place of a phone; clerks enter receipts before or after M-Pesa's
confirmation. In the evening the statement is uploaded and staff decide what waits, and send back what cannot be used
(``tests/support/mpesa_reversals.py``). Every day must end without an open
difference, and every payment must count once.
"""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import func, select

from shop.db.session import db
from shop.domain.payments.received import TO_DECIDE
from shop.models import Customer, ReceivedPayment
from shop.queries.payments.day import get_day
from shop.services import clock
from shop.services.customers.records import create_customer
from shop.services.errors import Conflict
from shop.services.orders.lifecycle import set_order_status
from shop.services.orders.recording import ExternalLine, ExternalOrder, record_order
from shop.services.orders.repository import OrderRecord
from shop.services.payment_matching.claims import claim_for_customer, claim_for_order
from shop.services.payment_matching.matching import match_waiting, receive_payment
from shop.services.payment_matching.statements import upload_statement
from shop.services.payments.config import PaymentConfig
from shop.services.payments.providers.mpesa.confirmation import read_confirmation
from shop.services.till.sales import Sale, record_sale
from tests.factories import TESTER
from tests.support.daraja import FakeDaraja, confirmation
from tests.support.mpesa_reversals import Reversals
from tests.support.payments import connect_initiator

ZONE = "Africa/Nairobi"
FIRST = date(2023, 1, 2)
HEAD = "Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Balance\n"
MEMBERS = 20


@dataclass
class Member:
    """A customer who pays by phone, or by an opaque id if M-Pesa hides their number."""

    id: int
    msisdn: str


@dataclass
class Payment:
    """A payment as M-Pesa booked it, for an order or a sale; ``points`` is what it must earn in the end."""

    body: dict[str, Any]
    cents: int
    at: datetime
    member: Member
    points: int
    order_id: int | None = None
    sale: Sale | None = None
    is_late: bool = False

    @property
    def receipt(self) -> str:
        """The transaction id."""
        return str(self.body["TransID"])


@dataclass
class Days:
    """A run of days, the same for the same arguments; ``late`` are confirmations that come on the next one.

    ``numbers`` is how many different endings order numbers have: with few, an account fits several orders. Payments are
    sent back through ``daraja``, whose address ``policy`` has.
    """

    seed: int
    daraja: FakeDaraja
    policy: PaymentConfig
    payments_a_day: int = 8
    numbers: int = 300
    faults: dict[str, int] = field(default_factory=dict)
    expected_points: int = 0
    payments: int = 0
    late: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random, self.booked = Random(self.seed), dict[str, Payment]()
        self.members = [self._member(number) for number in range(MEMBERS)]
        connect_initiator(self.policy)
        self.reversals = Reversals(self.daraja, self.policy, Random(self.seed), self._count)

    def live(self, count: int) -> list[str]:
        """Live through days; return a sentence for each that does not end as it must."""
        draws = Random(self.seed)
        with patch("shop.services.orders.numbers.randbelow", lambda _: draws.randrange(self.numbers)):
            return list(self._days(count))

    def _days(self, count: int) -> Iterator[str]:
        for number in range(count):
            day = FIRST + timedelta(days=number)
            with clock.moved_to(datetime.combine(day, time(17), UTC)):
                yield from self._live(day)
        yield from self._settle_up()

    def _member(self, number: int) -> Member:
        phone = f"25471{self.seed % 10}{number:06d}"
        customer = create_customer(phone=f"+{phone}", first_name=f"Member {number}")
        hidden = hashlib.sha256(phone.encode()).hexdigest() if number % 4 == 0 else phone
        return Member(customer.id, hidden)

    def _live(self, day: date) -> Iterator[str]:
        self.expected_points -= self.reversals.tell_late()
        booked = [payment for _ in range(self.payments_a_day) for payment in self._pay(day)]
        self.payments += len(booked)
        deliveries = [*self.late, *self._deliver(booked)]
        self.late = [payment.body for payment in booked if payment.is_late]
        self.booked = {payment.receipt: payment for payment in booked}
        sales = [payment.sale for payment in booked if payment.sale is not None]
        events: list[Any] = [*deliveries, *sales, *sales]  # each till sends its queue twice
        self.random.shuffle(events)
        for event in events:
            self._happen(event)
        upload_statement(_statement(booked), TESTER)
        match_waiting()
        self._decide()
        self.reversals.end_evening()
        self.expected_points += sum(payment.points for payment in booked)
        found = get_day(day, ZONE)
        if found.open_differences or found.received != found.statement or found.received.count != len(booked):
            yield f"{day}: {found}"

    def _pay(self, day: date) -> list[Payment]:
        """Return what one customer does: usually one payment, at times two."""
        member, cents = self.random.choice(self.members), self.random.randint(1, 5_000) * 100
        what = self.random.choices(
            ("sale", "order", "clerk", "stranger", "short", "twice", "cancelled"), (30, 30, 15, 10, 5, 5, 5)
        )[0]
        self._count(what)
        if what in {"sale", "clerk"}:
            payment = self._book(day, member, cents)
            if what == "clerk":
                name = str(UUID(int=self.random.getrandbits(128)))
                payment.sale = Sale(name, cents, "mpesa", member.id, reference=payment.receipt, taken_at=payment.at)
            return [payment]
        if what == "stranger":
            msisdn = self.random.choice(["", "2547 ***** 126", f"{self.random.getrandbits(256):064x}"])
            return [self._book(day, Member(member.id, msisdn), cents)]
        order = self._order(member, cents)
        if what == "cancelled":
            set_order_status(order.id, "cancelled", TESTER)
            return [self._pay_for(order, day, member, cents, points=0)]
        if what == "short":
            other = cents + self.random.choice([-50, 100, 50_000])
            return [self._pay_for(order, day, member, other, points=cents // 100)]
        first = self._pay_for(order, day, member, cents)
        if what == "twice":
            return [first, self._pay_for(order, day, member, cents, points=0)]
        return [first]

    def _order(self, member: Member, cents: int) -> OrderRecord:
        line = ExternalLine(quantity=1, name="Groceries", price_cents=cents)
        return record_order(ExternalOrder(lines=[line], customer_id=member.id), TESTER)

    def _pay_for(
        self, order: OrderRecord, day: date, member: Member, cents: int, *, points: int | None = None
    ) -> Payment:
        account = order.order_number[self.random.choice([0, 4, -5]) :]
        payment = self._book(day, member, cents, account)
        payment.order_id, payment.points = order.id, payment.points if points is None else points
        return payment

    def _book(self, day: date, member: Member, cents: int, account: str = "") -> Payment:
        at = datetime.combine(day, time(self.random.randint(5, 16), self.random.randint(0, 59)), UTC)
        receipt = f"T{self.random.getrandbits(44):011X}"[:10]
        body = confirmation(
            TransID=receipt,
            TransTime=(at + timedelta(hours=3)).strftime("%Y%m%d%H%M%S"),
            TransAmount=f"{cents // 100}.{cents % 100:02d}",
            BillRefNumber=account,
            MSISDN=member.msisdn,
        )
        return Payment(body, cents, at, member, cents // 100)

    def _deliver(self, booked: list[Payment]) -> Iterator[dict[str, Any]]:
        """Yield the confirmations that arrive today: none, one, or several of a payment."""
        for payment in booked:
            fate = self.random.choices(("once", "lost", "late", "repeated"), (60, 12, 10, 18))[0]
            self._count(fate)
            if fate == "late":
                payment.is_late = True
            for _ in range({"once": 1, "repeated": self.random.randint(2, 5)}.get(fate, 0)):
                yield payment.body

    def _happen(self, event: Any) -> None:
        if isinstance(event, Sale):
            try:
                record_sale(event, TESTER)
            except Conflict as refused:  # the confirmation came first and is a sale already
                if refused.code != "reference_used":
                    raise
        else:
            receive_payment(read_confirmation(event))

    def _decide(self) -> None:
        """Do what staff do with the payments that wait: ask the payers what they paid for."""
        row = ReceivedPayment
        waiting = select(row.id, row.transaction_id).where(row.state.in_(TO_DECIDE)).order_by(row.id)
        for payment_id, receipt in db.session.execute(waiting).all():
            payment = self.booked[receipt]
            if payment.order_id is None:
                claim_for_customer(payment_id, payment.member.id, TESTER)
                continue
            try:
                claim_for_order(payment_id, payment.order_id, TESTER)
            except Conflict:  # the order was paid or cancelled
                points = payment.cents // 100
                self.expected_points += self.reversals.send_back(payment_id, payment.member.id, points)

    def _settle_up(self) -> Iterator[str]:
        """Deliver what is still late, and compare the whole run."""
        for body in self.late:
            receive_payment(read_confirmation(body))
        self.expected_points -= self.reversals.tell_late()
        yield from self.reversals.problems()
        known = db.session.scalars(select(func.count(ReceivedPayment.id))).one()
        if known != self.payments:
            yield f"{self.payments} payments were made, {known} are known"
        points = db.session.scalars(select(func.sum(Customer.points_balance))).one()
        if points != self.expected_points:
            yield f"{self.expected_points} points were earned, {points} were given"

    def _count(self, what: str) -> None:
        self.faults[what] = self.faults.get(what, 0) + 1


def _statement(booked: list[Payment]) -> io.BytesIO:
    """Return the day's statement, with a charge among the payments."""
    rows = [
        f"{payment.receipt},{(payment.at + timedelta(hours=3)):%d-%m-%Y %H:%M:%S},Pay Bill from "
        f"{payment.body['MSISDN']} - JANE DOE Acc. {payment.body['BillRefNumber']},Completed,"
        f'"{payment.cents // 100:,}.{payment.cents % 100:02d}",,1.00'
        for payment in booked
    ]
    return io.BytesIO(
        "\n".join([HEAD + "CHARGE0001,01-01-2023 10:00:00,Charge,Completed,,-15.00,1.00", *rows]).encode()
    )
