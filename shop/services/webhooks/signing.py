"""Signatures of Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shop.domain.webhooks import SignatureScheme

SECRET, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
SECRET_BYTES = 32


def new_secret(scheme: str) -> str:
    """Return a new secret for a scheme: ``whsec_…``, or the private key ``whsk_…``."""
    prefix = PRIVATE if scheme == SignatureScheme.V1A else SECRET
    return prefix + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def verification_key(secret: str) -> str:
    """Return what a receiver verifies with: the secret itself, or the public key ``whpk_…``."""
    if secret.startswith(SECRET):
        return secret
    return PUBLIC + base64.b64encode(_private_key(secret).public_key().public_bytes_raw()).decode()


def sign(secrets_in_use: Iterable[str], webhook_id: str, timestamp: str, body: bytes) -> str:
    """Return the ``webhook-signature`` header: a signature for each secret."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return " ".join(_sign(secret, signed) for secret in secrets_in_use)


def _sign(secret: str, signed: bytes) -> str:
    if secret.startswith(PRIVATE):
        return "v1a," + base64.b64encode(_private_key(secret).sign(signed)).decode()
    key = base64.b64decode(secret.removeprefix(SECRET))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def _private_key(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret.removeprefix(PRIVATE)))
