"""M-Pesa STK push: Daraja prompts the customer's phone; the result comes by callback or query."""

from shop.domain.customers.contact import normalize_phone, readable_phone
from shop.domain.formats import format_price
from shop.domain.payments.mpesa_values import CURRENCY, SHILLING
from shop.domain.text.messages import N_, Translatable
from shop.services import clock
from shop.services.errors import InvalidInput, Unavailable
from shop.services.payments.providers.base import (
    ChargeRequest,
    PromptGateway,
    ProviderFailed,
    ProviderRefused,
    ProviderResult,
    ProviderUnavailable,
    Refusal,
    Started,
)
from shop.services.payments.providers.mpesa.callback import OPEN, WORDS, result_of
from shop.services.payments.providers.mpesa.daraja import Daraja

WRONG_PHONE = "400.002.02"
BUSY_PHONE = "500.001.1001"
AWAY = N_("M-Pesa cannot be reached at the moment. Try again in a minute, or pay another way.")
NOT_READY = N_("M-Pesa cannot be used in this shop at the moment. Choose another payment method.")


class Mpesa(PromptGateway):
    """M-Pesa by STK push, for one shop."""

    unsure_message = N_(
        "M-Pesa has not answered yet. If your phone asks for your PIN, enter it; else try again in two minutes."
    )

    def __init__(self, daraja: Daraja) -> None:
        self._daraja = daraja

    def start(self, charge: ChargeRequest) -> Started:
        shillings = self.amount_to_ask(charge.amount_cents) // SHILLING
        answer = self._daraja.push(charge.phone or "", shillings, charge.account, charge.callback_url, clock.now())
        message = self.waiting_message(charge)
        return Started("waiting", charge.reference, message, provider_id=str(answer["CheckoutRequestID"]))

    def status(self, provider_id: str) -> ProviderResult:
        """Query Daraja. A success has no amount and receipt."""
        try:
            answer = self._daraja.query(provider_id, clock.now())
        except ProviderRefused as refused:
            if refused.code in OPEN:
                return ProviderResult("open", refused.code)
            raise
        return result_of(str(answer["ResultCode"]), provider_id=provider_id)

    def payer(self, phone: str, currency: str) -> str:
        """Return a Kenyan mobile number in E.164."""
        try:
            number = normalize_phone(phone, "KE")
        except ValueError:
            number = ""
        if not (number.startswith(("+2547", "+2541")) and len(number) == 13):
            raise InvalidInput.of("payment_data.phone", "must be a Kenyan mobile number such as 0712345678")
        if currency != CURRENCY:
            raise InvalidInput.of("gateway_name", "accepts Kenya shillings only", code="payment_currency")
        return number

    def amount_to_ask(self, total_cents: int) -> int:
        """Return the total in whole shillings, rounded up: M-Pesa has no cents."""
        return -(-total_cents // SHILLING) * SHILLING

    def waiting_message(self, charge: ChargeRequest) -> Translatable:
        phone = readable_phone(charge.phone or "", "KE")
        amount = format_price(self.amount_to_ask(charge.amount_cents), charge.currency)
        return Translatable("Enter your M-Pesa PIN on %(phone)s to pay %(amount)s.", phone=phone, amount=amount)

    def refusal(self, failed: ProviderFailed) -> Refusal:
        if failed.code == WRONG_PHONE and "phone" in str(failed).lower():
            return Refusal(InvalidInput.of("payment_data.phone", "is not registered with M-Pesa", code="phone_unknown"))
        if isinstance(failed, ProviderUnavailable):
            return Refusal(Unavailable(AWAY, code="payment_provider_away"))
        if failed.code == BUSY_PHONE and "lock subscriber" in str(failed).lower():
            return Refusal(Unavailable(WORDS["1001"], code="payment_not_begun"))
        return Refusal(Unavailable(NOT_READY, code="payment_not_begun"), isinstance(failed, ProviderRefused))
