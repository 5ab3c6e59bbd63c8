"""Changes of many prices or stocks: how a number changes, and what that is for a product."""

import pytest

from shop.domain.catalogue.bulk import MAX_PERCENT, ROUNDINGS, ChangeWay, NumberChange, ProductBulkKind
from shop.domain.customers.bulk import BulkOutcome

PRICE, STOCK = ProductBulkKind


@pytest.mark.parametrize(
    ("way", "amount", "round_to", "before", "after"),
    [
        (ChangeWay.SET, 9900, 1, 12345, 9900),
        (ChangeWay.RAISE, 500, 1, 12345, 12845),
        (ChangeWay.LOWER, 500, 100, 12345, 11800),
        (ChangeWay.RAISE_PERCENT, 1000, 1, 12345, 13580),  # 13,579.5
        (ChangeWay.RAISE_PERCENT, 1000, 500, 12345, 13500),
        (ChangeWay.RAISE_PERCENT, 1000, 1000, 12500, 14000),  # 13,750 is nearer to 14,000
        (ChangeWay.LOWER_PERCENT, 3333, 1, 10000, 6667),
        (ChangeWay.LOWER_PERCENT, 10000, 1, 12345, 0),
        (ChangeWay.LOWER, 13000, 1, 12345, -655),
    ],
)
def test_how_a_price_changes(way, amount, round_to, before, after):
    assert NumberChange(PRICE, way, amount, round_to).after(before) == after


@pytest.mark.parametrize(
    ("way", "amount", "values", "outcome"),
    [
        (ChangeWay.RAISE, 5, [3, 4], BulkOutcome.CHANGED),
        (ChangeWay.RAISE, 5, [None], BulkOutcome.SKIPPED),
        (ChangeWay.RAISE, 5, [None, 1], BulkOutcome.CHANGED),
        (ChangeWay.SET, 5, [None], BulkOutcome.CHANGED),
        (ChangeWay.SET, 5, [5, 5], BulkOutcome.SKIPPED),
        (ChangeWay.LOWER, 4, [9, 3], BulkOutcome.REFUSED),
        (ChangeWay.LOWER, 3, [3], BulkOutcome.CHANGED),
        (ChangeWay.LOWER, 4, [3], BulkOutcome.REFUSED),
        (ChangeWay.SET, 1_000_000_000, [1], BulkOutcome.CHANGED),
        (ChangeWay.RAISE, 1_000_000_000, [1], BulkOutcome.REFUSED),
    ],
)
def test_what_a_change_is_for_a_product(way, amount, values, outcome):
    assert NumberChange(STOCK, way, amount).outcome(values) == outcome


def test_a_stored_change_is_read_again():
    change = NumberChange(PRICE, ChangeWay.RAISE_PERCENT, 1250, 100)
    assert NumberChange.from_json("price", change.to_json()) == change


def test_prices_are_rounded_to_cents_or_shillings_and_change_by_at_most_ten_times():
    assert ROUNDINGS == (1, 100, 500, 1000)
    assert NumberChange(PRICE, ChangeWay.RAISE_PERCENT, MAX_PERCENT).after(10_000_000) == 110_000_000
