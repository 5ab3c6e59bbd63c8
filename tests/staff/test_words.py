"""Every text of the pages goes through gettext."""

import re
from html.parser import HTMLParser

from shop.config import ROOT

TEMPLATES = sorted(
    path for folder in ("staff", "components", "errors") for path in (ROOT / "templates" / folder).rglob("*.html")
)
SAID = {"aria-label", "title", "placeholder", "alt", "hx-confirm", "data-copied"}
NAMES = {"Tuza", "· Tuza", "· · Tuza", "Ctrl S", "Ctrl K", "API", "N", "J", "K", "Enter", "Esc"}
NAMES |= {"SMS", "· SMS", "Africa’s Talking"}
JINJA = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
ATTRIBUTE = re.compile(r'[a-z:-]+="')  # what a macro writes into a tag


class Bare(HTMLParser):
    """Texts in a template outside of gettext."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_starttag(self, _tag, attributes):
        self.words += [text for name, text in attributes if name in SAID and text]

    def handle_data(self, text):
        self.words.append(text)


def bare_words(path):
    """Return the texts of a template that do not go through gettext."""
    page = Bare()
    page.feed(JINJA.sub(" ", path.read_text()))
    bare = [" ".join(text.split()) for text in page.words if re.search("[A-Za-z]{2}", text)]
    return [text for text in bare if text not in NAMES and not ATTRIBUTE.match(text)]


def test_no_words_stand_in_a_template_as_they_are():
    assert TEMPLATES
    assert {path: words for path in TEMPLATES if (words := bare_words(path))} == {}
