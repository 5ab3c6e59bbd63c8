"""Statements against the received payments, and the day's reconciliation."""

import io
from datetime import date
from uuid import uuid4

import pytest

from shop.domain.payments.received import ReceivedState
from shop.queries.payments.day import get_day
from shop.services.customers.records import create_customer
from shop.services.errors import InvalidInput
from shop.services.loyalty.ledger import find_balance
from shop.services.payment_matching.matching import receive_payment
from shop.services.payment_matching.statements import upload_statement
from shop.services.till.sales import Sale, record_sale
from tests.factories import TESTER
from tests.services.payment_matching.test_matching import PHONE, paid, stored

ZONE = "Africa/Nairobi"
DAY = date(2026, 1, 6)
HEAD = "Account Holder:,Duka\n\nReceipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Balance\n"


def statement(*lines):
    return io.BytesIO((HEAD + "".join(f"{line}\n" for line in lines)).encode())


def line(payment, amount="960.00", who=PHONE[1:]):
    return f'{payment.transaction_id},06-01-2026 23:02:12,Pay Bill from {who} - JANE DOE,Completed,"{amount}",,1.00'


@pytest.fixture
def jane(ctx):
    return create_customer(phone=PHONE, first_name="Jane")


def test_missing_payments_are_recorded_as_if_they_had_been_confirmed(jane):
    arrived, lost = paid(), paid()
    receive_payment(arrived)
    for new in (1, 0):
        result = upload_statement(statement(line(arrived), line(lost)), TESTER)
        assert (result.payments, result.new, result.differing, result.errors) == (2, new, [], [])
    assert (stored(lost).state, stored(lost).source, stored(lost).statement_cents) == ("matched", "statement", 96_000)
    assert receive_payment(lost) == "matched", "the confirmation comes late"
    assert find_balance(jane.id) == 1920
    day = get_day(DAY, ZONE)
    assert (day.statement, day.received, day.paid) == ((day.statement,) * 3)
    assert (day.statement.count, day.points, day.difference_cents, day.open_differences) == (2, 1920, 0, 0)


def test_what_differs_is_shown(jane):
    arrived, unknown = paid(), paid(50_000, payer="")
    for each in (arrived, unknown):
        receive_payment(each)
    sale = Sale(str(uuid4()), 7_000, "mpesa", jane.id, reference="NEVERCAME1", taken_at=arrived.paid_at)
    record_sale(sale, TESTER)
    upload_statement(statement(line(arrived, "970.00")), TESTER)
    day = get_day(DAY, ZONE)
    assert (day.differing, day.not_in_statement, day.apart[ReceivedState.UNMATCHED].cents) == (1, 1, 50_000)
    assert [each.reference for each in day.unconfirmed] == ["NEVERCAME1"]
    assert (day.difference_cents, day.open_differences) == (50_000, 4)


def test_a_row_that_cannot_be_read_is_named_and_skipped(jane):
    payment = paid()
    result = upload_statement(statement("?,06-01-2026 10:00:00,,Completed,5.00,,", line(payment)), TESTER)
    assert (result.new, [number for number, _ in result.errors]) == (1, [4])


@pytest.mark.parametrize("content", [b"", b"name,price\nTea,150\n"])
def test_another_file_is_refused(ctx, content):
    with pytest.raises(InvalidInput, match="Receipt No"):
        upload_statement(io.BytesIO(content), TESTER)
