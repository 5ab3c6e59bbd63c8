"""Payment without a provider: cash on delivery, and transfers that staff confirm."""

from shop.domain.formats import format_price
from shop.domain.money import format_money
from shop.domain.text.messages import N_, Translatable
from shop.services.payments.providers.base import ChargeRequest, Started

NUMBERS = {
    "till_number": N_(
        "In M-Pesa choose Buy Goods till %(number)s, and send %(amount)s. "
        "The shop confirms your order when the money is there."
    ),
    "paybill": N_(
        "In M-Pesa choose Pay Bill %(number)s, account %(account)s, and send %(amount)s. "
        "The shop confirms your order when the money is there."
    ),
}
"""Instructions for M-Pesa, by the config key that has the number."""


class CashOnDelivery:
    """Paid in cash when the goods arrive."""

    def start(self, charge: ChargeRequest) -> Started:
        """Return what to pay on delivery."""
        return Started(
            "on_delivery",
            charge.order_number,
            Translatable(
                "Pay %(amount)s when your order arrives.", amount=format_price(charge.amount_cents, charge.currency)
            ),
        )


class ManualTransfer:
    """Sent to the shop's till or account by the customer, and marked paid by staff."""

    def start(self, charge: ChargeRequest) -> Started:
        """Return where the money goes."""
        for name, words in NUMBERS.items():
            number = charge.config.get(name)
            if number:
                return self._send_to(charge, name, words, number)
        amount = format_price(charge.amount_cents, charge.currency)
        message = Translatable("The shop will tell you how to pay %(amount)s.", amount=amount)
        return Started("by_hand", charge.order_number, message)

    def _send_to(self, charge: ChargeRequest, name: str, words: str, number: str) -> Started:
        instructions = {
            name: number,
            "account": charge.account,
            "amount": format_money(charge.amount_cents, charge.currency),
        }
        amount = format_price(charge.amount_cents, charge.currency)
        message = Translatable(words, number=number, account=charge.account, amount=amount)
        return Started("by_hand", charge.order_number, message, instructions)
