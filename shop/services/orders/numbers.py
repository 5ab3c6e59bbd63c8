"""Order numbers such as ``ORD-261123-7KQ4F``: the shop's day and five characters that are easy to read."""

import re
from datetime import datetime
from secrets import randbelow
from zoneinfo import ZoneInfo

from shop.domain.text.cleaning import clean_reference, drop_unstorable

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
DRAWN = 5
_SUFFIX = f"[{LETTERS}]{{{DRAWN}}}"
_START = re.compile(
    rf"(?:ORD)?(?=[0-9]{{2}})([0-9]{{6}}(?=[{LETTERS}]|$)|[0-9]{{2,5}}$)([{LETTERS}]{{0,{DRAWN}}})", re.ASCII
)
_NUMBER = re.compile(rf"(?:ORD)?([0-9]{{6}})({_SUFFIX})", re.ASCII)


def draw_order_number(placed_at: datetime, timezone: str) -> str:
    """Return a random number for a day in the shop's time zone; ``add_order`` draws again if it is taken."""
    day = placed_at.astimezone(ZoneInfo(timezone)).strftime("%y%m%d")
    letters, rest = "", randbelow(len(LETTERS) ** DRAWN)
    for _ in range(DRAWN):
        rest, place = divmod(rest, len(LETTERS))
        letters += LETTERS[place]
    return f"ORD-{day}-{letters}"


def parse_order_number(typed: str) -> tuple[str | None, str | None]:
    """Return the order number that a person typed, or else its last five characters; (None, None) for anything else.

    Spaces, punctuation, case and width do not matter, digits of every script do, and ``ORD`` may be left out:
    ``ord 261123 7kq4f``, ``261123-7KQ4F``, ``7KQ4F``.
    """
    text = _squeezed(typed)
    if found := _NUMBER.fullmatch(text):
        return f"ORD-{found[1]}-{found[2]}", None
    return None, text if re.fullmatch(_SUFFIX, text, re.ASCII) else None


def order_number_start(typed: str) -> str | None:
    """Return the order number, or its beginning from the second digit on, that a person typed as it is stored.

    ``ord 2611237kq`` and ``261123-7kq`` are ``ORD-261123-7KQ``. None for anything else.
    """
    found = _START.fullmatch(_squeezed(typed))
    return f"ORD-{found[1]}{'-' if found[2] else ''}{found[2]}" if found else None


def _squeezed(typed: str) -> str:
    """Return the capital letters and digits of a text, without spaces and punctuation."""
    return re.sub(r"[^0-9A-Z]", "", clean_reference(drop_unstorable(typed)))
