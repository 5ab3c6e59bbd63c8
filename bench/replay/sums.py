"""A customer's expected sums by the documented rules, without the shop's code. Money is in cents, exact."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from bench.replay.nouns import BasketLine, CannotReplay, ReplayStep, Truth


@dataclass(frozen=True, slots=True)
class ReplayRules:
    """The rates of the tested shop; decimals as in its settings."""

    points_per_currency_unit: str = "1.5"
    points_per_currency_discount: str = "30"
    max_redeem_percent: str = "50"

    def earned(self, subtotal_cents: int) -> int:
        """``floor(subtotal × points_per_currency_unit)``."""
        return int(Fraction(subtotal_cents, 100) * Fraction(self.points_per_currency_unit))

    def most_points(self, subtotal_cents: int, balance: int) -> int:
        """The most points that an order takes: what the cap in whole cents buys, never more than the balance."""
        cap_cents = int(Fraction(subtotal_cents) * Fraction(self.max_redeem_percent) / 100)
        return min(balance, int(Fraction(cap_cents, 100) * Fraction(self.points_per_currency_discount)))

    def worth_cents(self, points: int) -> int:
        """``points ÷ points_per_currency_discount``, rounded down to the cent."""
        return int(Fraction(points) / Fraction(self.points_per_currency_discount) * 100)


@dataclass(slots=True)
class _Order:
    subtotal_cents: int
    total_cents: int
    redeemed: int = 0
    earned: int = 0
    paid: bool = False


@dataclass(slots=True)
class CustomerSums:
    """One customer's sums, updated by each step in order."""

    rules: ReplayRules
    points_balance: int = 0
    lifetime_earned: int = 0
    total_orders: int = 0
    spent_cents: int = 0
    _orders: dict[int, _Order] = field(default_factory=dict)

    def buys(self, order: int, subtotal_cents: int, discount_cents: int = 0) -> None:
        """Count a recorded order; its money counts when it is paid."""
        self._orders[order] = _Order(subtotal_cents, subtotal_cents - discount_cents)
        self.total_orders += 1

    def redeems(self, order: int, subtotal_cents: int, points: int) -> None:
        """Count an order with points, which are redeemed at once. Raises ValueError above the rules' limits."""
        if not 1 <= points <= self.rules.most_points(subtotal_cents, self.points_balance):
            raise ValueError(f"order {order} cannot take {points} points")
        self._orders[order] = _Order(subtotal_cents, subtotal_cents - self.rules.worth_cents(points), redeemed=points)
        self.total_orders += 1
        self.points_balance -= points

    def pays(self, order: int) -> None:
        """Count a paid order; its whole subtotal earns points, whatever the discounts."""
        paid = self._orders[order]
        paid.paid = True
        paid.earned = self.rules.earned(paid.subtotal_cents)
        self.spent_cents += paid.total_cents
        self.points_balance += paid.earned
        self.lifetime_earned += paid.earned

    def cancels(self, order: int) -> None:
        """Undo an order: restore redeemed points, then reverse earned ones, down to a balance of 0."""
        undone = self._orders.pop(order)
        self.total_orders -= 1
        self.spent_cents -= undone.total_cents if undone.paid else 0
        self.points_balance += undone.redeemed
        taken = min(undone.earned, self.points_balance)
        self.points_balance -= taken
        self.lifetime_earned -= taken


def work_out(
    steps: Mapping[int, Iterable[ReplayStep]], truths: Mapping[int, Truth], rules: ReplayRules
) -> dict[int, CustomerSums]:
    """Return the sums after all steps, by household."""
    return {household: _follow(mine, truths, rules) for household, mine in steps.items()}


def _follow(steps: Iterable[ReplayStep], truths: Mapping[int, Truth], rules: ReplayRules) -> CustomerSums:
    customer = CustomerSums(rules)
    for step in steps:
        basket = truths[step.basket]
        if step.what == "record":
            customer.buys(step.basket, basket.subtotal_cents, basket.coupon_cents)
        elif step.what == "redeem":
            customer.redeems(step.basket, basket.subtotal_cents, step.points)
        elif step.what == "pay":
            customer.pays(step.basket)
        else:
            customer.cancels(step.basket)
    return customer


def at_most(lines: list[BasketLine], count: int) -> list[BasketLine]:
    """Return at most ``count`` lines: the last ones are combined, the sum stays."""
    if len(lines) <= count:
        return lines
    rest = lines[count - 1 :]
    return [*lines[: count - 1], BasketLine("", f"{len(rest)} other articles", sum(line.cents for line in rest))]


def cents(amount: float) -> int:
    """Return the exact cents of an amount that the file stores as a binary fraction."""
    exact = Decimal(repr(amount)) * 100
    if exact != int(exact):
        raise CannotReplay(f"{amount!r} is no amount in whole cents.")
    return int(exact)


def earliest(rows: list[tuple[int, int]], households: int, count: int) -> list[int]:
    """Choose from (basket, household) in order: the first of each household, then others until ``count``."""
    if count > len(rows):
        raise CannotReplay(f"These households have {len(rows):,} baskets, not {count:,}: ask for more households.")
    if count < households:
        raise CannotReplay("There must be at least one basket for each household.")
    seen: Counter[int] = Counter()
    room, kept = count - households, []
    for basket, owner in rows:
        seen[owner] += 1
        if seen[owner] == 1:
            kept.append(basket)
        elif room:
            room -= 1
            kept.append(basket)
    return kept
