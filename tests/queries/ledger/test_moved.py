"""Sums of points by kind: kinds without a column of their own are not lost."""

from shop.queries.ledger.totals import Moved


def test_every_kind_is_in_a_column() -> None:
    moved = Moved({"earned": 5, "redeemed": -3, "returned": 2, "taken": -1, "adjusted": 4, "merged": -2})
    columns = (moved.earned, moved.redeemed, moved.returned, moved.taken, moved.adjusted)
    assert columns == (5, -3, 2, -1, 2)
    assert sum(columns) == moved.change


def test_sums_are_added_kind_by_kind() -> None:
    assert (Moved({"earned": 5}) + Moved({"earned": 1, "merged": 2})).adjusted == 2
