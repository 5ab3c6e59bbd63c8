"""From a shop's opened credentials to a connection to Daraja."""

from collections.abc import Mapping

from shop.services.payments.config import PaymentConfig
from shop.services.payments.providers.daraja import Daraja, DarajaAccount


def connect(secrets: Mapping[str, str], policy: PaymentConfig) -> Daraja:
    """Daraja as a shop; nothing is sent yet."""
    return Daraja(policy.daraja_url, DarajaAccount.of(secrets), policy.timeout)
