"""From a shop's opened credentials to a connection to Daraja."""

from collections.abc import Mapping

from shop.services.payments.daraja import Account, Daraja
from shop.services.payments.policy import PaymentPolicy


def connect(secrets: Mapping[str, str], policy: PaymentPolicy) -> Daraja:
    """Daraja as a shop; nothing is sent yet."""
    return Daraja(policy.daraja_url, Account.of(secrets), policy.timeout)
