"""Payment settings of an installation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self


@dataclass(frozen=True, slots=True, repr=False)
class PaymentConfig:
    """Daraja's URL, our public and callback URLs, and the encryption keys of credentials, newest first."""

    daraja_url: str
    callback_url: str
    keys: tuple[str, ...]
    secret_key: str
    public_url: str = ""
    timeout: timedelta = timedelta(seconds=10)
    received_url: str = ""
    """Below it are the addresses at which Daraja confirms payments without a prompt (C2B)."""
    results_url: str = ""
    """Below it are the addresses of the results of requests about transactions."""

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """Return the payment settings of an application's configuration."""
        return cls(
            daraja_url=config["DARAJA_URL"],
            callback_url=config["PUBLIC_URL"] + "/api/v1/storefront/payments/callbacks/",
            keys=tuple(config["PAYMENT_KEYS"]),
            secret_key=config["SECRET_KEY"],
            public_url=config["PUBLIC_URL"],
            timeout=timedelta(seconds=config["DARAJA_TIMEOUT_SECONDS"]),
            received_url=config["PUBLIC_URL"] + "/api/v1/storefront/payments/received/",
            results_url=config["PUBLIC_URL"] + "/api/v1/storefront/payments/results/",
        )
