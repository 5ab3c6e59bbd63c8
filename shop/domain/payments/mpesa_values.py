"""Times, amounts and payers in M-Pesa's formats."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from shop.domain.customers.contact import normalize_phone
from shop.domain.money import minor_units

NAIROBI: Final = ZoneInfo("Africa/Nairobi")
LARGEST_CENTS: Final = 10**13
CURRENCY: Final = "KES"
"""M-Pesa has Kenya shillings only."""
SHILLING: Final = minor_units(CURRENCY)
_TIME = re.compile(r"[0-9]{14}", re.ASCII)
_TRANSACTION = re.compile(r"[A-Z0-9]{6,20}", re.ASCII)
_PAYER = re.compile(r"[0-9a-f]{64}", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?", re.ASCII)


class Payer(NamedTuple):
    """The payer: a phone in E.164, or an opaque id of 64 hex digits; neither if M-Pesa sent none of them."""

    phone: str | None = None
    payer_id: str | None = None


NOBODY: Final = Payer()


def parse_time(value: Any) -> datetime:
    """Return ``20251106230212``, which is East Africa Time, as an aware time in UTC. Raise ValueError."""
    text = str(value)
    if isinstance(value, bool) or not _TIME.fullmatch(text):
        raise ValueError("must be a time such as 20251106230212")
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=NAIROBI).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("must be a time such as 20251106230212") from None


def parse_amount(value: Any) -> int:
    """Return ``"1.00"`` or ``"1,250.00"`` in minor units, exactly. Raise ValueError."""
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise ValueError
        text = str(value).strip()
        if isinstance(value, str) and not _AMOUNT.fullmatch(text):
            raise ValueError
        cents = Decimal(text.replace(",", "")) * SHILLING
        if not cents.is_finite() or cents != cents.to_integral_value() or not 0 < cents < LARGEST_CENTS:
            raise ValueError
    except (ValueError, InvalidOperation):
        raise ValueError("must be an amount such as 1.00") from None
    return int(cents)


def parse_transaction_id(value: Any) -> str:
    """Return a receipt number such as ``SGH7X2K9QP`` in upper case. Raise ValueError."""
    text = value.strip().upper() if isinstance(value, str) else ""
    if not _TRANSACTION.fullmatch(text):
        raise ValueError("must be a receipt number such as SGH7X2K9QP")
    return text


def parse_payer(value: Any) -> Payer:
    """Return the payer of an MSISDN; a masked or unknown one identifies no one."""
    text = str(value or "").strip().lower()
    if _PAYER.fullmatch(text):
        return Payer(payer_id=text)
    try:
        return Payer(phone=normalize_phone(text if text.startswith(("0", "+")) else f"+{text}", "KE"))
    except ValueError:
        return Payer()
