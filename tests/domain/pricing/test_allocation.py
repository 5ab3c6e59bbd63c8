"""Shares always add up, and are never negative or above their weight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.pricing.allocation import allocate

WEIGHTS = st.lists(st.integers(0, 10**11), min_size=1, max_size=20)


@given(WEIGHTS, st.data(), st.sampled_from([1, 100]))
def test_shares_add_up(weights, data, unit):
    weights = [weight * unit for weight in weights]
    cents = data.draw(st.integers(0, sum(weights) // unit)) * unit
    shares = allocate(cents, weights, unit)
    assert sum(shares) == cents
    assert all(0 <= share <= weight and share % unit == 0 for share, weight in zip(shares, weights, strict=True))


@pytest.mark.parametrize(
    ("cents", "weights", "unit", "shares"),
    [
        (100, [1, 1, 1], 1, [34, 33, 33]),
        (1, [100, 100], 1, [1, 0]),
        (10, [0, 5, 5], 1, [0, 5, 5]),
        (10, [3, 7], 1, [3, 7]),
        (1000, [300, 300, 500], 100, [300, 300, 400]),
        (0, [5, 5], 1, [0, 0]),
        (0, [0, 0], 1, [0, 0]),
        (150, [100, 100], 100, [100, 50]),
        (5, [0, 0], 1, [0, 0]),
        (1, [1], 1, [1]),
        (1, [0, 1], 1, [0, 1]),
    ],
)
def test_what_is_left_goes_to_the_largest_remainders(cents, weights, unit, shares):
    assert allocate(cents, weights, unit) == shares


def test_the_unit_is_one_unless_another_is_given():
    assert allocate(2, [1, 1]) == [1, 1]
