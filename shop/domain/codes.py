"""Codes, tokens and keys: random, stored only as hashes (``docs/contract/points.md``)."""

import hashlib
import hmac
import secrets

from shop.domain.text.cleaning import digits_to_ascii
from shop.domain.text.messages import Translatable

CODE_DIGITS = 6


def clean_code(raw: str) -> str:
    """Return the digits of a one-time code as typed or pasted; everything else is dropped.

    Raise ValueError with a sentence unless six digits remain.
    """
    digits = "".join(char for char in digits_to_ascii(raw) if "0" <= char <= "9")
    if len(digits) != CODE_DIGITS:
        raise ValueError(Translatable("must have %(limit)s digits", limit=CODE_DIGITS))
    return digits


def new_nonce() -> str:
    """256 random bits in hex, from which a code is worked out."""
    return secrets.token_hex(32)


def code_from_nonce(secret_key: str, nonce: str) -> str:
    """The six digits that belong to a nonce under the installation's secret key.

    The nonce alone says nothing about the code, so a code can be written into a mail by another process later without
    ever being stored.
    """
    digest = _keyed(secret_key, "one-time-code", nonce)
    return f"{int.from_bytes(digest) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def hash_code(secret_key: str, nonce: str, code: str) -> str:
    """A keyed hash of a code, bound to its challenge."""
    return _keyed(secret_key, "code-hash", f"{nonce}:{code}").hex()


def link_token(secret_key: str, nonce: str) -> str:
    """The token of a mailed link that belongs to a nonce under the installation's secret key, safe in a URL."""
    return _keyed(secret_key, "mailed-link", nonce).hex()


def order_status_token(secret_key: str, shop_id: int, order_id: int) -> str:
    """The secret that opens the status page of an order, safe in a URL."""
    return _keyed(secret_key, "order-status", f"{shop_id}:{order_id}").hex()[:40]


def hash_subject(secret_key: str, subject: str) -> str:
    """A keyed hash of a person's e-mail, phone, id or address: equal for equal people, useless to a reader."""
    return _keyed(secret_key, "subject", subject).hex()[:40]


def same(one: str, other: str) -> bool:
    """Equality that takes the same time whatever differs."""
    return hmac.compare_digest(one.encode(), other.encode())


def new_token() -> str:
    """256 random bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """SHA-256 of a secret that is itself random: API secrets and tokens, never passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_api_key() -> tuple[str, str]:
    """A consumer key and its secret: ``ck_`` and ``cs_`` with 32 hex digits each."""
    return f"ck_{secrets.token_hex(16)}", f"cs_{secrets.token_hex(16)}"


def derive_key(secret_key: str, purpose: str) -> bytes:
    """Return 32 bytes for one purpose; neither the secret key nor the key of another purpose follows from them."""
    return _keyed(secret_key, "derived-key", purpose)


def _keyed(secret_key: str, purpose: str, text: str) -> bytes:
    return hmac.digest(secret_key.encode(), f"{purpose}\0{text}".encode(), "sha256")
