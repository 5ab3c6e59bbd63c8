"""M-Pesa's notifications of payments, which are not signed: the secret in the address identifies the shop."""

from collections.abc import Mapping
from typing import Any

from shop.services.payment_matching.matching import receive_payment
from shop.services.payments.providers.mpesa.confirmation import read_confirmation
from shop.services.payments.registration import use_registration


def validate_payment(token: str) -> None:
    """Accept a payment before it is made. Raise NotFound for an unknown address."""
    use_registration(token)


def confirm_payment(token: str, body: Mapping[str, Any]) -> str:
    """Store and match a confirmed payment; return its state.

    Sets the session's shop. Raises NotFound for an unknown address, InvalidInput for an unexpected body.
    """
    use_registration(token)
    return receive_payment(read_confirmation(body))
