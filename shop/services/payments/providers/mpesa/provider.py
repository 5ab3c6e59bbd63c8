"""M-Pesa's settings: a shop's account with Daraja."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from shop.domain.text.messages import Translatable
from shop.services.errors import FieldError
from shop.services.payments.config import PaymentConfig
from shop.services.payments.method_settings import PaymentMethodInput, PaymentMethodSettings
from shop.services.payments.providers.base import Credentials, Gateway, ProviderResult
from shop.services.payments.providers.form_fields import CheckoutTexts
from shop.services.payments.providers.manual.gateway import ManualTransfer
from shop.services.payments.providers.manual.provider import TransferProvider
from shop.services.payments.providers.mpesa.callback import read_callback
from shop.services.payments.providers.mpesa.daraja import Daraja, DarajaAccount
from shop.services.payments.providers.mpesa.form_fields import FIELDS, OPTIONAL, SECRETS
from shop.services.payments.providers.mpesa.gateway import Mpesa

CREDENTIAL_BYTES = (128, 256, 512)
"""Lengths of what an RSA key encrypts."""
NUMBER = re.compile(r"[0-9]{5,10}", re.ASCII)


class MpesaProvider(TransferProvider):
    """M-Pesa by STK push; without credentials, customers send the money and the shop marks orders paid."""

    code = "mpesa"
    name = "M-Pesa"
    default_minutes = 30
    has_credentials = True
    fields = FIELDS
    connected_message = Translatable("Connection works: Daraja accepted this shop’s credentials.")

    def description(self, method: PaymentMethodSettings) -> tuple[Translatable, ...]:
        by_prompt = Translatable("Customers get an M-Pesa prompt and orders are marked paid automatically.")
        number = method.sends_to[1]
        if method.facts is not None or not number:
            return (by_prompt,)
        by_hand = Translatable(
            "Without Daraja credentials, customers pay %(number)s and you mark the order paid.", number=number
        )
        return by_prompt, by_hand

    def values(self, method: PaymentMethodSettings) -> Mapping[str, str]:
        facts = method.facts or {}
        return {**facts, "account_kind": facts.get("kind", "paybill")}

    def note(self, config: PaymentConfig) -> Translatable:
        return Translatable(
            "From your app on Safaricom’s Daraja portal. Stored encrypted and never shown again. "
            "This installation calls %(daraja)s and is called back at %(address)s.",
            daraja=config.daraja_url,
            address=config.public_url,
        )

    def checkout_texts(self, public: Mapping[str, Any], *, is_connected: bool) -> CheckoutTexts:
        if not is_connected:
            return super().checkout_texts(public, is_connected=False)
        return CheckoutTexts(
            Translatable("You’ll get a prompt on the phone number above. Enter your PIN there."),
            Translatable("Phone for M-Pesa"),
            Translatable("Enter your M-Pesa PIN in the prompt on your phone."),
        )

    def connect(self, secrets: Mapping[str, str] | None, config: PaymentConfig) -> Gateway:
        return Mpesa(open_daraja(secrets, config)) if secrets else ManualTransfer()

    def callback(self, body: Mapping[str, Any]) -> ProviderResult:
        return read_callback(body)

    def check(self, form: PaymentMethodInput, method: PaymentMethodSettings) -> list[FieldError]:
        secrets = {name: form.text(name) for name in SECRETS}
        if method.facts is None and not form.text("short_code") and not any(secrets.values()):
            if form.enabled and not method.sends_to[1]:
                return [FieldError("short_code", "is needed, and the key, the secret and the passkey with it")]
            return []
        wrong = []
        if not NUMBER.fullmatch(form.text("short_code")):
            wrong.append(FieldError("short_code", "must be 5 to 10 digits"))
        if form.text("account_kind") == "till" and not NUMBER.fullmatch(form.text("till_number")):
            wrong.append(FieldError("till_number", "must be 5 to 10 digits"))
        for name, value in secrets.items():
            if not value and method.facts is None:
                wrong.append(FieldError(name, "is needed"))
            elif not _is_plausible(value):
                wrong.append(FieldError(name, "must have at most 500 characters and no spaces"))
        return wrong + _check_initiator(form)

    def credentials(self, form: PaymentMethodInput) -> Credentials | None:
        if not form.text("short_code"):
            return None
        kind = "till" if form.text("account_kind") == "till" else "paybill"
        till = form.text("till_number") if kind == "till" else ""
        facts = {"kind": kind, "short_code": form.text("short_code"), "till_number": till}
        if form.text("payout_short_code"):
            facts["payout_short_code"] = form.text("payout_short_code")
        secrets = {name: form.text(name) for name in (*SECRETS, *OPTIONAL)}
        removed = frozenset(name for name in OPTIONAL if form.text(f"remove_{name}") and not secrets[name])
        return Credentials(facts, secrets, optional=frozenset(OPTIONAL), removed=removed)

    def sign_in(self, secrets: Mapping[str, str], config: PaymentConfig) -> None:
        open_daraja(secrets, config).sign_in()


def _check_initiator(form: PaymentMethodInput) -> list[FieldError]:
    wrong = []
    if form.text("payout_short_code") and not NUMBER.fullmatch(form.text("payout_short_code")):
        wrong.append(FieldError("payout_short_code", "must be 5 to 10 digits"))
    if not _is_plausible(form.text("initiator")):
        wrong.append(FieldError("initiator", "must have at most 500 characters and no spaces"))
    if form.text("security_credential") and not _is_encrypted(form.text("security_credential")):
        wrong.append(FieldError("security_credential", "must be the encrypted password from the Daraja portal"))
    return wrong


def _is_plausible(value: str) -> bool:
    return len(value) <= 500 and value.isascii() and (not value or value.isprintable()) and " " not in value


def _is_encrypted(value: str) -> bool:
    """Return whether a text may be a password that was encrypted with M-Pesa's certificate, in base 64."""
    try:
        return len(base64.b64decode(value, validate=True)) in CREDENTIAL_BYTES
    except ValueError:
        return False


def open_daraja(secrets: Mapping[str, str], config: PaymentConfig) -> Daraja:
    """Return the client of a shop with decrypted credentials."""
    return Daraja(config.daraja_url, DarajaAccount.of(secrets), config.timeout)
