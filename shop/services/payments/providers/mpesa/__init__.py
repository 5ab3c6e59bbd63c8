"""M-Pesa by Safaricom's Daraja API."""

from shop.services.payments.providers.mpesa.provider import MpesaProvider

PROVIDERS = (MpesaProvider(),)
