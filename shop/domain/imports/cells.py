"""Cells of an imported file as people write them: days, yes or no, full names, lots of points."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from shop.domain.dates.days import end_of, start_of
from shop.domain.numbers import decimal_mark, parse_number
from shop.domain.text.cleaning import INVISIBLE
from shop.domain.text.messages import Translatable

DAY: Final = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", re.ASCII)
TIME: Final = re.compile(r"(?<=\d)[T ]\d{2}:\d{2}[\d:.]*(?:Z|[+-]\d{2}:?\d{2})?$", re.ASCII)
"""The time after a day, as spreadsheets and exports write it."""
UNIT: Final = re.compile(
    r"(?<=\d)\s*(?:pcs?|pieces|units?|vipande|pts?|points?|pointi|alama)\.?$", re.IGNORECASE | re.ASCII
)
"""The unit after a number of pieces or points: ``1,200 pcs``, ``350 pts``."""
WHOLE: Final = re.compile(r"(\d{7,20})\.0+", re.ASCII)
"""A phone or code that a spreadsheet took for a number with decimals."""
SCIENTIFIC: Final = re.compile(r"(\d)(?:[.,](\d+))?E\+(\d\d)", re.IGNORECASE | re.ASCII)
"""A phone or code as a spreadsheet shows it in a narrow column: ``2.54712E+11``."""
DASHES: Final = frozenset({"-", "--", "–", "—"})
NOTHING: Final = DASHES | {"n/a", "nil", "none", "hakuna"}
"""Texts that people write into a cell that has no value."""
ERRORS: Final = frozenset({"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})
"""Errors that a spreadsheet shows in place of the result of a formula."""
NO_RESULT: Final = "#FORMULA!"
"""A cell whose formula the file has without a result, as files have that a program wrote and no spreadsheet saved."""
YES: Final = frozenset({"yes", "y", "true", "1", "ndiyo", "ndio", "x", "active"})
NO: Final = frozenset({"no", "n", "false", "0", "hapana", "inactive"})
MOST_POINTS: Final = 1_000_000_000
MOST_PIECES: Final = 1_000_000_000


def is_nothing(typed: str, *, is_text: bool = False) -> bool:
    """Return whether a cell says that it has no value; in a free text only a dash does: people are called None."""
    return INVISIBLE.sub("", typed).strip().casefold() in (DASHES if is_text else NOTHING)


def refuse_error(cell: str) -> None:
    """Raise ValueError with a sentence if a spreadsheet could not calculate a cell, or has not yet."""
    if cell == NO_RESULT:
        raise ValueError(
            "is a formula without a result: open the file in Excel or LibreOffice, save it, and import it again"
        )
    if cell.strip().upper() in ERRORS:
        raise ValueError(Translatable("is the error %(cell)s of a formula in the spreadsheet", cell=cell.strip()))


def restore_digits(typed: str) -> str:
    """Return a phone or code with the digits of a number: ``254712345678`` for ``2.54712345678E+11``.

    Raise ValueError with a sentence if the spreadsheet has cut off digits; other text is returned as it is.
    """
    if found := WHOLE.fullmatch(typed):
        return found[1]
    found = SCIENTIFIC.fullmatch(typed)
    if found is None:
        return typed
    first, rest, places = found[1], found[2] or "", int(found[3])
    if len(rest) < places:
        raise ValueError(
            Translatable("has lost digits in a spreadsheet: write %(cell)s in full, as text", cell=typed[:40])
        )
    return first + rest if len(rest) == places else typed


def parse_day(typed: str) -> date:
    """Return a day written as ``1990-04-12`` or, day first, ``12/04/1990``. Raise ValueError with a sentence."""
    text = typed.strip()
    try:
        if found := DAY.fullmatch(text):
            day, month, year = map(int, found.groups())
            return date(year, month, day)
        return date.fromisoformat(TIME.sub("", text))
    except ValueError:
        raise ValueError(
            Translatable("must be a day such as 1990-04-12 or 12/04/1990, not %(cell)s", cell=typed[:40])
        ) from None


def parse_moment(typed: str, zone: str, *, is_end: bool = False) -> datetime:
    """Return a time as UTC. One without a zone is the shop's; a day is its beginning, or its end with ``is_end``.

    Raise ValueError for anything else, and outside the years 1970 to 2099.
    """
    text, found = typed.strip(), TIME.search(typed.strip())
    day = parse_day(text[: found.start()] if found else text)
    if not 1970 <= day.year <= 2099:
        raise ValueError("must be in the years 1970 to 2099")
    if found is None:
        return (end_of if is_end else start_of)(day, zone).astimezone(UTC)
    clock = time.fromisoformat(found[0][1:])
    return datetime.combine(day, clock, clock.tzinfo or ZoneInfo(zone)).astimezone(UTC)


def parse_answer(typed: str) -> bool:
    """Return yes or no. A day means yes: the day of the consent. Raise ValueError with a sentence."""
    word = typed.strip().casefold()
    if word in YES or word in NO:
        return word in YES
    try:
        parse_day(typed)
    except ValueError:
        raise ValueError(Translatable("must be yes or no, not %(cell)s", cell=typed[:40])) from None
    return True


def split_list(cell: str, separators: str) -> list[str]:
    """Return the parts of a cell such as ``a; b``; a part in double quotes may contain separators."""
    part = re.compile(rf'\s*(?:"((?:[^"]|"")*)"\s*(?=[{separators}]|$)|([^{separators}]*))(?:[{separators}]|$)')
    found = (quoted.replace('""', '"') or plain.strip() for quoted, plain in part.findall(cell))
    return [text for text in found if text]


def join_list(parts: Iterable[str], separator: str, special: str = "") -> str:
    """Return a cell that :func:`split_list` splits at ``separator``; ``special`` are further separators."""
    unsafe = re.compile(rf'^"|[{separator}{special}]')
    quoted = ('"' + part.replace('"', '""') + '"' if unsafe.search(part) else part for part in parts)
    return f"{'' if separator in ',;' else ' '}{separator} ".join(quoted)


def parse_pieces(typed: str, country: str) -> int:
    """Return a whole number from 0, such as ``1,200`` or ``24 pcs``. Raise ValueError."""
    number = parse_number(UNIT.sub("", typed.strip()), decimal_mark(country))
    if number != int(number) or not 0 <= number <= MOST_PIECES:
        raise ValueError
    return int(number)


def parse_points(typed: str, country: str) -> int:
    """Return a whole number of points. Raise ValueError with a sentence."""
    try:
        number = parse_number(UNIT.sub("", typed.strip()), decimal_mark(country))
    except ValueError:
        number = None
    if number is None or number != int(number) or not 0 <= number <= MOST_POINTS:
        raise ValueError(Translatable("must be a whole number of points, not %(cell)s", cell=typed[:40]))
    return int(number)


def split_name(name: str) -> tuple[str, str]:
    """Return first and last name: the last word is the last name, unless there is a comma after it."""
    last, comma, first = name.partition(",")
    if comma:
        return first.strip(), last.strip()
    first, _, last = name.strip().rpartition(" ")
    return (first.strip(), last) if first else (last, "")


@dataclass(frozen=True, slots=True)
class LotCells:
    """Points of a lot, and its days, as a file has them."""

    points: int
    earned_on: date | None
    expires_on: date | None


def parse_lots(typed: str, country: str) -> list[LotCells]:
    """Return lots written as ``100 2025-01-31 2026-01-31; 50 2025-03-01``: points, day earned, last day.

    Raise ValueError with a sentence.
    """
    lots = []
    for part in typed.split(";"):
        words = part.split()
        if not words:
            continue
        if len(words) > 3:
            raise ValueError("must be lots such as 100 2025-01-31 2026-01-31; 50 2025-03-01")
        days = [parse_day(word) if word != "-" else None for word in words[1:]]
        earned, expires = (*days, None, None)[:2]
        lots.append(LotCells(parse_points(words[0], country), earned, expires))
    return lots
