"""Passwords as argon2id hashes, with the library's current cost."""

import secrets
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shop.server.concurrency_limit import released

_hasher = PasswordHasher()


def _make_decoy(hasher: PasswordHasher) -> str:
    """A hash of nothing, which costs a hasher as much to compare with as one of its own, and nothing to make."""
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, digest = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=") for length in (hasher.salt_len, hasher.hash_len)
    )
    return f"$argon2id$v=19${cost}${salt}${digest}"


_decoy = _make_decoy(_hasher)


def hash_password(password: str) -> str:
    """An argon2id hash with its own salt."""
    with released():
        return _hasher.hash(password)


def password_matches(password: str, kept: str | None) -> bool:
    """Whether a password belongs to a hash. Without one it works as long and answers False."""
    try:
        with released():
            return _hasher.verify(kept or _decoy, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
