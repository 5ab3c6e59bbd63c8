"""Order numbers such as ``ORD-261123-7KQ4F``: the shop's day and five characters that are easy to read."""

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
DRAWN = 5


def draw_order_number(placed_at: datetime, timezone: str) -> str:
    """Return a random number for a day in the shop's time zone; ``add_order`` draws again if it is taken."""
    day = placed_at.astimezone(ZoneInfo(timezone)).strftime("%y%m%d")
    letters, rest = "", secrets.randbelow(len(LETTERS) ** DRAWN)
    for _ in range(DRAWN):
        rest, place = divmod(rest, len(LETTERS))
        letters += LETTERS[place]
    return f"ORD-{day}-{letters}"
