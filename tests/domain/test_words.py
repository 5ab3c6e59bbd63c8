"""Slugs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.text.slugs import slugify


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Maziwa ya Mala 500 ml", "maziwa-ya-mala-500-ml"),
        ("  Crème  brûlée! ", "creme-brulee"),
        ("Maziwa ya Mala lita 5, baridi", "maziwa-ya-mala-lita-5"),
        ("日本", ""),
        ("", ""),
    ],
)
def test_words_become_a_slug(text, slug):
    assert slugify(text, 22) == slug


@given(st.text(), st.integers(1, 20))
def test_a_slug_is_always_fit_for_a_url(text, longest):
    slug = slugify(text, longest)
    assert len(slug) <= longest
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", slug)
