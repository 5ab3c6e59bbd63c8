"""Passwords as argon2id hashes, with the parameters that OWASP recommends."""

import os
import secrets
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shop.domain.text.messages import N_
from shop.server.concurrency_limit import released
from shop.server.fifo_semaphore import FifoSemaphore
from shop.services.errors import TooOften

HASHES_AT_ONCE: Final = max(1, min(2, (os.cpu_count() or 1) - 1))
"""A hash uses a core for tens of milliseconds; other requests need one too."""
QUEUE_SECONDS: Final = 3
MOST_WAITING: Final = 3
"""Requests waiting for a hash; each blocks one of the few threads."""
BUSY: Final = N_("Too many people are signing in at the moment. Try again in a few seconds.")

_hasher = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
_slots = FifoSemaphore(HASHES_AT_ONCE, MOST_WAITING)


def _make_decoy(hasher: PasswordHasher) -> str:
    """Return a hash that takes as long to compare as a real one, without hashing anything."""
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, digest = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=") for length in (hasher.salt_len, hasher.hash_len)
    )
    return f"$argon2id$v=19${cost}${salt}${digest}"


_decoy = _make_decoy(_hasher)


@contextmanager
def _hashing() -> Iterator[None]:
    """Take one of the few hashing slots, releasing the request's. Raise TooOften after :data:`QUEUE_SECONDS`."""
    with released():
        if not _slots.acquire(timeout=QUEUE_SECONDS):
            raise TooOften(BUSY, retry_after=QUEUE_SECONDS)
        try:
            yield
        finally:
            _slots.release()


def hash_password(password: str) -> str:
    """Return an argon2id hash with its own salt. Raise TooOften if too many wait for one."""
    with _hashing():
        return _hasher.hash(password)


def needs_rehash(kept: str) -> bool:
    """Return whether a hash was made with other parameters than the current ones."""
    return _hasher.check_needs_rehash(kept)


def password_matches(password: str, kept: str | None) -> bool:
    """Return whether a password matches a hash; without a hash, False after the same work.

    Raise TooOften if too many requests wait.
    """
    try:
        with _hashing():
            return _hasher.verify(kept or _decoy, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
