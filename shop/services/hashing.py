"""Passwords as argon2id hashes, with the library's current cost."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_decoy = _hasher.hash("no such person")


def hash_password(password: str) -> str:
    """An argon2id hash with its own salt."""
    return _hasher.hash(password)


def password_matches(password: str, kept: str | None) -> bool:
    """Whether a password belongs to a hash. Without one it works as long and answers False."""
    try:
        return _hasher.verify(kept or _decoy, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
