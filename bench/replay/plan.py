"""The steps of each household: most baskets are recorded and paid, some redeem points, some are cancelled."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.replay.nouns import CannotReplay, ReplayStep, Truth
from bench.replay.sums import ReplayRules

MAX_CART = 200
"""As many lines as the storefront takes."""
UNDONE = ("redeemed and paid", "paid", "redeemed, not paid", "not paid", "paid, its points spent since")


@dataclass(frozen=True, slots=True)
class Redemption:
    """A basket bought at the storefront with points."""

    basket: int
    points: int
    balance_before: int
    before: int | None
    """The basket before it, which earned some of the points."""


def plan(
    households: Mapping[int, Sequence[int]],
    truths: Mapping[int, Truth],
    lines: Mapping[int, int],
    rules: ReplayRules,
    *,
    redeem: int,
    cancel: int,
    chance: random.Random,
) -> dict[int, list[ReplayStep]]:
    """Return the steps of each household, from its baskets in their order.

    ``redeem`` households pay one basket with points; ``cancel`` baskets of other households are undone, in turn in the
    five ways of ``UNDONE``. Raises CannotReplay if there are not enough households.
    """
    shuffled = list(households)
    chance.shuffle(shuffled)
    spenders: dict[int, Redemption] = {}
    for household in shuffled:
        if len(spenders) == redeem:
            break
        found = _redemption(households[household], truths, lines, rules, chance)
        if found is not None:
            spenders[household] = found
    if len(spenders) < redeem:
        raise CannotReplay(f"Only {len(spenders)} of these households could pay with points, not {redeem}.")
    undone = _undone(households, spenders, shuffled, cancel, chance)
    return {
        household: _steps(baskets, spenders.get(household), *undone.get(household, ("", 0)))
        for household, baskets in households.items()
    }


def _redemption(
    baskets: Sequence[int],
    truths: Mapping[int, Truth],
    lines: Mapping[int, int],
    rules: ReplayRules,
    chance: random.Random,
) -> Redemption | None:
    """Choose a random basket that earlier points can pay for; half of these redeem all points."""
    possible, balance = [], 0
    for place, basket in enumerate(baskets):
        subtotal = truths[basket].subtotal_cents
        most = rules.most_points(subtotal, balance)
        if most and lines[basket] <= MAX_CART:
            possible.append((place, most, balance))
        balance += rules.earned(subtotal)
    if not possible:
        return None
    place, most, before = chance.choice(possible)
    points = most if chance.random() < 0.5 else chance.randint(1, most)
    return Redemption(baskets[place], points, before, baskets[place - 1] if place else None)


def _undone(
    households: Mapping[int, Sequence[int]],
    spenders: Mapping[int, Redemption],
    shuffled: Sequence[int],
    count: int,
    chance: random.Random,
) -> dict[int, tuple[str, int]]:
    """Choose whose basket is undone, and how."""
    rich, others = list(spenders), [household for household in shuffled if household not in spenders]
    undone = {}
    for number in range(count):
        way = UNDONE[number % len(UNDONE)]
        from_rich = "redeemed" in way or "spent" in way
        if not (rich if from_rich else others):
            raise CannotReplay(f"There are not enough households to cancel {count} orders: ask for fewer.")
        if "spent" in way:  # of a customer with few points left, so that a reversal falls short
            household = min(rich, key=lambda one: spenders[one].balance_before - spenders[one].points)
            rich.remove(household)
            basket = spenders[household].before
        elif from_rich:
            household = rich.pop()
            basket = spenders[household].basket
        else:
            household = others.pop()
            basket = chance.choice(households[household])
        assert basket is not None  # no one redeems on the first basket: there are no points yet
        undone[household] = way, basket
    return undone


def _steps(baskets: Sequence[int], spends: Redemption | None, way: str, undone: int) -> list[ReplayStep]:
    """Return the steps of one household. A basket is undone after the next one, or at the end."""
    steps: list[ReplayStep] = []
    waiting = False
    for basket in baskets:
        if spends and basket == spends.basket:
            steps.append(ReplayStep("redeem", basket, spends.points, spends.balance_before))
        else:
            steps.append(ReplayStep("record", basket))
        if waiting:
            steps.append(ReplayStep("cancel", undone))
            waiting = False
        if not (basket == undone and "not paid" in way):
            steps.append(ReplayStep("pay", basket))
        waiting = waiting or basket == undone
    if waiting:
        steps.append(ReplayStep("cancel", undone))
    return steps
