"""The ways to pay that need no provider: cash on delivery, and a transfer that the people of the shop look for."""

from collections.abc import Mapping
from typing import Any

from shop.domain.money import format_money
from shop.services.errors import InvalidInput
from shop.services.payments.providers.base import ChargeRequest, ProviderResult, Started, format_amount

NUMBERS = {"till_number": "Buy Goods till", "paybill": "Pay Bill"}
"""Where M-Pesa sends money to, by the name under which a method's config holds the number."""


class _NobodyCalls:
    """Nobody can be asked and nobody calls back: the people of the shop say when the money is there."""

    def status(self, provider_id: str) -> ProviderResult:
        """Always open."""
        return ProviderResult("open")

    def callback(self, body: Mapping[str, Any]) -> ProviderResult:
        """Always refused."""
        raise InvalidInput("Nobody calls back for this way to pay.", code="no_callbacks")


class CashOnDelivery(_NobodyCalls):
    """Paid in cash when the goods arrive."""

    def start(self, charge: ChargeRequest) -> Started:
        """Agree on it."""
        return Started(
            "on_delivery",
            charge.order_number,
            f"Pay {format_amount(charge.amount_cents, charge.currency)} when your order arrives.",
        )


class ManualTransfer(_NobodyCalls):
    """Sent to the shop's till or account by the customer herself, and marked paid by the people of the shop."""

    def start(self, charge: ChargeRequest) -> Started:
        """Say where the money goes."""
        for name, words in NUMBERS.items():
            number = charge.config.get(name)
            if number:
                return self._send_to(charge, name, words, number)
        message = f"The shop will tell you how to pay {format_amount(charge.amount_cents, charge.currency)}."
        return Started("by_hand", charge.order_number, message)

    def _send_to(self, charge: ChargeRequest, name: str, words: str, number: str) -> Started:
        told = {name: number, "account": charge.account, "amount": format_money(charge.amount_cents)}
        account = f", account {charge.account}" if name == "paybill" else ""
        amount = format_amount(charge.amount_cents, charge.currency)
        message = (
            f"In M-Pesa choose {words} {number}{account}, and send {amount}. "
            "The shop confirms your order when the money is there."
        )
        return Started("by_hand", charge.order_number, message, told)
