"""Times, amounts and payers as M-Pesa writes them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shop.domain.payments.mpesa_values import parse_amount, parse_payer, parse_time, parse_transaction_id

HASHED = "9f2c" + "0a" * 28 + "e41a"


def test_times_are_east_africa_time():
    assert parse_time("20251106230212") == datetime(2025, 11, 6, 20, 2, 12, tzinfo=UTC)
    assert parse_time(20251106010203) == datetime(2025, 11, 5, 22, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", ["", None, True, "20251306230212", "2025-11-06", "20251106 30212", "2025116230212", "x" * 14]
)
def test_other_times_are_refused(value):
    with pytest.raises(ValueError, match="such as"):
        parse_time(value)


@pytest.mark.parametrize(
    ("value", "cents"),
    [
        ("1.00", 100),
        ("0.10", 10),
        ("0.01", 1),
        ("99999999999.99", 10**13 - 1),
        (5, 500),
        (Decimal("19.99"), 1999),
        ("1,250.00", 125_000),
        ("1234567.89", 123456789),
    ],
)
def test_amounts_are_exact(value, cents):
    assert parse_amount(value) == cents


@pytest.mark.parametrize(
    "value", ["", None, True, "0", "-1.00", "1.001", "1,00", "NaN", "1e3", "KES 5", [], 1.5, "100000000000.00", 10**20]
)
def test_other_amounts_are_refused(value):
    with pytest.raises(ValueError, match="such as"):
        parse_amount(value)


def test_a_payer_is_a_phone_or_an_opaque_id():
    assert parse_payer("254712345678") == ("+254712345678", None)
    assert parse_payer("0712345678") == ("+254712345678", None)
    assert parse_payer(HASHED.upper()) == (None, HASHED)
    for unknown in ("2547 ***** 678", "", None, HASHED[:-1], "none"):
        assert parse_payer(unknown) == (None, None)


def test_receipt_numbers_are_upper_case():
    assert parse_transaction_id(" sgh7x2k9qp ") == "SGH7X2K9QP"
    for other in ("", None, 5, "SGH 7X2", "x" * 30):
        with pytest.raises(ValueError, match="such as"):
            parse_transaction_id(other)
