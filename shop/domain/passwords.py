"""Rules for passwords: not short, not common, not made of the person's or the shop's name."""

import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Final

from shop.domain.text.messages import Translatable

SHOPPER_MIN_LENGTH: Final = 8
STAFF_MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 200
MIN_BESIDE_CONTEXT: Final = 6
"""The minimum number of characters besides a name, an e-mail address or the shop's name."""
MIN_CONTEXT_WORD: Final = 4


def check_password(password: str, *, minimum: int = SHOPPER_MIN_LENGTH, context: Iterable[str] = ()) -> None:
    """Raise ValueError with a sentence for a password that is too short or too long, common, or easily guessed.

    ``context`` are texts that a guesser would try: the person's name and e-mail address, the shop's name.
    """
    if len(password) < minimum:
        raise ValueError(Translatable("must have at least %(limit)s characters", limit=minimum))
    if len(password) > MAX_LENGTH:
        raise ValueError(Translatable("must have at most %(limit)s characters", limit=MAX_LENGTH))
    if is_common(password):
        raise ValueError("is one of the most common passwords; choose another one")
    if _is_mostly_context(password, context):
        raise ValueError("is too close to your name, your e-mail address or the shop’s name; choose another one")


def is_common(password: str) -> bool:
    """Return whether a password is on the list of common ones, ignoring case.

    The list is read each time, in less than a millisecond; keeping it would take memory in each process.
    """
    if "\n" in password:
        return False
    line = f"\n{password.casefold()}\n".encode()
    return line in files("shop.domain").joinpath("common_passwords.txt").read_bytes()


def _is_mostly_context(password: str, context: Iterable[str]) -> bool:
    left = password.casefold()
    words = {word for text in context for word in re.findall(r"[^\W_]+", text.casefold())}
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= MIN_CONTEXT_WORD:
            left = left.replace(word, "")
    return left != password.casefold() and len(left) < MIN_BESIDE_CONTEXT
