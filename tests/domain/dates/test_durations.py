"""ISO 8601 durations: read, and added in a time zone."""

from datetime import UTC, datetime

import pytest

from shop.domain.dates.durations import Duration

NAIROBI, BERLIN = "Africa/Nairobi", "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P13M", Duration(13)),
        ("P1Y2M3DT4H", Duration(14, 3, 4 * 3600)),
        ("P2W", Duration(0, 14)),
        ("PT1M30S", Duration(0, 0, 90)),
        ("PT90M", Duration(0, 0, 5400)),
        ("P0D", Duration()),
    ],
)
def test_durations_are_read(text, expected):
    assert Duration.parse(text) == expected


@pytest.mark.parametrize("text", ["", "P", "PT", "P1", "1M", "P1.5D", "-P1D", "P1M2Y", "p1d", "P1D "])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="must be a duration"):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("start", "duration", "zone", "end"),
    [
        (datetime(2026, 1, 31, 9, tzinfo=UTC), "P1M", NAIROBI, datetime(2026, 2, 28, 9, tzinfo=UTC)),
        (datetime(2026, 11, 29, 18, tzinfo=UTC), "P13M", NAIROBI, datetime(2027, 12, 29, 18, tzinfo=UTC)),
        (datetime(2026, 3, 28, 11, tzinfo=UTC), "P1D", BERLIN, datetime(2026, 3, 29, 10, tzinfo=UTC)),
        (datetime(2026, 3, 28, 11, tzinfo=UTC), "PT24H", BERLIN, datetime(2026, 3, 29, 11, tzinfo=UTC)),
        (datetime(2024, 2, 29, 0, tzinfo=UTC), "P1Y", NAIROBI, datetime(2025, 2, 28, 0, tzinfo=UTC)),
    ],
)
def test_months_and_days_keep_the_time_of_day(start, duration, zone, end):
    assert Duration.parse(duration).after(start, zone) == end


def test_the_end_of_time_is_refused():
    with pytest.raises(ValueError, match="is too long"):
        Duration.parse("P9999Y").after(datetime(2026, 1, 1, tzinfo=UTC), NAIROBI)
