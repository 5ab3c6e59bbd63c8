"""M-Pesa STK push: Daraja asks the customer's phone, and the answer comes by callback or is asked for."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from shop.domain.contact import readable_phone
from shop.services import clock
from shop.services.errors import InvalidInput
from shop.services.payments.providers.base import ChargeRequest, ProviderRefused, ProviderResult, Started, format_amount
from shop.services.payments.providers.daraja import Daraja

OPEN = {"500.001.1001", "4999"}
"""A query about a push that is not settled yet."""
WORDS = {
    "1": "There is not enough money on the M-Pesa account. Top up and try again, or pay another way.",
    "1001": "M-Pesa is busy with another payment on this phone. Try again in a minute.",
    "1019": "The request ran out before the PIN was entered. Try again.",
    "1032": "The payment was cancelled on the phone. Try again when you are ready.",
    "1037": "The phone could not be reached. See that it is switched on and has signal, then try again.",
    "2001": "The M-Pesa PIN was wrong. Try again.",
}
OTHER = "M-Pesa could not take the payment. Try again, or pay another way."


class Mpesa:
    """M-Pesa by STK push, for one shop."""

    def __init__(self, daraja: Daraja) -> None:
        self._daraja = daraja

    def start(self, charge: ChargeRequest) -> Started:
        """Ask the phone. Raises what Daraja raises."""
        phone = charge.phone or ""
        shillings = asked_cents(charge.amount_cents) // 100
        answer = self._daraja.push(phone, shillings, charge.account, charge.callback_url, clock.now())
        return Started("waiting", charge.reference, waiting_words(charge), provider_id=str(answer["CheckoutRequestID"]))

    def status(self, provider_id: str) -> ProviderResult:
        """Ask Daraja. A success comes without amount and receipt."""
        try:
            answer = self._daraja.query(provider_id, clock.now())
        except ProviderRefused as refused:
            if refused.code in OPEN:
                return ProviderResult("open", refused.code)
            raise
        return _verdict(str(answer["ResultCode"]), provider_id=provider_id)

    @staticmethod
    def callback(body: Mapping[str, Any]) -> ProviderResult:
        """Read a callback: ``{"Body": {"stkCallback": {…}}}``."""
        told = body.get("Body")
        told = told.get("stkCallback") if isinstance(told, dict) else None
        if not isinstance(told, dict):
            raise InvalidInput.of("Body.stkCallback", "must be an object")
        code, name = told.get("ResultCode"), told.get("CheckoutRequestID")
        if isinstance(code, bool) or not isinstance(code, int | str) or not 0 < len(str(code)) <= 32:
            raise InvalidInput.of("Body.stkCallback.ResultCode", "must be a number")
        if not isinstance(name, str) or not 0 < len(name) <= 200:
            raise InvalidInput.of("Body.stkCallback.CheckoutRequestID", "must be a text")
        items = _items(told.get("CallbackMetadata"))
        return _verdict(
            str(code),
            provider_id=name,
            amount_cents=_cents(items.get("Amount")),
            receipt=_receipt(items.get("MpesaReceiptNumber")),
        )


def asked_cents(total_cents: int) -> int:
    """What M-Pesa is asked for: it knows whole shillings only, so the shilling that was begun counts."""
    return -(-total_cents // 100) * 100


def waiting_words(charge: ChargeRequest) -> str:
    """Return what the customer does while the provider asks their phone."""
    phone = readable_phone(charge.phone or "", "KE")
    return (
        f"Enter your M-Pesa PIN on {phone} to pay {format_amount(asked_cents(charge.amount_cents), charge.currency)}."
    )


def _verdict(code: str, **told: Any) -> ProviderResult:
    if code == "0":
        return ProviderResult("paid", code, "The payment has arrived. Thank you.", **told)
    if code in OPEN:
        return ProviderResult("open", code, **told)
    return ProviderResult("failed", code, WORDS.get(code, OTHER), **told)


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
        cents = Decimal(value) * 100
        if not cents.is_finite() or cents != cents.to_integral_value() or not 0 <= cents < 10**13:
            raise ValueError
    except (ValueError, InvalidOperation):
        raise InvalidInput.of("Body.stkCallback.CallbackMetadata", "must hold an Amount of money") from None
    return int(cents)


def _receipt(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= 64:
        raise InvalidInput.of("Body.stkCallback.CallbackMetadata", "must hold a MpesaReceiptNumber")
    return value
