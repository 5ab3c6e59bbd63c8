"""Results of requests about transactions, which M-Pesa sends by callback."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shop.domain.payments.mpesa_values import NOBODY, Payer, parse_amount, parse_payer, parse_time, parse_transaction_id
from shop.domain.payments.received import PaymentSource
from shop.domain.text.cleaning import drop_unstorable
from shop.services.errors import InvalidInput
from shop.services.payments.received import Confirmation

SUCCESS: Final = "0"
ALREADY_REVERSED: Final = "R000001"
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a request. ``ids`` are M-Pesa's and the originator's ids of the request that it answers."""

    code: str
    message: str
    ids: frozenset[str]
    receipt: str = ""
    items: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    is_final: bool = True
    """Whether no further message about the request follows."""

    @property
    def status(self) -> str:
        """The status of the transaction that was asked for, in lower case; empty if there is none."""
        return str(self.first("TransactionStatus") or "").strip().lower()

    def first(self, name: str) -> Any:
        """Return the first value of a result parameter; None without one."""
        return next(iter(self.items.get(name, ())), None)


def read_result(body: Mapping[str, Any]) -> Result:
    """Return the result of a callback: ``{"Result": {…}}``. Raise InvalidInput for an unexpected body."""
    found = body.get("Result")
    if not isinstance(found, dict):
        raise InvalidInput.of("Result", "must be an object")
    code = found.get("ResultCode")
    if isinstance(code, bool) or not isinstance(code, int | str) or not 0 < len(str(code)) <= 32:
        raise InvalidInput.of("Result.ResultCode", "must be a number")
    items = _items(found.get("ResultParameters"))
    ids = {str(found.get(name) or "")[:64] for name in ("OriginatorConversationID", "ConversationID")}
    receipt = found.get("TransactionID")
    return Result(
        drop_unstorable(str(code)),
        drop_unstorable(str(found.get("ResultDesc") or ""))[:LONGEST],
        frozenset(ids - {""}),
        drop_unstorable(receipt)[:64] if isinstance(receipt, str) else "",
        items,
        str(found.get("ResultType", 0)) != "1",
    )


def _items(parameters: Any) -> dict[str, tuple[Any, ...]]:
    """Return the values of each parameter: Daraja sends a list, or a single object, and repeats some names."""
    found = parameters.get("ResultParameter") if isinstance(parameters, dict) else None
    items: dict[str, tuple[Any, ...]] = {}
    for item in found if isinstance(found, list) else [found]:
        if isinstance(item, dict):
            name = str(item.get("Key"))
            items[name] = (*items.get(name, ()), item.get("Value"))
    return items


def read_payment(result: Result, own_numbers: frozenset[str]) -> Confirmation | None:
    """Return the completed payment to ``own_numbers`` that a status query found; None for any other transaction."""
    if result.code != SUCCESS or result.status != "completed":
        return None
    debited, credited = _parties(result)
    if _number(debited) in own_numbers or (credited and _number(credited) not in own_numbers):
        return None
    if not debited and not credited:
        return None
    payer, name = _party(debited)
    try:
        return Confirmation(
            parse_transaction_id(result.first("ReceiptNo")),
            parse_time(result.first("FinalisedTime") or result.first("InitiatedTime")),
            parse_amount(result.first("Amount")),
            payer=payer,
            payer_name=name,
            source=PaymentSource.QUERY,
        )
    except ValueError:
        return None


def _parties(result: Result) -> tuple[str, str]:
    """Return who paid and who was paid; Daraja's documentation has the second under the name of the first."""
    debited, *rest = [str(party or "") for party in result.items.get("DebitPartyName", ("",))]
    return debited, str(result.first("CreditPartyName") or next(iter(rest), ""))


def _number(party: str) -> str:
    return party.partition(" - ")[0].strip()


def _party(text: str) -> tuple[Payer, str]:
    """Return the payer of ``254712345678 - Jane Doe``."""
    number, separator, name = text.partition(" - ")
    return (parse_payer(number), drop_unstorable(name)[:LONGEST]) if separator else (NOBODY, "")
