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
)
SECRETS = tuple(field.name for field in FIELDS if field.is_secret)
