"""From a shop's opened credentials to a connection to Daraja."""

from collections.abc import Mapping

from shop.services.payments.config import PaymentPolicy
from shop.services.payments.providers.daraja import Account, Daraja


def connect(secrets: Mapping[str, str], policy: PaymentPolicy) -> Daraja:
    """Daraja as a shop; nothing is sent yet."""
    return Daraja(policy.daraja_url, Account.of(secrets), policy.timeout)
