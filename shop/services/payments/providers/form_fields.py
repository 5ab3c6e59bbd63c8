"""What a payment provider tells the pages: its settings form, and its part of the checkout."""

from collections.abc import Mapping
from dataclasses import dataclass

from shop.domain.text.messages import Translatable
from shop.services.payments.method_settings import PaymentMethodSettings


@dataclass(frozen=True, slots=True)
class ProviderField:
    """A field of the settings form that only this kind of payment method has."""

    name: str
    label: Translatable
    help: str = ""
    choices: tuple[tuple[str, Translatable], ...] = ()
    is_secret: bool = False
    """A secret is written and never shown; left empty it keeps the stored value."""
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class SettingsForm:
    """The form of one payment method: what it is, its fields with their values, and a note below them."""

    method: PaymentMethodSettings
    description: tuple[Translatable, ...]
    fields: tuple[ProviderField, ...]
    values: Mapping[str, str]
    has_time_limit: bool
    has_credentials: bool
    note: str

    @property
    def can_test(self) -> bool:
        """Whether there are credentials to test."""
        return self.has_credentials and self.method.facts is not None


@dataclass(frozen=True, slots=True)
class CheckoutTexts:
    """What the checkout says of a payment method.

    ``phone_label`` is empty if no phone is needed. ``waiting`` is what the customer does while the provider asks them.
    """

    hint: str = ""
    phone_label: str = ""
    waiting: str = ""
