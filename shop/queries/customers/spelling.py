"""Suggest names for a search with one mistyped letter: ``wanjku`` → ``wanjiku``."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from sqlalchemy import select

from shop.db.session import db
from shop.domain.text.search import is_one_slip, search_words
from shop.models import Customer
from shop.queries.customers.search import Fragments, find_customer_ids

SHORTEST: Final = 4
"""Letters of a word that is corrected."""
CANDIDATES: Final = 500
"""How many customers with the same beginning, or the same end, are compared."""


def correct_search(typed: str) -> str | None:
    """Return a search with each unknown word replaced by the most frequent word that differs by one slip.

    None if there is no such word, or if no one matches the corrected search either.
    """
    words = search_words(typed)
    corrected = tuple(_correct(word) or word for word in words)
    if corrected == words or not find_customer_ids(Fragments(corrected), 1):
        return None
    return " ".join(corrected)


def _correct(word: str) -> str | None:
    if len(word) < SHORTEST or not word.isalpha() or find_customer_ids(Fragments((word,)), 1):
        return None
    alike = Counter(known for known in _known(word) if is_one_slip(word, known))
    return min(alike, key=lambda known: (-alike[known], known), default=None)


def _known(word: str) -> Iterator[str]:
    """Yield words of customers with the first or the second half of a word: one slip leaves one of them as it is."""
    middle = len(word) // 2
    for fragment in (f" {word[:middle]}", f"{word[middle:]} "):
        ids = find_customer_ids(Fragments((fragment,)), CANDIDATES)
        for text in db.session.scalars(select(Customer.search_text).where(Customer.id.in_(ids))):
            yield from text.split()
