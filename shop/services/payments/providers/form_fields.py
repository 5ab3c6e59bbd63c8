"""Descriptions of a payment provider's settings form and of its texts at checkout."""

from collections.abc import Mapping
from dataclasses import dataclass

from shop.domain.text.messages import Translatable
from shop.services.payments.method_settings import PaymentMethodSettings


@dataclass(frozen=True, slots=True)
class ProviderField:
    """A field of the settings form that belongs to one provider."""

    name: str
    label: Translatable
    help: str = ""
    choices: tuple[tuple[str, Translatable], ...] = ()
    is_secret: bool = False
    """A secret is never shown; an empty one keeps the stored value."""
    is_number: bool = False
    is_optional: bool = False
    """An optional secret: the method works without it."""


@dataclass(frozen=True, slots=True)
class SettingsForm:
    """The settings form of a payment method: description, fields with values, and a note below them."""

    method: PaymentMethodSettings
    description: tuple[Translatable, ...]
    fields: tuple[ProviderField, ...]
    values: Mapping[str, str]
    has_time_limit: bool
    has_credentials: bool
    note: str
    saved_secrets: frozenset[str] = frozenset()
    """The names of the secrets that are stored; empty ones are not among them."""

    @property
    def can_test(self) -> bool:
        """Whether there are credentials to test."""
        return self.has_credentials and self.method.facts is not None


@dataclass(frozen=True, slots=True)
class CheckoutTexts:
    """A payment method's texts at checkout. ``phone_label`` is empty if no phone is needed.

    ``waiting`` is what the customer does while the provider prompts them.
    """

    hint: str = ""
    phone_label: str = ""
    waiting: str = ""
