"""Names of countries, in the language of the page."""

from collections.abc import Set

from babel import Locale
from flask_babel import get_locale

from shop.web.pages.address_texts import country_name

NO_COUNTRIES = {"EU", "UN", "EZ", "ZZ", "XA", "XB", "QO"}


def countries(home: str, served: Set[str] | None) -> list[tuple[str, str]]:
    """Return code and name of the countries served (None for all), by name, the shop's own first."""
    codes = _all_codes() if served is None else served
    return sorted(((code, country_name(code)) for code in codes), key=lambda pair: (pair[0] != home, pair[1]))


def _all_codes() -> set[str]:
    codes = {str(code) for code in _locale().territories}
    return {code for code in codes if len(code) == 2 and code.isalpha()} - NO_COUNTRIES


def _locale() -> Locale:
    return get_locale() or Locale("en")
