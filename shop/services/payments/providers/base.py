"""The interface of a way to pay: begin a payment, ask how it stands, read what its provider calls back with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from shop.domain.money import format_money

State = Literal["on_delivery", "by_hand", "waiting", "paid"]


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be paid: plain values, so that no database connection is needed while a provider is asked.

    ``account`` names the order where there is little room: at most 12 letters, digits and hyphens.
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
    """A payment that was begun: where it stands, what the customer does next, and what names it.

    ``on_delivery``: money changes hands later. ``by_hand``: the customer pays as ``instructions`` say, the people of
    the shop mark it. ``waiting``: the provider asks the customer now. ``paid``: nothing is left to pay.
    """

    state: State
    reference: str
    message: str
    instructions: Mapping[str, str] = field(default_factory=dict)
    redirect_url: str | None = None
    provider_id: str | None = None


class ProviderFailed(Exception):
    """A provider did not do what was asked; ``code`` is its own or ours, the words hold nothing secret or personal."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ProviderRefused(ProviderFailed):
    """It says no: nothing was begun, and asking the same again would not help."""


class ProviderAway(ProviderFailed):
    """It cannot be asked at the moment: nothing was begun."""


class ProviderUnsure(ProviderFailed):
    """Its answer was lost: it may have been begun."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a provider says of a payment. ``amount_cents`` and ``receipt`` are there when it told them."""

    outcome: Literal["paid", "failed", "open"]
    code: str = ""
    message: str = ""
    amount_cents: int | None = None
    receipt: str | None = None
    provider_id: str | None = None


class Gateway(Protocol):
    """A way to pay."""

    def start(self, due: Due) -> Started:
        """Begin a payment. Raises ProviderFailed."""

    def status(self, provider_id: str) -> Verdict:
        """Ask the provider how a payment stands; ``open`` where there is nobody to ask. Raises ProviderFailed."""

    def callback(self, body: Mapping[str, Any]) -> Verdict:
        """Read what the provider calls back with. Raises InvalidInput for what is no answer of this provider."""


def spoken(cents: int, currency: str) -> str:
    """Money as people read it: ``KES 2,400.00``."""
    whole, part = format_money(cents).split(".")
    return f"{currency} {int(whole):,}.{part}"
