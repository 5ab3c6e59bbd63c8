"""Settings of payment methods without a provider."""

import re
from collections.abc import Mapping
from typing import Any

from shop.domain.text.messages import N_, Translatable
from shop.services.errors import FieldError
from shop.services.payments.config import PaymentConfig
from shop.services.payments.method_settings import PaymentMethodInput, PaymentMethodSettings
from shop.services.payments.providers.base import Gateway, Provider
from shop.services.payments.providers.form_fields import CheckoutTexts, ProviderField
from shop.services.payments.providers.manual.gateway import NUMBERS, CashOnDelivery, ManualTransfer

NUMBER = re.compile(r"[0-9]{5,10}", re.ASCII)
HINTS = {
    "till_number": N_("Buy Goods: you’ll see the till number after you place the order"),
    "paybill": N_("Pay Bill: you’ll see the number and the account after you place the order"),
}
"""The checkout's sentence about a method, by the config key that has the number."""


class CashProvider(Provider):
    """Paid in cash when the goods arrive."""

    code = "cod"
    name = "Cash on Delivery"
    has_time_limit = False

    def description(self, method: PaymentMethodSettings) -> tuple[Translatable, ...]:
        return (Translatable("The customer pays on delivery and you mark the order paid."),)

    def checkout_texts(self, public: Mapping[str, Any], *, is_connected: bool) -> CheckoutTexts:
        return CheckoutTexts(Translatable("Pay on delivery"))

    def connect(self, secrets: Mapping[str, str] | None, config: PaymentConfig) -> Gateway:
        return CashOnDelivery()


class TransferProvider(Provider):
    """A shop's own method, paid by hand."""

    def checkout_texts(self, public: Mapping[str, Any], *, is_connected: bool) -> CheckoutTexts:
        kind = next((name for name in NUMBERS if public.get(name)), None)
        return CheckoutTexts() if kind is None else CheckoutTexts(Translatable(HINTS[kind]))

    def connect(self, secrets: Mapping[str, str] | None, config: PaymentConfig) -> Gateway:
        return ManualTransfer()


class TillProvider(TransferProvider):
    """A transfer to the shop's M-Pesa number."""

    code = "till"
    name = "M-Pesa till"
    fields = (
        ProviderField(
            "number_kind",
            Translatable("Money goes to"),
            choices=(
                ("till_number", Translatable("a Buy Goods till")),
                ("paybill", Translatable("a Pay Bill number")),
            ),
        ),
        ProviderField("number", Translatable("Number"), is_number=True),
    )

    def description(self, method: PaymentMethodSettings) -> tuple[Translatable, ...]:
        return (Translatable("Customers see your number, send the money, and you mark the order paid."),)

    def values(self, method: PaymentMethodSettings) -> Mapping[str, str]:
        kind, number = method.sends_to
        return {"number_kind": kind, "number": number}

    def check(self, form: PaymentMethodInput, method: PaymentMethodSettings) -> list[FieldError]:
        number = form.text("number")
        if number and not NUMBER.fullmatch(number):
            return [FieldError("number", "must be 5 to 10 digits")]
        if form.enabled and not number:
            return [FieldError("number", "is needed: customers send the money there")]
        return []

    def public_config(self, form: PaymentMethodInput) -> dict[str, str] | None:
        kind = form.text("number_kind")
        number = form.text("number")
        return {kind if kind in NUMBERS else "till_number": number} if number else {}
