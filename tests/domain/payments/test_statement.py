"""Rows of M-Pesa's organisation statement."""

from datetime import UTC, datetime

import pytest

from shop.domain.payments.statement import find_columns, parse_line

HEADINGS = ["Receipt No.", "Completion Time", "Details", "Transaction Status", "Paid In", "Withdrawn", "Balance"]
COLUMNS = find_columns(HEADINGS)
PAID = ["SGH7X2K9QP", "24-11-2026 17:42:03", "", "Completed", "1,250.00", "", "9,000.00"]


def line(**changed):
    row = dict(zip(("receipt", "time", "details", "status", "paid", "out", "balance"), PAID, strict=True)) | changed
    return parse_line(list(row.values()), COLUMNS)


def test_only_the_headings_are_headings():
    assert find_columns(["Short Code:", "600210"]) is None
    assert find_columns(["Receipt No.", "Details", "Paid In"]) is None
    assert find_columns([" receipt no ", "COMPLETION TIME", "paid in"]) == {"receipt": 0, "time": 1, "paid_in": 2}


def test_a_payment_has_its_time_amount_payer_and_account():
    found = line(details="Pay Bill from 254712345678 - JANE DOE Acc. 261124-7KQ4F")
    assert (found.transaction_id, found.amount_cents) == ("SGH7X2K9QP", 125_000)
    assert found.paid_at == datetime(2026, 11, 24, 14, 42, 3, tzinfo=UTC)
    assert (found.payer.phone, found.payer_name, found.account) == ("+254712345678", "JANE DOE", "261124-7KQ4F")


def test_a_masked_payer_is_named_without_a_phone():
    found = line(details="Customer Merchant Payment from 2547******678 - JANE DOE")
    assert (found.payer.phone, found.payer_name, found.account) == (None, "JANE DOE", "")


@pytest.mark.parametrize("changed", [{"paid": ""}, {"paid": "0.00"}, {"paid": "-5.00", "status": "Failed"}])
def test_charges_withdrawals_and_failures_are_no_payments(changed):
    assert line(**changed) is None


@pytest.mark.parametrize("changed", [{"receipt": "?"}, {"time": "yesterday"}, {"paid": "much"}])
def test_a_payment_that_cannot_be_read_says_so(changed):
    with pytest.raises(ValueError, match="such as"):
        line(**changed)


def test_a_row_may_end_early():
    assert parse_line(PAID[:4], COLUMNS) is None
    assert parse_line(PAID[:5], COLUMNS).amount_cents == 125_000


def test_long_names_and_accounts_are_cut():
    found = line(details=f"Pay Bill from 254712345678 - {'J' * 201} Acc. {'7' * 201}")
    assert (found.payer_name, found.account) == ("J" * 200, "7" * 200)
