"""A name with one letter wrong leads to the customer."""

import pytest

from shop.queries.customers.spelling import correct_search
from shop.queries.till.members import find_members
from tests import factories


@pytest.fixture
def people(ctx):
    for first, last in (("Wanjiku", "Kamau"), ("Wanjiku", "Odhiambo"), ("Wanjira", "Otieno"), ("Amina", "Ali")):
        factories.make_customer(first_name=first, last_name=last)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wanjku", "wanjiku"),
        ("Wanjikuu", "wanjiku"),
        ("wamjiku", "wanjiku"),
        ("WNAJIKU", "wanjiku"),
        ("wanjku kamau", "wanjiku kamau"),
        ("wanjku kamua", "wanjiku kamau"),
        ("ammina", "amina"),
        ("odiambo", "odhiambo"),
    ],
)
def test_one_slip_is_corrected(people, typed, meant):
    assert correct_search(typed) == meant


@pytest.mark.parametrize("typed", ["wanjiku", "zzzzzz", "wnjku", "ali", "aly", "0712345678", "wanjku zzzzzz", "' %_"])
def test_nothing_else_is(people, typed):
    assert correct_search(typed) is None


def test_the_till_finds_them_at_once(people):
    assert [one.full_name for one in find_members("wanjku").members] == ["Wanjiku Kamau", "Wanjiku Odhiambo"]
    assert find_members("zzzzzz").members == []
