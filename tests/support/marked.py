"""A catalogue that puts every text in brackets, and what of a page is in none: text that was not translated."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

from babel import Locale

from scripts import translations

OPEN, CLOSE = "⟦", "⟧"
SHOWN_ATTRIBUTES = {"alt", "aria-label", "placeholder", "title", "data-busy", "data-lost", "data-broken", "data-copied"}
NOT_SHOWN = {"script", "style", "svg", "template", "time"}
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr", "path"}
SWAHILI = Locale("sw")
DATES = {
    word
    for names in (SWAHILI.months, SWAHILI.days)
    for width in names["format"].values()
    for word in width.values()
    if len(word) > 2
}
"""Names of months and days, which come with Babel."""
WORD = re.compile(r"[^\W\d_]{3,}")


def make_catalogue(folder: Path) -> Path:
    """Write a Swahili catalogue that has each English text in brackets; return its folder."""
    catalog = translations.read(next(translations.paths()))
    for message in catalog:
        if message.id:
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            marked = tuple(f"{OPEN}{text}{CLOSE}" for text in ids)
            message.string = marked if isinstance(message.id, tuple) else marked[0]
    target = folder / "sw" / "LC_MESSAGES" / "messages.mo"
    target.parent.mkdir(parents=True)
    target.write_bytes(translations.mo_bytes(catalog))
    return folder


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hidden: list[str] = []
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        shown = [value or "" for name, value in attrs if name in SHOWN_ATTRIBUTES]
        if not self.hidden:
            self.parts += [f"\n{value}\n" for value in shown]
        if tag in NOT_SHOWN and tag not in VOID:
            self.hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.hidden and tag == self.hidden[-1]:
            self.hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def unmarked(text: str, data: Iterable[str] = ()) -> list[str]:
    """Return the words of three letters or more that are in no brackets, without those of ``data``."""
    depth, rest = 0, ""
    for letter in text:
        depth += (letter == OPEN) - (letter == CLOSE)
        rest += " " if depth > 0 or letter == CLOSE else letter
    for known in sorted(data, key=len, reverse=True):
        rest = rest.replace(known, " ")
    return [word for word in WORD.findall(rest) if word not in DATES]


def unmarked_in_page(html: str, data: Iterable[str] = ()) -> list[str]:
    """Return the words that a page shows untranslated, those in labels for screen readers included."""
    reader = _Texts()
    reader.feed(html)
    return unmarked("".join(reader.parts), data)
