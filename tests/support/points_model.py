"""The rules of points once more, written from their page alone and the long way round, to compare the services with.

Nothing is added up here as it happens: an order keeps what happened to it, and :meth:`Order.targets` works out from
that history what must have been given, taken and returned by now. Only a customer's balance runs along, because what
can be taken back depends on it.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor


@dataclass(frozen=True)
class ModelRules:
    """A shop's rules at one moment; money is in cents."""

    trigger: str = "payment_paid"
    per_unit: Fraction = Fraction(1)
    minimum: int = 0
    per_discount: Fraction = Fraction(100)
    percent: int = 50
    in_proportion: bool = False
    unit: int = 100
    """Minor units in an amount of 1: 1000 in a currency of three decimals."""


@dataclass
class ModelCustomer:
    """What a customer should have: the entries as (reason, points, balance after, shortfall)."""

    balance: int = 0
    lifetime: int = 0
    missing: int = 0
    """Points that could not be taken back and that nothing has settled since."""
    entries: list[tuple[str, int, int, int]] = field(default_factory=list)

    def write(self, reason: str, points: int, shortfall: int = 0) -> None:
        """One entry."""
        self.balance += points
        if reason == "manual" and points < 0:
            shortfall = -min(self.missing, -points)
        self.missing += shortfall
        self.lifetime += points if reason in {"order_earned", "earn_reversed"} else 0
        self.entries.append((reason, points, self.balance, shortfall))


def discount_of(points: int, subtotal: int, balance: int, rules: ModelRules) -> int | None:
    """The discount in cents of redeeming points on a cart without coupon; None when the rules do not allow it."""
    cap = floor(Fraction(subtotal * rules.percent, 100))
    allowed = min(balance, floor(Fraction(cap, rules.unit) * rules.per_discount))
    discount = floor(points / rules.per_discount * rules.unit)
    return discount if 1 <= points <= allowed and discount >= 1 else None


