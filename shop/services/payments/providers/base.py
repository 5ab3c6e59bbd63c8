"""The interface of payment providers: set one up, start a payment, query its status, read its callback."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

from shop.domain.text.messages import Translatable
from shop.services.errors import FieldError, InvalidInput, ShopError
from shop.services.payments.config import PaymentConfig
from shop.services.payments.method_settings import PaymentMethodInput, PaymentMethodSettings
from shop.services.payments.providers.form_fields import CheckoutTexts, ProviderField

State = Literal["on_delivery", "by_hand", "waiting", "paid"]


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """The amount due and its order, as plain values: no database connection is needed during the provider call.

    ``account`` is a short name of the order: at most 12 letters, digits and hyphens.
    """

    order_id: int
    order_number: str
    amount_cents: int
    currency: str
    config: Mapping[str, str]
    reference: str
    phone: str | None = None
    callback_url: str = ""

    @property
    def account(self) -> str:
        """``ORD-261123-7KQ4F`` → ``261123-7KQ4F``."""
        return self.order_number.removeprefix("ORD-")[-12:]


@dataclass(frozen=True, slots=True)
class Started:
    """A started payment: its state, what the customer does next, and its reference.

    ``on_delivery``: paid later. ``by_hand``: the customer pays as in ``instructions``, and staff mark the order paid.
    ``waiting``: the provider prompts the customer. ``paid``: nothing is left to pay.
    """

    state: State
    reference: str
    message: Translatable
    instructions: Mapping[str, str] = field(default_factory=dict)
    redirect_url: str | None = None
    provider_id: str | None = None


class ProviderFailed(Exception):
    """A provider call failed. ``code`` is the provider's or ours; the message has no secrets or personal data."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ProviderRefused(ProviderFailed):
    """The provider refused: nothing was started, and a retry would not help."""


class ProviderUnavailable(ProviderFailed):
    """The provider cannot be reached: nothing was started."""


class ProviderUnsure(ProviderFailed):
    """The response was lost: the payment may have been started."""


@dataclass(frozen=True, slots=True)
class ProviderResult:
    """The status of a payment by a provider. ``amount_cents`` and ``receipt`` are None if it did not send them."""

    outcome: Literal["paid", "failed", "open"]
    code: str = ""
    message: str = ""
    amount_cents: int | None = None
    receipt: str | None = None
    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a payment could not be started: the error for the caller, and whether the shop must fix something."""

    error: ShopError
    needs_review: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """A shop's credentials with a provider: ``facts`` may be shown; an empty secret keeps the one stored.

    A secret that is ``optional`` may be stored empty; one that is ``removed`` is stored empty whatever was stored.
    """

    facts: Mapping[str, str]
    secrets: Mapping[str, str]
    optional: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


class Gateway(Protocol):
    """A payment method of a shop with its credentials."""

    def start(self, charge: ChargeRequest) -> Started:
        """Start a payment. Raises ProviderFailed."""


class PromptGateway(ABC):
    """A gateway that prompts the customer; the result comes by callback or query."""

    unsure_message: str
    """The message to the customer if the response to a start was lost."""

    @abstractmethod
    def start(self, charge: ChargeRequest) -> Started:
        """Prompt the customer. Raises ProviderFailed."""

    @abstractmethod
    def status(self, provider_id: str) -> ProviderResult:
        """Return the status of a payment. Raises ProviderFailed."""

    @abstractmethod
    def payer(self, phone: str, currency: str) -> str:
        """Return the phone to prompt, in E.164. Raises InvalidInput for an unsupported phone or currency."""

    @abstractmethod
    def amount_to_ask(self, total_cents: int) -> int:
        """Return the amount to request, at least the total."""

    @abstractmethod
    def waiting_message(self, charge: ChargeRequest) -> Translatable:
        """Return what the customer does while they are prompted."""

    @abstractmethod
    def refusal(self, failed: ProviderFailed) -> Refusal:
        """Return the error for a start that failed."""


class Provider(ABC):
    """A kind of payment method, known by its ``code``; ``name`` is what a new shop calls it."""

    code: ClassVar[str] = ""
    name: ClassVar[str] = ""
    default_minutes: ClassVar[int | None] = None
    """The time limit of a new method's orders."""
    has_time_limit: ClassVar[bool] = True
    has_credentials: ClassVar[bool] = False
    fields: ClassVar[tuple[ProviderField, ...]] = ()
    connected_message: ClassVar[Translatable] = Translatable("Connection works.")

    def description(self, method: PaymentMethodSettings) -> tuple[Translatable, ...]:
        """Return the method's description for owners."""
        return (Translatable("Customers see how to pay, and you mark the order paid."),)

    def values(self, method: PaymentMethodSettings) -> Mapping[str, str]:
        """Return the values of ``fields`` without secrets."""
        return method.facts or {}

    def note(self, config: PaymentConfig) -> str:
        """Return the note on how to fill in the fields."""
        return ""

    def checkout_texts(self, public: Mapping[str, Any], *, is_connected: bool) -> CheckoutTexts:
        """Return the checkout's texts, by the method's public config and whether it has credentials."""
        return CheckoutTexts()

    @abstractmethod
    def connect(self, secrets: Mapping[str, str] | None, config: PaymentConfig) -> Gateway:
        """Return the gateway of a shop with these credentials; sends nothing yet."""

    def callback(self, body: Mapping[str, Any]) -> ProviderResult:
        """Parse a callback. Raises InvalidInput for an unexpected body."""
        raise InvalidInput("No callbacks are expected for this payment method.", code="no_callbacks")

    def check(self, form: PaymentMethodInput, method: PaymentMethodSettings) -> list[FieldError]:
        """Return the errors of the provider's own fields."""
        return []

    def public_config(self, form: PaymentMethodInput) -> dict[str, str] | None:
        """Return the public config of a validated form; None to keep the stored one."""
        return None

    def credentials(self, form: PaymentMethodInput) -> Credentials | None:
        """Return the credentials of a validated form; None without any."""
        return None

    def sign_in(self, secrets: Mapping[str, str], config: PaymentConfig) -> None:
        """Test a shop's credentials. Raises ProviderFailed, and InvalidInput for a provider without any."""
        raise InvalidInput("This payment method has no credentials.")
