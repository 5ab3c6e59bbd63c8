"""The fields of M-Pesa's settings form: a shop's account with Daraja."""

from shop.domain.text.messages import Translatable
from shop.services.payments.providers.form_fields import ProviderField

FIELDS = (
    ProviderField(
        "account_kind",
        Translatable("Money goes to"),
        choices=(("paybill", Translatable("a Pay Bill number")), ("till", Translatable("a Buy Goods till"))),
    ),
    ProviderField("short_code", Translatable("Short code"), is_number=True),
    ProviderField("till_number", Translatable("Till number"), Translatable("Only for a till number."), is_number=True),
    ProviderField("consumer_key", Translatable("Consumer key"), is_secret=True),
    ProviderField("consumer_secret", Translatable("Consumer secret"), is_secret=True),
    ProviderField("passkey", Translatable("Passkey"), is_secret=True),
    ProviderField(
        "initiator",
        Translatable("Initiator name"),
        Translatable("Only to send money and to ask for missing payments: the API user of your short code."),
        is_secret=True,
        is_optional=True,
    ),
    ProviderField(
        "security_credential",
        Translatable("Security credential"),
        Translatable("The initiator’s password, encrypted on the Daraja portal."),
        is_secret=True,
        is_optional=True,
    ),
    ProviderField(
        "payout_short_code",
        Translatable("Short code that sends money (B2C)"),
        Translatable("Only to send refunds: your bulk disbursement or “one account” short code."),
        is_number=True,
    ),
)
SECRETS = tuple(field.name for field in FIELDS if field.is_secret and not field.is_optional)
OPTIONAL = tuple(field.name for field in FIELDS if field.is_secret and field.is_optional)
"""Needed only to ask for the status of transactions and to send money."""
