"""Lines of M-Pesa's organisation statement, which is downloaded as CSV or Excel."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from shop.domain.payments.mpesa_values import (
    NAIROBI,
    NOBODY,
    Payer,
    parse_amount,
    parse_payer,
    parse_transaction_id,
)
from shop.domain.text.cleaning import drop_unstorable

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "receipt": ("receipt no", "receipt number", "receipt"),
    "time": ("completion time",),
    "details": ("details",),
    "status": ("transaction status", "status"),
    "paid_in": ("paid in", "paidin", "credit"),
    "withdrawn": ("withdrawn", "withdrawal", "debit"),
    "party": ("other party info",),
    "account": ("a/c no", "account no"),
}
NEEDED: Final = ("receipt", "time", "paid_in")
_TIMES: Final = (
    *("%d-%m-%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S"),
    *("%d-%m-%Y %H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S"),
)
_PARTY = re.compile(r"([0-9+*]{9,15}|[0-9a-fA-F]{64}) - (.+?)(?: Acc\.?.*)?$")
_ACCOUNT = re.compile(r"Acc\.? ?(.*)$")


class StatementLine(NamedTuple):
    """A payment in a statement."""

    transaction_id: str
    paid_at: datetime
    amount_cents: int
    account: str
    payer: Payer
    payer_name: str


def find_columns(row: Sequence[str]) -> dict[str, int] | None:
    """Return the column of each field if a row has the statement's headings; None for any other row."""
    headings = [cell.strip().lower().rstrip(".") for cell in row]
    found = {
        name: next((headings.index(word) for word in words if word in headings), -1) for name, words in COLUMNS.items()
    }
    if any(found[name] < 0 for name in NEEDED):
        return None
    return {name: number for name, number in found.items() if number >= 0}


def parse_line(row: Sequence[str], columns: Mapping[str, int]) -> StatementLine | None:
    """Return the payment in a row; None for a row without one, such as a charge or a withdrawal.

    Raise ValueError with a sentence if a payment cannot be read.
    """
    cells = {name: row[number].strip() for name, number in columns.items() if number < len(row)}
    status, paid_in = cells.get("status", "").lower(), cells.get("paid_in", "").lstrip("+")
    if not paid_in or not paid_in.strip("0.,- ") or status not in {"", "completed"}:
        return None
    payer, name = _party(cells)
    return StatementLine(
        parse_transaction_id(cells.get("receipt")),
        _moment(cells.get("time", "")),
        parse_amount(paid_in),
        _account(cells),
        payer,
        name,
    )


def _moment(text: str) -> datetime:
    for shape in _TIMES:
        try:
            return datetime.strptime(text, shape).replace(tzinfo=NAIROBI).astimezone(UTC)
        except ValueError:
            continue
    raise ValueError("must have a completion time such as 24-11-2026 17:42:03")


def _party(cells: Mapping[str, str]) -> tuple[Payer, str]:
    for text in (cells.get("party", ""), cells.get("details", "").rpartition(" from ")[2]):
        if found := _PARTY.search(text):
            return parse_payer(found[1]), drop_unstorable(found[2])[:200]
    return NOBODY, ""


def _account(cells: Mapping[str, str]) -> str:
    found = _ACCOUNT.search(cells.get("details", ""))
    return drop_unstorable(cells.get("account", "") or (found[1] if found else ""))[:200]
