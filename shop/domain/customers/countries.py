"""Countries as people write them, as ISO 3166 codes."""

from functools import lru_cache
from typing import Final

from babel import Locale
from babel.core import get_global

from shop.domain.text.search import normalize_search

LANGUAGES: Final = ("en", "sw", "fr", "ar", "pt", "es", "de")
"""Languages in which a country's name is understood."""


def country_code(written: str) -> str | None:
    """Return the code of a country written as a name, or as a code of two or three letters; None if it is neither."""
    text = written.strip()
    if len(text) in {2, 3} and text.isascii() and text.isalpha():
        code = text.upper()
        found: str = get_global("territory_aliases").get(code, [code])[0]
        if found in _codes():
            return found
    return _codes_by_name().get(normalize_search(text))


@lru_cache(1)
def _codes() -> frozenset[str]:
    codes = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - {"ZZ"}


@lru_cache(1)
def _codes_by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if str(code) in _codes():
                names.setdefault(normalize_search(str(name)), str(code))
    return names
