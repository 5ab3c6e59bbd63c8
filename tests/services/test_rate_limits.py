"""Rate limits counted in the database: exact sliding windows."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import RateWindow
from shop.services import clock
from shop.services.errors import TooOften
from shop.services.rate_limits import Limit, count_uses, hit, purge_windows
from tests import factories

START = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)


def hit_at(seconds, *limits, bucket="b"):
    with clock.moved_to(START + timedelta(seconds=seconds)), transaction():
        hit(bucket, *limits, message="Slower, please.")


def wait_at(seconds, *limits, bucket="b"):
    with pytest.raises(TooOften, match="Slower") as refused:
        hit_at(seconds, *limits, bucket=bucket)
    return refused.value.retry_after


def test_the_window_slides(ctx):
    three_a_minute = Limit(3, 60)
    for second in (0, 20, 40):
        hit_at(second, three_a_minute)
    assert wait_at(41, three_a_minute) == 19
    hit_at(60, three_a_minute)
    assert wait_at(61, three_a_minute) == 19
    hit_at(80, three_a_minute)


def test_a_refused_use_does_not_count(ctx):
    hit_at(0, Limit(1, 60))
    for second in (10, 30, 59):
        assert wait_at(second, Limit(1, 60)) == 60 - second
    hit_at(60, Limit(1, 60))


def test_all_limits_of_a_bucket_hold(ctx):
    limits = (Limit(1, 60), Limit(3, 3600))
    for minute in (0, 1, 2):
        hit_at(minute * 60, *limits)
    assert wait_at(150, *limits) == 30
    assert wait_at(300, *limits) == 3300
    hit_at(3600, *limits)


def test_buckets_and_shops_are_counted_apart(ctx):
    hit_at(0, Limit(1, 60))
    hit_at(0, Limit(1, 60), bucket="another")
    assert wait_at(1, Limit(1, 60)) == wait_at(1, Limit(1, 60), bucket="another") == 59
    factories.make_shop()
    hit_at(2, Limit(1, 60))
    assert wait_at(3, Limit(1, 60)) == 59


def test_a_use_that_rolls_back_is_not_counted(ctx):
    def use_and_break():
        with transaction():
            hit("b", Limit(1, 60), message="")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        use_and_break()
    with transaction():
        hit("b", Limit(1, 60), message="")


def test_windows_that_hold_nothing_are_purged(ctx):
    hit_at(0, Limit(1, 60))
    hit_at(30, Limit(1, 60), bucket="later")
    with clock.moved_to(START + timedelta(seconds=61)), transaction():
        assert purge_windows() == 1
    assert db.session.scalars(select(RateWindow.bucket)).all() == ["later"]


def test_uses_before_the_clock_was_set_back_do_not_block(ctx):
    hit_at(7200, Limit(1, 60))
    hit_at(0, Limit(1, 60))
    assert wait_at(10, Limit(1, 60)) == 50


def test_uses_counted_by_a_server_whose_clock_is_a_little_ahead_are_kept(ctx):
    hit_at(3, Limit(2, 60))
    hit_at(0, Limit(2, 60))
    assert wait_at(1, Limit(2, 60)) > 0


def test_several_buckets_are_counted_by_one_statement(ctx, statements):
    with clock.moved_to(START), transaction(), statements() as seen:
        assert count_uses({"a": [Limit(1, 60)], "b": [Limit(2, 60)]}) == {}
    assert sum("rate_windows" in statement for statement in seen) == 1
    with clock.moved_to(START + timedelta(seconds=20)), transaction():
        assert count_uses({"a": [Limit(1, 60)], "b": [Limit(2, 60)]}) == {"a": 40}
    assert wait_at(30, Limit(2, 60)) == 30, "b was counted twice, a once"


def test_a_bucket_used_often_for_long_stays_small(ctx):
    for minute in range(40):
        hit_at(minute * 60, Limit(3, 60))
    moments = db.session.scalars(select(RateWindow.moments)).one()
    assert len(moments.split()) <= 6
