"""The rules of points once more, in plain Python and as simply as can be, to compare the services with."""

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass
class PlainCustomer:
    """What a customer should have: the entries as (reason, points, balance after, shortfall)."""

    balance: int = 0
    lifetime: int = 0
    entries: list[tuple[str, int, int, int]] = field(default_factory=list)

    def move(self, reason: str, points: int, shortfall: int = 0) -> None:
        """One entry."""
        self.balance += points
        if reason in {"order_earned", "earn_reversed"}:
            self.lifetime += points
        self.entries.append((reason, points, self.balance, shortfall))


@dataclass
class PlainShop:
    """The settings, as they are at a moment."""

    trigger: str
    per_unit: Fraction
    per_discount: Fraction
    percent: int
    in_proportion: bool
    enabled: bool = True

    def redeems(self, points: int, subtotal: int, balance: int) -> int | None:
        """The discount in cents, or None when that many points cannot be redeemed."""
        cap = subtotal * self.percent // 100
        most = min(balance, int(Fraction(cap, 100) * self.per_discount))
        discount = int(points / self.per_discount * 100) if points > 0 else 0
        return discount if self.enabled and 1 <= points <= most and discount >= 1 else None


@dataclass
class PlainOrder:
    """What should have become of an order."""

    customer: PlainCustomer
    subtotal: int
    total: int
    trigger: str
    per_unit: Fraction
    in_proportion: bool
    redeemed: int = 0
    status: str = "pending"
    payment: str = "pending"
    earned: int = 0
    given_back: int = 0
    taken_back: int = 0
    refunded: int = 0

    def happens(self, event: str, enabled: bool) -> None:
        """Earn, if the event is the trigger and it was not earned before; what was refunded by then goes at once."""
        points = int(Fraction(self.subtotal, 100) * self.per_unit)
        if enabled and self.status != "cancelled" and self.trigger in {event, "either"} and points and not self.earned:
            self.earned = points
            self.customer.move("order_earned", points)
            if self.refunded or self.payment == "refunded":
                self.undo(whole=self.payment == "refunded")

    def undo(self, *, whole: bool) -> None:
        """Give back and take back: all, or what was refunded so far stands for."""
        part = Fraction(1) if whole else Fraction(self.refunded, self.subtotal) if self.subtotal else Fraction(0)
        part = min(part, Fraction(1))
        give = int(self.redeemed * part) - self.given_back if whole or self.in_proportion else 0
        if give > 0:
            self.given_back += give
            self.customer.move("redeem_reversed", give)
        due = int(self.earned * part) - self.taken_back
        if due > 0:
            self.taken_back += due
            taken = min(due, self.customer.balance)
            self.customer.move("earn_reversed", -taken, due - taken)

    def set_status(self, status: str, enabled: bool) -> None:
        """Move to a status."""
        if status == self.status:
            return
        self.status = status
        if status == "completed":
            self.happens("order_completed", enabled)
        elif status == "cancelled":
            self.undo(whole=True)

    def set_payment(self, payment: str, enabled: bool) -> None:
        """Move to a payment status; the caller knows that it is not refunded."""
        if payment == self.payment:
            return
        self.payment = payment
        if payment == "paid":
            self.happens("payment_paid", enabled)
        elif payment == "failed":
            self.undo(whole=True)
        elif payment == "refunded":
            self.refunded = self.total
            self.undo(whole=True)

    def refund(self, cents: int) -> None:
        """Refund a part of a paid order; the caller knows that so much is left."""
        self.refunded += cents
        whole = self.refunded == self.total
        if whole:
            self.payment = "refunded"
        self.undo(whole=whole)
