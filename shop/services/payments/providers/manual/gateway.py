"""Payment without a provider: cash on delivery, and a transfer that staff look for."""

from shop.domain.money import format_money
from shop.services.payments.providers.base import ChargeRequest, Started, format_amount

NUMBERS = {"till_number": "Buy Goods till", "paybill": "Pay Bill"}
"""Where M-Pesa sends money to, by the name under which a method's config holds the number."""


class CashOnDelivery:
    """Paid in cash when the goods arrive."""

    def start(self, charge: ChargeRequest) -> Started:
        """Return what to pay on delivery."""
        return Started(
            "on_delivery",
            charge.order_number,
            f"Pay {format_amount(charge.amount_cents, charge.currency)} when your order arrives.",
        )


class ManualTransfer:
    """Sent to the shop's till or account by the customer, and marked paid by staff."""

    def start(self, charge: ChargeRequest) -> Started:
        """Return where the money goes."""
        for name, words in NUMBERS.items():
            number = charge.config.get(name)
            if number:
                return self._send_to(charge, name, words, number)
        message = f"The shop will tell you how to pay {format_amount(charge.amount_cents, charge.currency)}."
        return Started("by_hand", charge.order_number, message)

    def _send_to(self, charge: ChargeRequest, name: str, words: str, number: str) -> Started:
        instructions = {name: number, "account": charge.account, "amount": format_money(charge.amount_cents)}
        account = f", account {charge.account}" if name == "paybill" else ""
        amount = format_amount(charge.amount_cents, charge.currency)
        message = (
            f"In M-Pesa choose {words} {number}{account}, and send {amount}. "
            "The shop confirms your order when the money is there."
        )
        return Started("by_hand", charge.order_number, message, instructions)
