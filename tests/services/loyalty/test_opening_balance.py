"""Balances from another system: lots, refusals, approval, and taking them back."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import AuditEntry, LoyaltyEntry
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.opening_balance import PointsLot, give_opening_balance, take_opening_balance_back
from shop.services.shops.settings import change_settings
from tests import factories
from tests.factories import TESTER


def give(customer, *lots, key="one", actor=TESTER, **rest):
    with transaction():
        return give_opening_balance(customer.id, lots, actor, key=key, **rest)


def take_back(customer, points, key="one"):
    with transaction():
        take_opening_balance_back(customer.id, points, TESTER, key=key)


def entries():
    return db.session.scalars(select(LoyaltyEntry).order_by(LoyaltyEntry.id)).all()


def test_each_lot_is_an_entry_with_its_days(ctx):
    jane = factories.make_customer()
    assert give(jane, PointsLot(300, date(2025, 3, 1), date(2026, 12, 31)), PointsLot(1))
    first, second = entries()
    assert (first.points, first.idempotency_key, first.kind) == (300, "adjust:import:one", "manual")
    assert first.expires_at == datetime(2026, 12, 31, 21, tzinfo=UTC)
    assert first.meta == {"rule": "adjusted by hand", "earned_on": "2025-03-01"}
    assert (second.points, second.idempotency_key, second.expires_at) == (1, "adjust:import:one:2", None)
    assert second.meta == {"rule": "adjusted by hand"}
    audited = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "points.adjusted")).one()
    assert (audited.subject, audited.new_value) == (f"customer:{jane.id}", "+301")


def test_a_balance_is_given_once(ctx):
    jane = factories.make_customer()
    assert give(jane, PointsLot(300))
    assert not give(jane, PointsLot(200), PointsLot(100), key="two")
    with pytest.raises(Conflict) as refused:
        give(jane, PointsLot(301), key="two")
    assert (refused.value.code, find_balance(jane.id)) == ("balance_not_given", 300)


@pytest.mark.parametrize("lots", [(), (PointsLot(5), PointsLot(-5))])
def test_no_points_are_no_balance(ctx, lots):
    jane = factories.make_customer()
    with pytest.raises(InvalidInput):
        give(jane, *lots)


def test_an_account_with_other_entries_keeps_them(ctx):
    jane = factories.make_customer(points=10)
    adjust_points(jane.id, -10, "by mistake", TESTER)
    with pytest.raises(Conflict, match="already has 0 points"):
        give(jane, PointsLot(300))
    assert find_balance(jane.id) == 0


def test_a_large_balance_needs_a_second_person(ctx):
    factories.make_staff()
    njeri = Actor("staff", factories.make_staff().user_id, "Njeri")
    change_settings({"confirm_points_above": "100", "approval_required": "true"}, TESTER)
    assert give(factories.make_customer(), PointsLot(60), PointsLot(40), actor=njeri)
    jane = factories.make_customer()
    with pytest.raises(Conflict) as refused:
        give(jane, PointsLot(60), PointsLot(41), key="two", actor=njeri)
    assert refused.value.code == "approval_required"
    assert give(jane, PointsLot(60), PointsLot(41), key="two", actor=njeri, approved=True)


@pytest.mark.parametrize("points", [1, 300])
def test_a_balance_is_taken_back_if_nothing_was_added(ctx, points):
    jane = factories.make_customer()
    give(jane, PointsLot(points))
    for other in (points - 1, points + 1):
        with pytest.raises(Conflict) as refused:
            take_back(jane, other)
        assert refused.value.code == "balance_changed"
    take_back(jane, points)
    assert [(one.points, one.idempotency_key) for one in entries()][1:] == [(-points, "adjust:import:undo:one")]
    actions = db.session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"customer:{jane.id}")).all()
    assert actions.count("points.adjusted") == 2
    assert give(jane, PointsLot(50), key="again")
    assert find_balance(jane.id) == 50


def test_nothing_is_taken_back_of_nothing(ctx):
    jane = factories.make_customer()
    give(jane, PointsLot(5))
    take_back(jane, 5)
    take_back(jane, 0, key="two")
    assert len(entries()) == 2
