"""Payment methods without a provider, as a shop sets them up."""

import re
from collections.abc import Mapping

from shop.services.errors import FieldError
from shop.services.payments.config import PaymentConfig
from shop.services.payments.method_settings import PaymentMethodInput, PaymentMethodSettings
from shop.services.payments.providers.base import Gateway, Provider
from shop.services.payments.providers.manual.gateway import NUMBERS, CashOnDelivery, ManualTransfer

NUMBER = re.compile(r"[0-9]{5,10}", re.ASCII)


class CashProvider(Provider):
    """Paid in cash when the goods arrive."""

    code = "cod"
    name = "Cash on Delivery"
    has_time_limit = False

    def connect(self, secrets: Mapping[str, str] | None, config: PaymentConfig) -> Gateway:
        return CashOnDelivery()


class TransferProvider(Provider):
    """A method of the shop's own, paid by hand."""

    def connect(self, secrets: Mapping[str, str] | None, config: PaymentConfig) -> Gateway:
        return ManualTransfer()


class TillProvider(TransferProvider):
    """A transfer to the shop's M-Pesa number."""

    code = "till"
    name = "M-Pesa till"

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
