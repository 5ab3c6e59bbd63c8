"""The interface of a way to pay: begin a payment, ask how it stands, read what its provider calls back with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

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
    phone: str | None = None

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
        """Begin a payment."""

    def status(self, provider_id: str) -> Verdict:
        """Ask the provider how a payment stands. ``open`` where there is nobody to ask."""

    def callback(self, body: Mapping[str, Any]) -> Verdict:
        """Read what the provider calls back with. Raises InvalidInput for what is no answer of this provider."""
