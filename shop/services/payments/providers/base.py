"""The interface of a payment provider: start a payment, query its status, read its callback."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from shop.domain.money import format_money

State = Literal["on_delivery", "by_hand", "waiting", "paid"]


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """What is to be paid, as plain values: no database connection is needed while a provider is called.

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
    """A payment that was started: its state, what the customer does next, and its reference.

    ``on_delivery``: paid later. ``by_hand``: the customer pays as ``instructions`` say, and staff mark the order paid.
    ``waiting``: the provider asks the customer now. ``paid``: nothing is left to pay.
    """

    state: State
    reference: str
    message: str
    instructions: Mapping[str, str] = field(default_factory=dict)
    redirect_url: str | None = None
    provider_id: str | None = None


class ProviderFailed(Exception):
    """A provider call failed. ``code`` is the provider's or ours; the message has nothing secret or personal."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ProviderRefused(ProviderFailed):
    """The provider refused: nothing was started, and a retry would not help."""


class ProviderUnavailable(ProviderFailed):
    """The provider cannot be reached: nothing was started."""


class ProviderUnsure(ProviderFailed):
    """The answer was lost: the payment may have been started."""


@dataclass(frozen=True, slots=True)
class ProviderResult:
    """The status of a payment by a provider. ``amount_cents`` and ``receipt`` are None if it did not send them."""

    outcome: Literal["paid", "failed", "open"]
    code: str = ""
    message: str = ""
    amount_cents: int | None = None
    receipt: str | None = None
    provider_id: str | None = None


class Gateway(Protocol):
    """A payment provider, or a payment method without one."""

    def start(self, charge: ChargeRequest) -> Started:
        """Start a payment. Raises ProviderFailed."""

    def status(self, provider_id: str) -> ProviderResult:
        """Return the status of a payment; ``open`` if there is no provider. Raises ProviderFailed."""

    def callback(self, body: Mapping[str, Any]) -> ProviderResult:
        """Read a callback. Raises InvalidInput for a body that this provider does not send."""


def format_amount(cents: int, currency: str) -> str:
    """Return money as ``KES 2,400.00``."""
    whole, part = format_money(cents).split(".")
    return f"{currency} {int(whole):,}.{part}"
