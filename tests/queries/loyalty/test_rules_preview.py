"""The preview of other rules agrees with docs/contract/points.md, order by order; settings change together."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.domain.loyalty.points import LoyaltyRules, discount_for_points, points_earned
from shop.domain.loyalty.rules_backtest import SubtotalGroup, earning_rate, share_in_tenths
from shop.domain.money import MAX_CENTS
from shop.queries.loyalty.rules_preview import compare_rules, list_changes
from shop.services import clock
from shop.services.errors import Conflict, InvalidInput, NotAllowed
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.refunds import refund_order
from shop.services.shops.settings import SettingChange, change_setting, change_settings, get_settings
from tests import factories
from tests.factories import TESTER

ON = LoyaltyRules(enabled=True)
RATE, SMALLEST = "loyalty_points_per_currency_unit", "loyalty_min_order_subtotal_to_earn"
rates = st.decimals(0, 10_000, places=4, allow_nan=False)


def rules(rate="1", **rest):
    return replace(ON, points_per_currency_unit=Decimal(rate), **rest)


@given(st.lists(st.integers(0, MAX_CENTS), max_size=8), rates, st.integers(0, 10**7))
def test_the_parts_add_up_to_what_each_order_earns(subtotals, rate, smallest):
    programme = rules(rate, min_order_subtotal_to_earn_cents=smallest)
    earned = [points_earned(subtotal, programme) for subtotal in subtotals]
    way = earning_rate(programme)
    if way is None:
        assert not any(earned)
        return
    groups = Counter()
    for subtotal in subtotals:
        if subtotal >= way.minimum_cents:
            groups[subtotal % way.period_cents, subtotal >= way.period_cents] += 1
    periods = Counter()
    for subtotal in subtotals:
        if subtotal >= way.minimum_cents:
            periods[subtotal % way.period_cents, subtotal >= way.period_cents] += subtotal // way.period_cents
    found = way.sum_points(SubtotalGroup(*key, orders, periods[key]) for key, orders in groups.items())
    assert found == (sum(1 for points in earned if points), sum(earned))


def test_no_points_are_earned_when_loyalty_is_off_or_the_rate_is_zero():
    assert earning_rate(replace(ON, enabled=False)) is None
    assert earning_rate(rules("0")) is None


@pytest.mark.parametrize(("part", "whole", "tenths"), [(0, 0, 0), (14, 1000, 14), (1, 2000, 1), (1, 2001, 0)])
def test_shares_are_rounded_half_up(part, whole, tenths):
    assert share_in_tenths(part, whole) == tenths


@pytest.mark.parametrize("rate", ["1", "0.0001", "1.5", "3.3333", "10000", "0.29"])
def test_the_last_days_are_worked_out_order_by_order(ctx, rate):
    jane = factories.make_customer()
    subtotals = [29, 19999, 20000, 99999, 123457, MAX_CENTS - 1, MAX_CENTS]
    for subtotal in subtotals:
        factories.make_order(jane, subtotal, payment_status="paid")
    proposed = rules(rate, min_order_subtotal_to_earn_cents=20000, points_per_currency_discount=Decimal(3))
    found = compare_rules(ON, proposed)
    earned = [points_earned(subtotal, proposed) for subtotal in subtotals]
    assert found.proposed.points == sum(earned)
    assert found.proposed.orders == sum(1 for points in earned if points)
    assert found.proposed.cost_cents == discount_for_points(sum(earned), proposed)
    assert found.today.points == sum(points_earned(subtotal, ON) for subtotal in subtotals)


def test_what_would_not_have_earned_is_left_out(ctx):
    jane = factories.make_customer()
    for undo in (
        lambda order: set_order_status(order.id, "cancelled", TESTER),
        lambda order: set_payment_status(order.id, "failed", TESTER),
        lambda order: refund_order(order.id, None, "", TESTER),
    ):
        undo(factories.make_order(jane, 700, payment_status="paid"))
    factories.make_order(jane, 900)
    with clock.moved_to(clock.now() - timedelta(days=91)):
        factories.make_order(jane, 1100, payment_status="paid")
    refund_order(factories.make_order(jane, 1300, payment_status="paid").id, 100, "", TESTER)
    found = compare_rules(ON, ON)
    assert (found.proposed.orders, found.proposed.points) == (1, 13)
    assert found.proposed == found.today


def test_the_trigger_says_which_orders_count(ctx):
    jane = factories.make_customer()
    factories.make_order(jane, 1000, payment_status="paid")
    factories.make_order(jane, 2000, status="completed")
    counted = {
        trigger: compare_rules(replace(ON, enabled=False), replace(ON, award_trigger=trigger))
        for trigger in ("payment_paid", "order_completed", "either")
    }
    assert {trigger: found.proposed.points for trigger, found in counted.items()} == {
        "payment_paid": 10,
        "order_completed": 20,
        "either": 30,
    }
    assert {found.proposed.share for found in counted.values()} == {3, 7, 10}
    assert {found.today.points for found in counted.values()} == {0}


def test_the_samples_follow_the_rules(ctx):
    found = compare_rules(ON, rules("1.5", max_redeem_percent=Decimal(5)))
    assert (found.today.earned, found.today.earned_cents) == (2400, 2400)
    assert (found.today.cart.max_points, found.today.cart.max_discount_cents) == (1480, 1480)
    assert (found.proposed.earned, found.proposed.cart.max_points) == (3600, 790)
    off = compare_rules(ON, replace(ON, enabled=False)).proposed
    assert (off.earned, off.cart.reason) == (0, "loyalty_disabled")


def test_what_customers_hold_is_valued_again_only_when_its_worth_changes(ctx):
    factories.make_customer(points=1480)
    assert compare_rules(ON, rules("2")).outstanding is None
    found = compare_rules(ON, replace(ON, points_per_currency_discount=Decimal(50)))
    assert (found.outstanding, found.outstanding_cents_today, found.outstanding_cents_proposed) == (1480, 1480, 2960)


def test_another_shops_orders_do_not_count(app, ctx):
    mine = ctx.id
    factories.make_shop()
    factories.make_order(factories.make_customer(), 500, payment_status="paid")
    assert compare_rules(ON, ON).today.points == 5
    factories.use_shop(mine)
    assert compare_rules(ON, ON).today.points == 0


def test_sqlite_asks_nothing_but_the_index(ctx, engine_name):
    if engine_name == "sqlite":
        conditions = (
            "shop_id = 1 AND order_date >= '2026-01-01' AND customer_id IS NOT NULL AND status != 'cancelled'"
            " AND payment_status != 'refunded' AND payment_status != 'failed'"
        )
        with all_tenants():
            asked = f"EXPLAIN QUERY PLAN SELECT sum(subtotal_cents) FROM orders WHERE {conditions}"
            plan = db.session.execute(text(asked))
        assert "ix_orders_may_earn" in plan.one().detail


def test_settings_change_together_and_each_is_on_record(ctx):
    made = change_settings({RATE: "1.50", SMALLEST: "200.00", "loyalty_otp_ttl_minutes": "10"}, TESTER)
    assert made == [SettingChange(RATE, "1", "1.5"), SettingChange(SMALLEST, "0", "200")]
    assert get_settings().values[RATE] == "1.5"
    found = list_changes({RATE, SMALLEST}, limit=5).entries
    assert {(entry.key, entry.old, entry.new) for entry in found} == {
        (RATE, "1", "1.5"),
        (SMALLEST, "0", "200"),
    }
    assert change_settings({RATE: "1.5"}, TESTER) == []


def test_one_wrong_value_changes_nothing(ctx):
    with pytest.raises(InvalidInput) as refused:
        change_settings({RATE: "2", SMALLEST: "-1", "loyalty_otp_ttl_minutes": "61"}, TESTER)
    assert {error.field for error in refused.value.errors} == {SMALLEST, "loyalty_otp_ttl_minutes"}
    assert get_settings().values[RATE] == "1"
    with pytest.raises(NotAllowed):
        change_settings({RATE: "2", "no_such_setting": "1"}, TESTER)
    assert get_settings().values[RATE] == "1"


def test_concurrent_changes_are_not_overwritten(ctx):
    change_setting(RATE, "2", TESTER)
    with pytest.raises(Conflict) as refused:
        change_settings({RATE: "3", SMALLEST: "5"}, TESTER, seen={RATE: "1", SMALLEST: "0"})
    assert [error.field for error in refused.value.errors] == [RATE]
    assert (get_settings().values[RATE], get_settings().values[SMALLEST]) == ("2", "0")
    assert change_settings({RATE: "2"}, TESTER, seen={RATE: "1"}) == []
    assert change_settings({RATE: "3"}, TESTER, seen={RATE: "2"}) == [SettingChange(RATE, "2", "3")]


def test_changes_are_listed_newest_first_and_page_by_page(ctx):
    for rate in ("2", "3", "4"):
        change_setting(RATE, rate, TESTER)
    change_setting("currency", "UGX", TESTER)
    first = list_changes({RATE}, limit=2)
    assert [entry.new for entry in first.entries] == ["4", "3"]
    second = list_changes({RATE}, limit=2, before=first.older)
    assert ([entry.new for entry in second.entries], second.older) == (["2"], None)
