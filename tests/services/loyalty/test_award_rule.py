"""The award rule has the same result in Python and in SQL for every order."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from shop.db.session import db
from shop.domain.loyalty.points import LoyaltyRules
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import Order
from shop.models.orders.order import NO_AWARD_REASONS
from shop.services.loyalty.award_rule import (
    KEEPS_POINTS,
    MAY_MISS_POINTS,
    keeps_points,
    misses_points,
    past_triggers,
    was_triggered,
)
from tests import factories

TRIGGERS = ("payment_paid", "order_completed", "either")
MOMENTS = st.one_of(st.none(), st.just(datetime(2026, 1, 15, 10, tzinfo=UTC)))
CHANGES = st.fixed_dictionaries(
    {
        "has_customer": st.booleans(),
        "status": st.sampled_from(list(OrderStatus)),
        "payment_status": st.sampled_from(list(PaymentStatus)),
        "points_earned": st.sampled_from([0, 5]),
        "no_award_reason": st.one_of(st.none(), st.sampled_from(NO_AWARD_REASONS)),
        "paid_at": MOMENTS,
        "completed_at": MOMENTS,
        "loyalty_rules": st.sampled_from(TRIGGERS).map(lambda word: LoyaltyRules(award_trigger=word).to_json()),
    }
)


@pytest.fixture
def order(ctx):
    customer = factories.make_customer()
    return factories.make_order(customer, 10_000).id, customer.id


def holds(condition, order_id):
    """Whether the database finds the order."""
    return db.session.scalars(select(Order.id).where(condition, Order.id == order_id)).first() is not None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_python_and_sql_agree(order, changes):
    order_id, customer_id = order
    values = dict(changes)
    values["customer_id"] = customer_id if values.pop("has_customer") else None
    db.session.execute(update(Order).where(Order.id == order_id).values(**values))
    db.session.expire_all()
    found = db.session.get_one(Order, order_id)
    trigger = changes["loyalty_rules"]["award_trigger"]
    assert holds(was_triggered(trigger), order_id) == bool(past_triggers(found))
    assert holds(KEEPS_POINTS, order_id) == keeps_points(found)
    if misses_points(found):
        assert holds(MAY_MISS_POINTS, order_id)
    if past_triggers(found):
        assert holds(MAY_MISS_POINTS, order_id) == misses_points(found)
    db.session.rollback()
