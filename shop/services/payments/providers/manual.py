"""The ways to pay that need no provider: cash on delivery, and a transfer that the people of the shop look for."""

from collections.abc import Mapping
from typing import Any

from shop.domain.money import format_money
from shop.services.errors import InvalidInput
from shop.services.payments.providers.base import Due, Started, Verdict, spoken

NUMBERS = {"till_number": "Buy Goods till", "paybill": "Pay Bill"}
"""Where M-Pesa sends money to, by the name under which a method's config holds the number."""


class _NobodyCalls:
    """Nobody can be asked and nobody calls back: the people of the shop say when the money is there."""

    def status(self, provider_id: str) -> Verdict:
        """Always open."""
        return Verdict("open")

    def callback(self, body: Mapping[str, Any]) -> Verdict:
        """Always refused."""
        raise InvalidInput("Nobody calls back for this way to pay.", code="no_callbacks")


class CashOnDelivery(_NobodyCalls):
    """Paid in cash when the goods arrive."""

    def start(self, due: Due) -> Started:
        """Agree on it."""
        return Started(
            "on_delivery", due.order_number, f"Pay {spoken(due.amount_cents, due.currency)} when your order arrives."
        )


class ByHand(_NobodyCalls):
    """Sent to the shop's till or account by the customer herself, and marked paid by the people of the shop."""

    def start(self, due: Due) -> Started:
        """Say where the money goes."""
        for name, words in NUMBERS.items():
            number = due.config.get(name)
            if number:
                return self._send_to(due, name, words, number)
        message = f"The shop will tell you how to pay {spoken(due.amount_cents, due.currency)}."
        return Started("by_hand", due.order_number, message)

    def _send_to(self, due: Due, name: str, words: str, number: str) -> Started:
        told = {name: number, "account": due.account, "amount": format_money(due.amount_cents)}
        account = f", account {due.account}" if name == "paybill" else ""
        message = (
            f"In M-Pesa choose {words} {number}{account}, and send {spoken(due.amount_cents, due.currency)}. "
            "The shop confirms your order when the money is there."
        )
        return Started("by_hand", due.order_number, message, told)
