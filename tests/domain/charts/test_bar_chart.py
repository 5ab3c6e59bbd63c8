"""Pairs of bars."""

import pytest

from shop.domain.charts.bar_chart import Bar, draw_bars


def test_bars_are_side_by_side_with_gaps():
    bars = draw_bars([(1, 2), (3, 4)])
    assert bars.pairs == (
        (Bar("52.0", "150.0", "104.0", "50.0"), Bar("169.0", "100.0", "104.0", "100.0")),
        (Bar("377.0", "50.0", "104.0", "150.0"), Bar("494.0", "0.0", "104.0", "200.0")),
    )
    assert bars.grid == ((4, "0.0"), (3, "50.0"), (2, "100.0"), (1, "150.0"), (0, "200.0"))


def test_without_any_number_the_top_is_one():
    bars = draw_bars([(0, 0)])
    assert bars.grid == ((1, "0.0"), (0, "200.0"))
    assert bars.pairs == ((Bar("104.0", "200.0", "208.0", "0.0"), Bar("338.0", "200.0", "208.0", "0.0")),)


@pytest.mark.parametrize(
    ("count", "labelled"),
    [(1, (0,)), (2, (0, 1)), (5, (0, 1, 2, 3, 4)), (6, (0, 1, 2, 3, 5)), (12, (0, 2, 5, 8, 11))],
)
def test_up_to_five_pairs_are_labelled(count, labelled):
    assert draw_bars([(1, 1)] * count).labelled == labelled


def test_tenths_are_rounded_down():
    assert draw_bars([(1, 1), (1, 2), (3, 6)]).pairs[0][0] == Bar("34.6", "166.7", "69.3", "33.3")
