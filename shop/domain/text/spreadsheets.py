"""Guard against formulas in cells of CSV and Excel files."""

import re
from typing import Final

FORMULA: Final = re.compile("'*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


def escape_formula(text: str) -> str:
    """Return ``=1+1`` as ``'=1+1``: an apostrophe before text that a spreadsheet would run as a formula.

    A text that starts with such an apostrophe gets another, so that an import restores it.
    """
    return f"'{text}" if FORMULA.match(text) and not PHONE.fullmatch(text) else text


def without_formula_guard(cell: str) -> str:
    """Return a cell without the apostrophe of :func:`escape_formula`."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell
