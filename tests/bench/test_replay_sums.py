"""The replay's own calculations, with which it checks the shop's."""

import random
from decimal import Decimal

import pytest

from bench.replay.compare import differences, expected_sums
from bench.replay.nouns import BasketLine, CannotReplay, Truth
from bench.replay.plan import UNDONE, plan
from bench.replay.sums import CustomerSums, ReplayRules, at_most, cents, earliest, work_out

RULES = ReplayRules()


@pytest.mark.parametrize(
    ("subtotal_cents", "per_unit", "points"),
    [(240000, "1", 2400), (99999, "1", 999), (99999, "0.1", 99), (29, "100", 29), (99, "1", 0), (0, "1.5", 0)],
)
def test_an_order_earns_the_whole_points_of_its_subtotal(subtotal_cents: int, per_unit: str, points: int) -> None:
    assert ReplayRules(points_per_currency_unit=per_unit).earned(subtotal_cents) == points


@pytest.mark.parametrize(
    ("subtotal_cents", "balance", "per_discount", "percent", "points", "worth_cents"),
    [
        (15800, 1480, "100", "50", 1480, 1480),
        (1600, 1480, "100", "50", 800, 800),
        (1001, 99999, "3", "50", 15, 500),
        (100, 5, "3", "100", 3, 100),
        (100, 1, "3", "100", 1, 33),
    ],
)
def test_an_order_takes_what_the_cap_buys(
    subtotal_cents: int, balance: int, per_discount: str, percent: str, points: int, worth_cents: int
) -> None:
    rules = ReplayRules(points_per_currency_discount=per_discount, max_redeem_percent=percent)
    assert (rules.most_points(subtotal_cents, balance), rules.worth_cents(points)) == (points, worth_cents)


def test_money_counts_once_paid_and_points_come_from_the_subtotal() -> None:
    customer = CustomerSums(RULES)
    customer.buys(1, 1001, discount_cents=101)
    assert _sums(customer) == (0, 0, 1, 0)
    customer.pays(1)
    assert _sums(customer) == (15, 15, 1, 900)


def test_cancelling_gives_redeemed_points_back_and_takes_earned_ones_away() -> None:
    customer = _with_15_points()
    customer.redeems(2, 2000, 10)
    customer.pays(2)
    assert _sums(customer) == (35, 45, 2, 1000 + 2000 - 33)
    customer.cancels(2)
    assert _sums(customer) == (15, 15, 1, 1000)


def test_earned_points_are_taken_back_as_far_as_the_balance_reaches() -> None:
    customer = _with_15_points()
    customer.redeems(2, 2000, 10)
    customer.cancels(1)
    assert _sums(customer) == (0, 10, 1, 0)


def test_more_points_than_the_rules_allow_are_a_mistake_in_the_plan() -> None:
    with pytest.raises(ValueError, match="cannot take 16 points"):
        _with_15_points().redeems(2, 2000, 16)


def test_amounts_are_read_as_the_decimals_they_stand_for() -> None:
    assert [cents(amount) for amount in (0.0, 0.29, 2.78, 840.0, 0.1)] == [0, 29, 278, 84000, 10]
    with pytest.raises(CannotReplay, match="whole cents"):
        cents(1.005)


def test_a_long_basket_keeps_its_sum() -> None:
    lines = [BasketLine(str(number), "Milk", number) for number in range(7)]
    assert at_most(lines, 7) == lines
    assert [line.cents for line in at_most(lines, 3)] == [0, 1, 20]


def test_the_earliest_baskets_are_taken_and_one_of_each_household() -> None:
    rows = [(1, 900), (2, 900), (3, 901), (4, 901), (5, 902)]
    assert earliest(rows, households=3, count=4) == [1, 2, 3, 5]
    with pytest.raises(CannotReplay, match="5 baskets, not 6"):
        earliest(rows, households=3, count=6)


def test_a_plan_undoes_orders_in_every_way_and_its_sums_can_be_worked_out() -> None:
    households = {owner: list(range(owner * 100, owner * 100 + 6)) for owner in range(1, 31)}
    truths = {basket: Truth(basket // 100, 1000 + basket % 7, 5) for mine in households.values() for basket in mine}
    chance = random.Random(1)
    steps = plan(households, truths, dict.fromkeys(truths, 3), RULES, redeem=15, cancel=10, chance=chance)
    every = [step for mine in steps.values() for step in mine]
    undone = {step.basket for step in every if step.what == "cancel"}
    redeemed = {step.basket for step in every if step.what == "redeem"}
    paid = {step.basket for step in every if step.what == "pay"}
    assert (len(redeemed), len(undone), len(undone & redeemed), len(undone - paid)) == (15, 10, 4, 4)
    assert {step.basket for step in every if step.what in {"record", "redeem"}} == set(truths)
    customers = work_out(steps, truths, RULES)
    assert sum(customer.total_orders for customer in customers.values()) == 180 - 10
    assert all(customer.points_balance >= 0 for customer in customers.values())


def test_a_plan_that_cannot_be_is_refused() -> None:
    truths = {1: Truth(1, 1000, 0)}
    with pytest.raises(CannotReplay, match="Only 0 of these households"):
        plan({1: [1]}, truths, {1: 1}, RULES, redeem=1, cancel=0, chance=random.Random(1))
    with pytest.raises(CannotReplay, match="not enough households"):
        plan({1: [1]}, truths, {1: 1}, RULES, redeem=0, cancel=len(UNDONE), chance=random.Random(1))


def test_every_sum_that_is_off_is_a_difference() -> None:
    expected = expected_sums({900: _with_15_points(), 901: CustomerSums(RULES)})
    found = {email: dict(sums) for email, sums in expected.items()}
    assert differences(expected, found) == []
    found["household-900@example.com"] |= {"points_balance": 16, "total_spent": Decimal("10.01")}
    del found["household-901@example.com"]
    found["stranger@example.com"] = {}
    assert [str(difference).split(" must")[0] for difference in differences(expected, found)] == [
        "household-900@example.com: points_balance",
        "household-900@example.com: total_spent",
        "household-901@example.com: the customer",
        "stranger@example.com: the customer",
    ]


def _with_15_points() -> CustomerSums:
    customer = CustomerSums(RULES)
    customer.buys(1, 1000)
    customer.pays(1)
    return customer


def _sums(customer: CustomerSums) -> tuple[int, int, int, int]:
    return customer.points_balance, customer.lifetime_earned, customer.total_orders, customer.spent_cents
