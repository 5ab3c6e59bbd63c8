"""Ids of the database as addresses, forms and cookies write them."""

import re
from typing import Final

MAX_ID: Final = 2**63 - 1
ID_DIGITS: Final = "[0-9]{1,19}"
"""ASCII digits only: ``\\d`` and ``int`` read those of any script, so one row would have many addresses."""


def find_id(raw: str) -> int | None:
    """Return the id that a text is, from 1 to :data:`MAX_ID`; None for any other text."""
    number = int(raw) if re.fullmatch(ID_DIGITS, raw) else 0
    return number if 1 <= number <= MAX_ID else None
