"""Payment prompts of a sandbox shop: no one is asked and nothing is charged; the first query finds them paid."""

from shop.domain.customers.contact import normalize_phone
from shop.domain.text.messages import Translatable
from shop.services.errors import InvalidInput, Unavailable
from shop.services.payments.providers.base import (
    ChargeRequest,
    PromptGateway,
    ProviderFailed,
    ProviderResult,
    Refusal,
    Started,
)
from shop.services.shops.settings import get_settings

PREFIX = "sandbox-"


class SandboxPrompts(PromptGateway):
    """A gateway whose prompts are all answered."""

    unsure_message = "This is a sandbox: the order will be marked paid in a moment."

    def start(self, charge: ChargeRequest) -> Started:
        return Started(
            "waiting", charge.reference, self.waiting_message(charge), provider_id=f"{PREFIX}{charge.reference}"
        )

    def status(self, provider_id: str) -> ProviderResult:
        return ProviderResult("paid", receipt=provider_id.removeprefix(PREFIX).upper()[:20], provider_id=provider_id)

    def payer(self, phone: str, currency: str) -> str:
        try:
            return normalize_phone(phone, get_settings().country)
        except ValueError as wrong:
            raise InvalidInput.of("payment_data.phone", str(wrong)) from None

    def amount_to_ask(self, total_cents: int) -> int:
        return total_cents

    def waiting_message(self, charge: ChargeRequest) -> Translatable:
        return Translatable("This is a sandbox: nobody is charged, and the order will be marked paid in a moment.")

    def refusal(self, failed: ProviderFailed) -> Refusal:
        return Refusal(Unavailable(str(failed)))
