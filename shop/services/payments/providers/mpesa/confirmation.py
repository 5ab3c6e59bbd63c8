"""M-Pesa's notification of a payment without a prompt (C2B)."""

from collections.abc import Callable, Mapping
from typing import Any

from shop.domain.payments.mpesa_values import parse_amount, parse_payer, parse_time, parse_transaction_id
from shop.domain.text.cleaning import drop_unstorable
from shop.services.errors import FieldError, InvalidInput
from shop.services.payments.received import Confirmation

LONGEST = 200


def read_confirmation(body: Mapping[str, Any]) -> Confirmation:
    """Return the payment of a confirmation or validation. Raise InvalidInput naming each field that cannot be read."""
    wrong: list[FieldError] = []

    def read(name: str, parse: Callable[[Any], Any]) -> Any:
        try:
            if body.get(name) is None:
                raise ValueError("is required")
            return parse(body[name])
        except ValueError as invalid:
            wrong.append(FieldError(name, str(invalid)))

    fields = {
        "transaction_id": read("TransID", parse_transaction_id),
        "paid_at": read("TransTime", parse_time),
        "amount_cents": read("TransAmount", parse_amount),
    }
    if wrong:
        raise InvalidInput(InvalidInput.of(wrong[0].field, wrong[0].message).message, errors=wrong)
    return Confirmation(
        **fields,
        short_code=_text(body, "BusinessShortCode")[:64],
        account=_text(body, "BillRefNumber"),
        payer=parse_payer(_text(body, "MSISDN")),
        payer_name=" ".join(filter(None, (_text(body, name) for name in ("FirstName", "MiddleName", "LastName"))))[
            :LONGEST
        ],
    )


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return drop_unstorable(str(value))[:LONGEST]
