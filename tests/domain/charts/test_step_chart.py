"""Step charts of balances."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.charts.step_chart import draw_steps
from shop.domain.dates.days import day_of, end_of, start_of

MARCH = [date(2026, 3, day) for day in range(1, 32)]


def test_each_day_has_its_closing_balance():
    curve = draw_steps({MARCH[0]: 50, MARCH[15]: 200, MARCH[30]: 100}, MARCH[0], MARCH[30], 0)
    assert curve.line == "M0 111.0H340.0V0.0H680.0V74.0H680"
    assert curve.area == f"{curve.line}V148H0Z"
    assert (curve.highest, curve.highest_on, curve.now) == (200, MARCH[15], 100)
    assert [value for value, _ in curve.grid] == [200, 150, 100, 50, 0]


def test_a_day_without_a_close_keeps_the_one_before():
    curve = draw_steps({}, MARCH[0], MARCH[9], 700)
    assert (curve.highest, curve.now) == (700, 700)
    assert curve.line.count("V") == 0


def test_one_day_is_a_level_line():
    curve = draw_steps({MARCH[0]: 10}, MARCH[0], MARCH[0], 0)
    assert curve.days == (MARCH[0],)
    assert curve.line == "M0 0.0H680"


@pytest.mark.parametrize(
    ("last", "labelled"),
    [(1, [0, 1]), (3, [0, 1, 2, 3]), (4, [0, 1, 2, 3, 4]), (10, [0, 2, 5, 7, 10]), (30, [0, 7, 15, 22, 30])],
)
def test_up_to_five_days_are_labelled_evenly(last, labelled):
    curve = draw_steps({}, MARCH[0], MARCH[last], 10)
    assert curve.days == tuple(MARCH[day] for day in labelled)


@pytest.mark.parametrize(
    ("highest", "lines"),
    [
        (0, [1, 0]),
        (1, [1, 0]),
        (5, [6, 4, 2, 0]),
        (5510, [6000, 4000, 2000, 0]),
        (17064, [20000, 15000, 10000, 5000, 0]),
    ],
)
def test_the_lines_stand_at_round_numbers(highest, lines):
    curve = draw_steps({MARCH[0]: highest}, MARCH[0], MARCH[1], 0)
    assert [value for value, _ in curve.grid] == lines


@given(st.dictionaries(st.sampled_from(MARCH), st.integers(0, 2**62)), st.integers(0, 2**62))
def test_nothing_is_drawn_outside_the_box(closes, opening):
    curve = draw_steps(closes, MARCH[0], MARCH[-1], opening)
    numbers = [token for token in curve.line.replace("M", " ").replace("H", " h").replace("V", " v").split() if token]
    heights = [token[1:] for token in numbers if token[0] == "v"]
    assert all(0 <= int(height.partition(".")[0]) <= 148 for height in heights)
    assert 2 <= len(curve.grid) <= 6
    assert curve.grid[0][0] >= curve.highest >= curve.now >= 0


def test_a_day_is_midnight_to_midnight_in_its_zone():
    day = date(2026, 3, 8)
    assert start_of(day, "Africa/Nairobi").isoformat() == "2026-03-08T00:00:00+03:00"
    assert end_of(day, "America/New_York").isoformat() == "2026-03-09T00:00:00-04:00"
    assert day_of(start_of(day, "America/New_York"), "Africa/Nairobi") == day
    assert end_of(date.max, "UTC") == start_of(date.max, "UTC")
