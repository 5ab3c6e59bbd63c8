"""The catalogues: complete, current, with the same placeholders; and texts that are not marked for translation."""

import gettext
import re

import pytest
from babel.messages.catalog import Catalog

from scripts import translations
from shop.config import TRANSLATIONS
from shop.domain.text.languages import ENGLISH, LANGUAGES

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}|</?\w+>")
FIELDS = "Please fix %(num)s fields."
"""Its singular has no number in English either."""
PATHS = list(translations.paths())


@pytest.fixture(params=PATHS, ids=[path.parts[-3] for path in PATHS])
def path(request):
    return request.param


def _pairs(catalog):
    """Each text with its translation; of plural forms the last with each."""
    for message in catalog:
        if not message.id:
            continue
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        text = message.id[-1] if isinstance(message.id, tuple) else message.id
        yield from ((text, string) for string in strings)


def test_every_language_but_english_has_a_catalogue():
    assert {path.parts[-3] for path in PATHS} == set(LANGUAGES) - {ENGLISH}


def test_every_text_is_translated_and_the_files_are_current():
    assert list(translations.problems()) == []


def test_nothing_is_fuzzy(path):
    assert [message.id for message in translations.read(path) if message.id and message.fuzzy] == []


def test_placeholders_are_those_of_the_text(path):
    wrong = [
        (text, string)
        for text, string in _pairs(translations.read(path))
        if set(PLACEHOLDER.findall(string)) != set(PLACEHOLDER.findall(text)) and text != FIELDS
    ]
    assert wrong == []


def test_a_sentence_stays_a_sentence(path):
    ends = re.compile(r"([.!?:…])\W*$")
    wrong = [
        (text, string)
        for text, string in _pairs(translations.read(path))
        if (found := ends.search(text)) and found[1] not in string[-4:]
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("number", "text"), [(1, "Mteja %(grouped)s"), (0, "Wateja %(grouped)s"), (5, "Wateja %(grouped)s")]
)
def test_swahili_has_two_forms(number, text):
    swahili = gettext.translation("messages", TRANSLATIONS, ["sw"])
    assert swahili.ngettext("%(grouped)s customer", "%(grouped)s customers", number) == text


def test_a_second_word_for_a_term_is_refused():
    catalog = Catalog()
    catalog.add("order", "agizo")
    catalog.add("order in a cart", "oda kwenye kikapu")
    assert [line.split(",")[0] for line in translations._rejected(catalog, "sw")] == ["sw: another word for “agizo”"]
