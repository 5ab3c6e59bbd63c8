"""Hashes of a row's identifying fields, to find duplicate rows and the rows of an erased person."""

from hashlib import sha256


def hash_key(name: str, value: str) -> str:
    """Return the hash of a field and its value, both case-insensitive."""
    return sha256(f"{name}\0{value.strip().casefold()}".encode()).hexdigest()
