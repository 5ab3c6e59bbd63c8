"""Payment methods without a provider: customers pay by hand, and staff mark orders paid."""

from shop.services.payments.providers.manual.provider import CashProvider, TillProvider

PROVIDERS = (CashProvider(), TillProvider())
