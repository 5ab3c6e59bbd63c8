"""Date ranges divided into parts, and bar charts."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.domain.charts.bar_chart import draw_bars
from shop.domain.dates.date_ranges import SPANS, Part, before, first_of_next, month_of, parts_of

DAYS = st.dates(date(2001, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("span", "count", "first", "second"),
    [
        ("30d", 30, Part(date(2026, 6, 13), date(2026, 6, 13)), Part(date(2026, 6, 14), date(2026, 6, 14))),
        ("13w", 13, Part(date(2026, 4, 13), date(2026, 4, 19)), Part(date(2026, 4, 20), date(2026, 4, 26))),
        ("1y", 12, Part(date(2025, 8, 1), date(2025, 8, 31)), Part(date(2025, 9, 1), date(2025, 9, 30))),
    ],
)
def test_a_span_is_cut_into_days_weeks_or_months(span, count, first, second):
    parts = parts_of(span, date(2026, 7, 12))  # a Sunday
    assert len(parts) == count
    assert parts[:2] == [first, second]
    assert parts[-1].last == date(2026, 7, 12)


def test_an_unknown_span_is_a_mistake():
    with pytest.raises(KeyError):
        parts_of("2y", date(2026, 7, 12))


@given(DAYS, st.sampled_from(SPANS))
def test_parts_follow_one_another_without_gap(today, span):
    parts = parts_of(span, today)
    for one, other in pairwise(parts):
        assert one.first <= one.last
        assert other.first == one.last + timedelta(days=1)
    earlier = before(parts)
    assert earlier.last == parts[0].first - timedelta(days=1)
    assert earlier.last - earlier.first == today - parts[0].first


@given(DAYS)
def test_a_month_ends_where_the_next_begins(day):
    month = month_of(day)
    assert month.first.day == 1
    assert month.first <= day <= month.last
    assert month.last + timedelta(days=1) == first_of_next(day)


def test_bars_are_as_high_as_their_numbers():
    bars = draw_bars([(10, 5), (0, 20)])
    assert [value for value, _ in bars.grid] == [20, 15, 10, 5, 0]
    (first, second), (third, fourth) = bars.pairs
    assert (first.height, second.height, third.height, fourth.height) == ("100.0", "50.0", "0.0", "200.0")
    assert (first.y, fourth.y) == ("100.0", "0.0")
    assert bars.labelled == (0, 1)


def test_nothing_at_all_can_be_drawn():
    bars = draw_bars([(0, 0)])
    assert bars.pairs[0][0].height == "0.0"
    assert bars.labelled == (0,)


@given(st.lists(st.tuples(st.integers(0, 10**15), st.integers(0, 10**15)), min_size=1, max_size=60))
def test_bars_stay_in_their_box_and_apart(pairs):
    bars = draw_bars(pairs)
    end = 0.0
    for pair in bars.pairs:
        for bar in pair:
            assert 0 <= float(bar.height) <= 200
            assert float(bar.x) >= end
            end = float(bar.x) + float(bar.width)
    assert end <= 650
    assert bars.labelled[0] == 0
    assert bars.labelled[-1] == len(pairs) - 1
