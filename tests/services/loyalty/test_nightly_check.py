"""The nightly check: once a day for each shop, by one of several workers, with its result stored."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import all_tenants, use_shop
from shop.db.transaction import transaction
from shop.models import LedgerCheck
from shop.services import clock
from shop.services.loyalty import nightly_check
from shop.services.loyalty.nightly_check import LEASE, ShutdownRequested, find_last_check, run_due_checks
from tests import factories
from tests.factories import ShopAtHand
from tests.support.rows import run_sql
from tests.support.threads import all_at_once

NIGHT = datetime(2026, 7, 11, 23, 30, tzinfo=UTC)
"""Half past two on the 12th in Nairobi."""
GO_ON = threading.Event()


@pytest.fixture
def duka(private_app: Flask) -> Iterator[ShopAtHand]:
    """The first shop of a separate installation, with one account with one entry."""
    with private_app.app_context():
        shop = factories.make_shop()
        factories.make_customer("jane@example.com", points=700)
        yield shop


def checks() -> list[LedgerCheck]:
    with all_tenants(), transaction():
        return list(db.session.scalars(select(LedgerCheck).order_by(LedgerCheck.id)))


def test_a_check_waits_for_the_night_of_the_shops_own_clock(duka: ShopAtHand) -> None:
    with clock.moved_to(NIGHT - timedelta(hours=1)):
        assert run_due_checks(GO_ON) == 0
    with clock.moved_to(NIGHT):
        assert run_due_checks(GO_ON) == 1
    assert [(check.shop_id, check.day.isoformat(), check.accounts, check.entries) for check in checks()] == [
        (duka.id, "2026-07-12", 1, 1)
    ]


def test_a_day_is_checked_once(duka: ShopAtHand) -> None:
    with clock.moved_to(NIGHT):
        assert [run_due_checks(GO_ON), run_due_checks(GO_ON)] == [1, 0]
    with clock.moved_to(NIGHT + timedelta(days=1)):
        assert run_due_checks(GO_ON) == 1


def test_of_many_workers_one_does_the_check(duka: ShopAtHand, private_app: Flask) -> None:
    def watch() -> int:
        with clock.moved_to(NIGHT):
            return run_due_checks(GO_ON)

    assert sorted(all_at_once(private_app, duka.id, [watch] * 8)) == [0] * 7 + [1]
    assert len(checks()) == 1


def test_each_shop_sees_its_own_check(duka: ShopAtHand) -> None:
    with clock.moved_to(NIGHT):
        run_due_checks(GO_ON)
        other = factories.make_shop()
        assert find_last_check() is None
        run_due_checks(GO_ON)
    use_shop(other.id)
    check = find_last_check()
    assert check is not None
    assert (check.accounts, check.faults, check.overdue) == (0, 0, True)  # by now it is long ago


def test_what_is_off_is_kept_with_its_rule(duka: ShopAtHand) -> None:
    run_sql("UPDATE loyalty_accounts SET points_balance = 7000")
    with clock.moved_to(NIGHT):
        run_due_checks(GO_ON)
        check = find_last_check()
    assert check is not None
    assert (check.accounts, check.faults, check.overdue) == (1, 1, False)
    assert check.first[0]["rule"] == "its balance must be 700, the sum of its entries, not 7000"


def test_a_check_whose_worker_died_is_done_by_another(duka: ShopAtHand) -> None:
    with clock.moved_to(NIGHT):
        assert nightly_check._claim(NIGHT.date() + timedelta(days=1))  # and then it stops
        assert run_due_checks(GO_ON) == 0
        assert find_last_check() is None
    with clock.moved_to(NIGHT + LEASE + timedelta(seconds=1)):
        assert run_due_checks(GO_ON) == 1


def test_a_worker_asked_to_stop_leaves_the_check_to_another(duka: ShopAtHand) -> None:
    stop = threading.Event()
    stop.set()
    with clock.moved_to(NIGHT):
        with pytest.raises(ShutdownRequested):
            run_due_checks(stop)
        assert checks() == []
        assert run_due_checks(GO_ON) == 1
