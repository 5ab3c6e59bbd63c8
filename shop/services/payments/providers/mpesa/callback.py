"""M-Pesa's result codes and callbacks."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from shop.domain.payments.mpesa_values import SHILLING
from shop.domain.text.messages import N_
from shop.services.errors import InvalidInput
from shop.services.payments.providers.base import ProviderResult

OPEN = {"500.001.1001", "4999"}
"""The result of a query about a push that is still open."""
WORDS = {
    "1": N_("There is not enough money on the M-Pesa account. Top up and try again, or pay another way."),
    "1001": N_("M-Pesa is busy with another payment on this phone. Try again in a minute."),
    "1019": N_("The request expired before the PIN was entered. Try again."),
    "1032": N_("The payment was cancelled on the phone. Try again when you are ready."),
    "1037": N_("The phone could not be reached. Check that it is on and has signal, then try again."),
    "2001": N_("The M-Pesa PIN was wrong. Try again."),
}
OTHER = N_("M-Pesa could not take the payment. Try again, or pay another way.")


def read_callback(body: Mapping[str, Any]) -> ProviderResult:
    """Return the result of a callback: ``{"Body": {"stkCallback": {…}}}``."""
    found = body.get("Body")
    found = found.get("stkCallback") if isinstance(found, dict) else None
    if not isinstance(found, dict):
        raise InvalidInput.of("Body.stkCallback", "must be an object")
    code, name = found.get("ResultCode"), found.get("CheckoutRequestID")
    if isinstance(code, bool) or not isinstance(code, int | str) or not 0 < len(str(code)) <= 32:
        raise InvalidInput.of("Body.stkCallback.ResultCode", "must be a number")
    if not isinstance(name, str) or not 0 < len(name) <= 200:
        raise InvalidInput.of("Body.stkCallback.CheckoutRequestID", "must be a text")
    items = _items(found.get("CallbackMetadata"))
    return result_of(
        str(code),
        provider_id=name,
        amount_cents=_cents(items.get("Amount")),
        receipt=_receipt(items.get("MpesaReceiptNumber")),
    )


def result_of(code: str, **details: Any) -> ProviderResult:
    """Return the result of a ResultCode."""
    if code == "0":
        return ProviderResult("paid", code, N_("The payment has arrived. Thank you."), **details)
    if code in OPEN:
        return ProviderResult("open", code, **details)
    return ProviderResult("failed", code, WORDS.get(code, OTHER), **details)


def _items(metadata: Any) -> dict[str, Any]:
    items = metadata.get("Item") if isinstance(metadata, dict) else None
    found = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return {str(item.get("Name")): item.get("Value") for item in found}


def _cents(value: Any) -> int | None:
    if value is None:
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
            raise ValueError
        cents = Decimal(value) * SHILLING
        if not cents.is_finite() or cents != cents.to_integral_value() or not 0 <= cents < 10**13:
            raise ValueError
    except (ValueError, InvalidOperation):
        raise InvalidInput.of("Body.stkCallback.CallbackMetadata", "must contain an Amount of money") from None
    return int(cents)


def _receipt(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= 64:
        raise InvalidInput.of("Body.stkCallback.CallbackMetadata", "must contain a MpesaReceiptNumber")
    return value