@dataclass
class ModelOrder:
    """An order: its amounts, the rules it was placed under, and what has happened to it so far."""

    customer: ModelCustomer
    rules: ModelRules
    lines: list[tuple[int, int]]
    """(price, pieces) of each line."""
    discount: int = 0
    shipping: int = 0
    redeemed: int = 0
    status: str = "pending"
    payment: str = "pending"
    was_paid: bool = False
    events: list[str] = field(default_factory=list)
    """What would give points or undo all of them, in order of time: ``earn``, ``undo``, ``resume``."""
    amounts: list[int] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    """Pieces that came back, for each line."""
    paid_for_goods: list[int] = field(default_factory=list)
    """Cents given back for goods, refund by refund."""

    def __post_init__(self) -> None:
        self.back = self.back or [0] * len(self.lines)

    @property
    def subtotal(self) -> int:
        """S."""
        return sum(price * pieces for price, pieces in self.lines)

    @property
    def total(self) -> int:
        """What the customer pays."""
        return self.subtotal + self.shipping - self.discount

    @property
    def refunded(self) -> int:
        """Cents given back so far."""
        return sum(self.amounts) + sum(self.paid_for_goods)

    @property
    def goods_back(self) -> int:
        """Return the price in cents at which returned pieces were sold."""
        return sum(price * count for (price, _), count in zip(self.lines, self.back, strict=True))

    @property
    def earns(self) -> int:
        """Points for the whole order."""
        return (
            floor(Fraction(self.subtotal, self.rules.unit) * self.rules.per_unit)
            if self.subtotal >= self.rules.minimum
            else 0
        )

    def targets(self) -> tuple[int, int, int]:
        """Return the points earned so far, those to be reversed, and the redeemed points to be restored."""
        given = self.earns if "earn" in self.events else 0
        share = min(Fraction(1), Fraction(sum(self.amounts) + self.goods_back, self.subtotal or 1))
        gone = floor(given * share)
        back = floor(self.redeemed * share) if self.rules.in_proportion else 0
        if self.payment == "refunded":
            return given, given, self.redeemed
        if "undo" in self.events:
            if [event for event in self.events if event != "earn"][-1] == "undo":
                back = self.redeemed
            if "undo" in self.events[self._earned_at() :]:  # what came after it was revived, it keeps
                gone = given
        return given, gone, back

    def _earned_at(self) -> int:
        return self.events.index("earn") if "earn" in self.events else 0

    def settle(self, before: tuple[int, int, int]) -> None:
        """Add the entries for the difference between the targets before and after an event."""
        given, gone, back = (now - was for now, was in zip(self.targets(), before, strict=True))
        if back < 0:
            self.customer.write("order_redeemed", back)
        if given:
            self.customer.write("order_earned", given)
        if back > 0:
            self.customer.write("redeem_reversed", back)
            settled = min(back, self.customer.missing)
            if settled:
                self.customer.write("earn_reversed", -settled, -settled)
        if gone > 0:
            taken = min(gone, self.customer.balance)
            self.customer.write("earn_reversed", -taken, gone - taken)

    def move(self, status: str, *, enabled: bool) -> None:
        """Set the status."""
        if status == self.status:
            return
        before, self.status = self.targets(), status
        if status == "completed":
            self._may_earn("order_completed", enabled=enabled)
        elif status == "cancelled":
            self.events.append("undo")
        self.settle(before)

    def may_pay(self, payment: str) -> bool:
        """Whether the payment may be set: not of a refunded order, and what failed is paid with points there are."""
        if payment == self.payment:
            return True
        if self.payment == "refunded" or (payment == "refunded" and not self.was_paid):
            return False
        return payment == "refunded" or self.resumed() <= self.customer.balance

    def resumed(self) -> int:
        """Return the points redeemed again when a failed payment is resumed."""
        if self.payment != "failed" or self.status == "cancelled":
            return 0
        returned = self.targets()[2]
        self.events.append("resume")
        kept = self.targets()[2]
        self.events.pop()
        return returned - kept

    def pay(self, payment: str, *, enabled: bool) -> None:
        """Set the payment."""
        if payment == self.payment:
            return
        before = self.targets()
        if self.payment == "failed" and self.status != "cancelled" and payment != "refunded":
            self.events.append("resume")
        self.payment = payment
        self.was_paid = self.was_paid or payment == "paid"
        if payment == "paid":
            self._may_earn("payment_paid", enabled=enabled)
        elif payment == "failed":
            self.events.append("undo")
        elif payment == "refunded":
            self.amounts.append(self.total - self.refunded)
        self.settle(before)

    def _may_earn(self, event: str, *, enabled: bool) -> None:
        if enabled and self.status != "cancelled" and self.rules.trigger in {event, "either"} and self.earns:
            self.events.append("earn")

    def refund(self, cents: int) -> bool:
        """Give an amount back; whether that may be."""
        if self.payment != "paid" or not 0 < cents <= self.total - self.refunded:
            return False
        before = self.targets()
        self.amounts.append(cents)
        return self._refunded(before)

    def refund_pieces(self, line: int, pieces: int) -> bool:
        """Refund pieces of a line; return whether that is allowed."""
        price, bought = self.lines[line]
        if self.payment != "paid" or self.back[line] + pieces > bought:
            return False
        net = max(0, self.subtotal - self.discount)
        share = lambda goods: floor(Fraction(goods * net, self.subtotal or 1))  # noqa: E731
        due = share(self.goods_back + price * pieces) - share(self.goods_back)
        due = min(due, self.total - self.refunded)
        if due == 0:
            return False
        before = self.targets()
        self.back[line] += pieces
        self.paid_for_goods.append(due)
        return self._refunded(before)

    def _refunded(self, before: tuple[int, int, int]) -> bool:
        if self.refunded == self.total:
            self.payment = "refunded"
        self.settle(before)
        return True
