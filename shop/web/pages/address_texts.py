"""Countries and phones of orders as people read them; stored ones are a code or English."""

from typing import Final

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _

from shop.domain.customers.countries import country_code

PHONE_LINE: Final = "Phone: "
"""Begins the last line of a customer's note: the phone of a guest that is not the customer's."""


def country_name(written: str) -> str:
    """Return a country's name in the reader's language; a text that is no country is returned unchanged."""
    code = country_code(written)
    return str((get_locale() or Locale("en")).territories.get(code, written)) if code else written


def customer_note(content: str) -> str:
    """Return a customer's note with the line of their phone in the reader's language."""
    said, newline, last = content.rpartition("\n")
    if not last.startswith(PHONE_LINE):
        return content
    return said + newline + str(_("Phone: %(phone)s", phone=last.removeprefix(PHONE_LINE)))
