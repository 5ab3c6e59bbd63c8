"""Order numbers such as ``ORD-261123-7KQ4F``: the shop's day and five characters that are easy to read."""

import re
from datetime import datetime
from secrets import randbelow
from zoneinfo import ZoneInfo

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
DRAWN = 5
_SUFFIX = f"[{LETTERS}]{{{DRAWN}}}"
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

    Spaces and punctuation do not matter, ``ORD`` may be left out: ``ord 261123 7kq4f``, ``261123-7KQ4F``, ``7KQ4F``.
    """
    text = re.sub(r"[^0-9A-Z]", "", typed.upper())
    if found := _NUMBER.fullmatch(text):
        return f"ORD-{found[1]}-{found[2]}", None
    return None, text if re.fullmatch(_SUFFIX, text, re.ASCII) else None
