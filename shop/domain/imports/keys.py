"""What a row is found by, hashed: to see rows about the same thing, and the rows about a person who is erased."""

from hashlib import sha256


def hash_key(name: str, value: str) -> str:
    """Return the hash of a field and its value; both are compared without regard to case."""
    return sha256(f"{name}\0{value.strip().casefold()}".encode()).hexdigest()
