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
    """Return 256 random bits in hex, from which a code is derived."""
    return secrets.token_hex(32)


def code_from_nonce(secret_key: str, nonce: str) -> str:
    """Return the six digits derived from a nonce and the installation's secret key.

    The nonce alone does not reveal the code, so another process can derive it for a mail without it being stored.
    """
    digest = _keyed(secret_key, "one-time-code", nonce)
    return f"{int.from_bytes(digest) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def hash_code(secret_key: str, nonce: str, code: str) -> str:
    """Return a keyed hash of a code, bound to its challenge."""
    return _keyed(secret_key, "code-hash", f"{nonce}:{code}").hex()


def link_token(secret_key: str, nonce: str) -> str:
    """Return the URL-safe token of a mailed link, derived from a nonce and the installation's secret key."""
    return _keyed(secret_key, "mailed-link", nonce).hex()


def order_status_token(secret_key: str, shop_id: int, order_id: int) -> str:
    """Return the URL-safe secret of an order's status page."""
    return _keyed(secret_key, "order-status", f"{shop_id}:{order_id}").hex()[:40]


def hash_subject(secret_key: str, subject: str) -> str:
    """Return a keyed hash of an e-mail, phone, customer id or address: equal input gives an equal hash."""
    return _keyed(secret_key, "subject", subject).hex()[:40]


def same(one: str, other: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def new_token() -> str:
    """Return 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a secret that is random itself: API secrets and tokens, never passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_api_key(*, sandbox: bool = False) -> tuple[str, str]:
    """Return a consumer key and its secret, ``ck_`` and ``cs_`` with 32 hex digits; ``ck_test_`` in a sandbox shop."""
    test = "test_" if sandbox else ""
    return f"ck_{test}{secrets.token_hex(16)}", f"cs_{test}{secrets.token_hex(16)}"


def derive_key(secret_key: str, purpose: str) -> bytes:
    """Return 32 bytes for one purpose. They reveal neither the secret key nor the key of another purpose."""
    return _keyed(secret_key, "derived-key", purpose)


def _keyed(secret_key: str, purpose: str, text: str) -> bytes:
    return hmac.digest(secret_key.encode(), f"{purpose}\0{text}".encode(), "sha256")
