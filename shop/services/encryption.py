"""Secrets encrypted with the installation's keys: Fernet (AES-128-CBC with HMAC-SHA256), keys derived by HKDF."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a large library that most processes do not need
    from cryptography.fernet import Fernet, MultiFernet


def encrypt(values: Mapping[str, str], keys: Sequence[str], *, purpose: bytes, place: str) -> str:
    """Encrypt values with the newest key, bound to one purpose and one place."""
    plain = json.dumps({"place": place, "values": dict(values)}).encode()
    return _cipher(keys, purpose).encrypt(plain).decode()


def decrypt(ciphertext: str, keys: Sequence[str], *, purpose: bytes, place: str) -> dict[str, str] | None:
    """Decrypt values; None if no key fits, or they were encrypted for another purpose or place."""
    from cryptography.fernet import InvalidToken

    try:
        found = json.loads(_cipher(keys, purpose).decrypt(ciphertext.encode()))
    except InvalidToken:
        return None
    if found["place"] != place:
        return None
    return {str(name): str(value) for name, value in found["values"].items()}


def _cipher(keys: Sequence[str], purpose: bytes) -> "MultiFernet":
    from cryptography.fernet import MultiFernet

    return MultiFernet([_fernet(key, purpose) for key in keys])


def _fernet(key: str, purpose: bytes) -> "Fernet":
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
