"""When a sale price applies."""

from datetime import UTC, datetime, timedelta

import pytest

from shop.domain.catalogue.prices import price_in_force

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("sale", "starts", "ends", "expected"),
    [
        (None, None, None, 1000),
        (0, None, None, 1000),
        (1, None, None, 1),
        (900, None, None, 900),
        (1000, None, None, 1000),
        (1100, None, None, 1000),
        (900, NOW, None, 900),
        (900, NOW + HOUR, None, 1000),
        (900, None, NOW, 1000),
        (900, None, NOW + HOUR, 900),
        (900, NOW - HOUR, NOW + HOUR, 900),
        (900, NOW - 2 * HOUR, NOW - HOUR, 1000),
    ],
)
def test_a_sale_price_applies_within_its_dates(sale, starts, ends, expected):
    assert price_in_force(1000, sale, starts, ends, NOW) == expected
