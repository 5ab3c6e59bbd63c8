"""Typed and pasted text: how it is cleaned before it is stored."""

import re
import unicodedata

from shop.domain.text.messages import Translatable

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
"""Invisible characters: soft hyphen, joiners, direction marks, byte order mark, fillers, tags."""
_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]+(?=\\s|$)")
CONTROL = re.compile("[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
"""Control characters but tabs and line breaks, and lone surrogates, which neither database stores."""
_LINE_BREAK = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
HYPHENS = re.compile("[-\u00ad\u058a\u2010-\u2015\u2043\u207b\u208b\u2212\u30fb\u30fc\ufe58\ufe63\uff0d]")
"""Hyphens, dashes and minus signs of every width."""
_TYPED_SIGNS = dict.fromkeys(map(ord, "\u2043\u2212"), "-") | dict.fromkeys(map(ord, "`´ʹʻʼˈ‘’‛′"), "'")
"""Dashes that are not of Unicode's category of dashes, and apostrophes."""
FULL_WIDTH = {0xFF00 + place: 0x20 + place for place in range(1, 0x5F)}
"""A translation of full-width ASCII characters."""


def clean_line(raw: str) -> str:
    """Return single-line text: invisible characters removed, each run of spaces and line breaks one space, NFC.

    Raise ValueError with a sentence if it contains control characters.
    """
    return " ".join(_visible(raw).split())


def clean_short_line(raw: str, longest: int) -> str:
    """Return single-line text as `clean_line`. Raise ValueError with a sentence also if it is longer."""
    text = clean_line(raw)
    if len(text) > longest:
        raise ValueError(Translatable("must have at most %(limit)s characters", limit=longest))
    return text


def clean_text(raw: str) -> str:
    """Return multi-line text: as :func:`clean_line`, but spaces within lines and line breaks (``\\n``) are kept.

    Raise ValueError with a sentence if it contains control characters.
    """
    lines = _LINE_BREAK.sub("\n", _visible(raw)).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _visible(raw: str) -> str:
    if CONTROL.search(raw):
        raise ValueError("must not contain control characters")
    text = unicodedata.normalize("NFC", INVISIBLE.sub("", raw))
    return _SELECTORS.sub("", text)


def one_line(text: str) -> str:
    """Return text without line breaks and control characters, fit for a mail header."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def drop_unstorable(raw: str) -> str:
    """Return a search term on one line without invisible and control characters; no input is an error."""
    return clean_line(CONTROL.sub("", raw))


def clean_reference(raw: str) -> str:
    """Return a coupon code or order number as it is compared: NFKC, upper case, no spaces or dashes at the ends.

    Digits of every script are 0–9, dashes of every kind ``-`` and apostrophes ``'``: programs exchange them as one
    types. Raise ValueError with a sentence if it contains control characters.
    """
    plain = clean_line(unicodedata.normalize("NFKC", clean_line(raw.translate(_TYPED_SIGNS))))
    text = unicodedata.normalize("NFKC", plain.upper())
    plain = "".join("-" if unicodedata.category(char) == "Pd" else char for char in text.translate(_TYPED_SIGNS))
    return clean_line(digits_to_ascii(plain)).strip(" -")


LONGEST_CODE_KEY = 200


def code_key(raw: str) -> str:
    """Return a SKU or barcode as it is compared, as `clean_reference`; no input is an error, and only "" gives ""."""
    text = drop_unstorable(raw)
    return (clean_reference(text) or text)[:LONGEST_CODE_KEY]


def upper_case_forms(raw: str) -> set[str]:
    """Return a payment reference as databases compare it: SQLite has capitals of ASCII letters alone."""
    typed = raw.strip()
    return {typed.upper(), "".join(char.upper() if char.isascii() else char for char in typed)}


def digits_to_ascii(raw: str) -> str:
    """Return the text with every Unicode decimal digit as 0–9."""
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in raw)


_LINK = re.compile(r"[/\\@:<>\[\]]|www\.|\.\w{2,}", re.IGNORECASE)
MAX_GREETING = 40


def greeting_name(name: str) -> str:
    """Return a name for the greeting of a mail; "" if it could be a link or a message instead of a name.

    Anyone can enter a name with another person's e-mail, and the mail is sent in the shop's name.
    """
    is_plain = len(name) <= MAX_GREETING and len(name.split()) <= 4 and not _LINK.search(name)
    return name if is_plain else ""
