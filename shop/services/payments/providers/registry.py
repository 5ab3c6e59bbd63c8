"""The payment providers: each folder beside this module has a tuple ``PROVIDERS``."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from shop.db.tenant import sandbox_ahead
from shop.services.payments import providers
from shop.services.payments.config import PaymentConfig
from shop.services.payments.credentials import find_secrets
from shop.services.payments.providers.base import Gateway, Provider
from shop.services.payments.providers.manual.provider import TransferProvider
from shop.services.payments.providers.sandbox import SandboxPrompts


@cache
def list_providers() -> Mapping[str, Provider]:
    """Return the providers by code, in the order in which a new shop has them."""
    folders = [module.name for module in iter_modules(providers.__path__) if module.ispkg]
    found = [each for name in folders for each in import_module(f"{providers.__name__}.{name}").PROVIDERS]
    return {provider.code: provider for provider in found}


def provider_of(code: str) -> Provider:
    """Return the provider of a payment method; a method of the shop's own is paid by hand."""
    return list_providers().get(code) or TransferProvider()


def open_gateway(code: str, config: PaymentConfig) -> Gateway:
    """Return the gateway of the session's shop for a payment method. Raises KeysLost.

    A sandbox shop never reaches a provider, whatever credentials it has.
    """
    provider = provider_of(code)
    if provider.has_credentials and sandbox_ahead() is not None:
        return SandboxPrompts()
    return provider.connect(find_secrets(code, config.keys) if provider.has_credentials else None, config)
