"""Days in a shop's time zone, and step charts."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.charts.step_chart import HEIGHT, WIDTH, draw_steps
from shop.domain.dates.days import day_of, end_of, start_of

FIRST = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        (datetime(2025, 12, 31, 20, 59, tzinfo=UTC), "Africa/Nairobi", date(2025, 12, 31)),
        (datetime(2025, 12, 31, 21, 0, tzinfo=UTC), "Africa/Nairobi", date(2026, 1, 1)),
        (datetime(2026, 1, 1, 4, 59, tzinfo=UTC), "America/New_York", date(2025, 12, 31)),
    ],
)
def test_a_moment_falls_on_a_day_of_the_shop(moment, zone, day):
    assert day_of(moment, zone) == day
    assert start_of(day, zone) <= moment < end_of(day, zone)


def test_a_day_may_have_23_hours():
    day = date(2026, 3, 29)
    assert end_of(day, "Europe/Berlin").astimezone(UTC) - start_of(day, "Europe/Berlin").astimezone(UTC) == timedelta(
        hours=23
    )


def test_the_last_day_there_is_has_an_end():
    assert end_of(date.max, "UTC") == start_of(date.max, "UTC")


def test_a_curve_describes_first_last_highest_and_current_balance():
    closes = {FIRST + timedelta(days=2): 500, FIRST + timedelta(days=5): 120}
    curve = draw_steps(closes, FIRST, FIRST + timedelta(days=10), opening=40)
    assert (curve.highest, curve.highest_on, curve.now) == (500, FIRST + timedelta(days=2), 120)
    assert (curve.days[0], curve.days[-1]) == (FIRST, FIRST + timedelta(days=10))
    assert curve.grid[-1][0] == 0
    assert curve.grid[0][0] >= 500


@given(
    st.dictionaries(st.integers(0, 400).map(lambda n: FIRST + timedelta(days=n)), st.integers(0, 10**12)),
    st.integers(0, 400),
    st.integers(0, 10**12),
)
def test_every_curve_stays_in_its_box(closes, days, opening):
    curve = draw_steps(closes, FIRST, FIRST + timedelta(days=days), opening)
    heights = [float(part.split("V")[-1]) for part in curve.line.split("H")[1:] if "V" in part]
    across = [float(part.split("V")[0]) for part in curve.line.split("H")[1:]]
    assert all(0 <= height <= HEIGHT for height in heights)
    assert all(0 <= place <= WIDTH for place in across)
    assert across == sorted(across)
    assert 2 <= len(curve.grid) <= 5
    assert list(curve.days) == sorted(set(curve.days))
