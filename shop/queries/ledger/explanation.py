"""Why an entry's number is what it is: the facts it was worked out from, gathered again for whoever asks."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from shop.db.session import db
from shop.domain.money import parse_money
from shop.domain.points import LoyaltyRules, points_for_money, redemption_cap
from shop.models import AuditEntry, LoyaltyAccount, Order
from shop.queries.ledger.customer import LedgerLine, get_line


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order's amounts in cents, and the rules it was placed under."""

    subtotal_cents: int
    discount_cents: int
    coupon_cents: int
    shipping_cents: int
    tax_cents: int
    refunded_cents: int
    currency: str
    rules: LoyaltyRules
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """An entry with its facts; those that do not belong to its kind are None.

    ``exact`` is the result before rounding and ``dropped`` what the rounding took off it, in points for an earning or a
    share of a refund, in money for a redemption. ``moved_before`` are points of the order given or taken back earlier,
    ``whole`` the points of the order that a return or take-back is about. ``rate_since`` is when the rate was last
    changed before the order, None when it never was. ``cap_cents`` and ``most`` are what could be redeemed at most.
    """

    line: LedgerLine
    order: OrderFacts | None = None
    base_cents: int | None = None
    rate: Decimal | None = None
    rate_since: datetime | None = None
    trigger: str | None = None
    exact: Decimal | None = None
    dropped: Decimal | None = None
    worth_cents: int | None = None
    cap_cents: int | None = None
    most: int | None = None
    whole: int | None = None
    moved_before: int = 0
    refunded_cents: int | None = None
    shortfall: int = 0


def explain_entry(account: LoyaltyAccount | None, seq: int) -> Proof:
    """The facts behind one entry of an account. Raises NotFound."""
    line = get_line(account, seq)
    proof = Proof(line, order=_order(line.order_id))
    if line.kind == "earned":
        return _earned(proof, line.meta)
    if line.kind == "redeemed":
        return _redeemed(proof, line.meta)
    if line.kind in {"returned", "taken"}:
        return _undone(proof, line.meta)
    return proof


def _order(order_id: int | None) -> OrderFacts | None:
    if order_id is None:
        return None
    order = db.session.scalars(select(Order).where(Order.id == order_id)).first()
    if order is None:
        return None
    return OrderFacts(
        order.subtotal_cents,
        order.discount_cents,
        order.coupon_discount_cents,
        order.shipping_cents,
        order.tax_cents,
        order.refunded_cents,
        order.currency,
        LoyaltyRules.from_json(order.loyalty_rules),
        order.created_at,
    )


def _earned(proof: Proof, meta: Any) -> Proof:
    base, rate = parse_money(meta["subtotal"]), Decimal(meta["points_per_currency_unit"])
    exact = Decimal(base) / 100 * rate
    return replace(
        proof,
        base_cents=base,
        rate=rate,
        rate_since=_changed_before("loyalty_points_per_currency_unit", proof),
        trigger=meta.get("trigger"),
        exact=exact,
        dropped=exact - proof.line.points,
    )


def _redeemed(proof: Proof, meta: Any) -> Proof:
    base, rate = parse_money(meta["subtotal"]), Decimal(meta["points_per_currency_discount"])
    coupon, worth = parse_money(meta["coupon_discount"]), parse_money(meta["discount"])
    rules = LoyaltyRules(points_per_currency_discount=rate, max_redeem_percent=Decimal(meta["max_redeem_percent"]))
    cap = redemption_cap(base, coupon, rules)
    exact = Decimal(-proof.line.points) / rate
    return replace(
        proof,
        base_cents=base,
        rate=rate,
        rate_since=_changed_before("loyalty_points_per_currency_discount", proof),
        exact=exact,
        dropped=exact - Decimal(worth) / 100,
        worth_cents=worth,
        cap_cents=cap,
        most=min(points_for_money(cap, rules), proof.line.balance_before),
    )


def _undone(proof: Proof, meta: Any) -> Proof:
    returned = proof.line.kind == "returned"
    whole = meta["points_redeemed"] if returned else meta["points_earned"]
    before = meta["given_back_before"] if returned else meta["taken_back_before"]
    shortfall = meta.get("shortfall", 0)
    proof = replace(proof, whole=whole, moved_before=before, shortfall=shortfall)
    in_all = before + abs(proof.line.points) + shortfall
    if "refunded" not in meta or in_all == whole:
        return proof
    base, refunded = parse_money(meta["subtotal"]), parse_money(meta["refunded"])
    exact = Decimal(whole) * refunded / base
    return replace(proof, base_cents=base, refunded_cents=refunded, exact=exact, dropped=exact - in_all)


def _changed_before(key: str, proof: Proof) -> datetime | None:
    """When a setting was last changed before the order was placed."""
    if proof.order is None:
        return None
    statement = (
        select(AuditEntry.created_at)
        .where(
            AuditEntry.subject == key,
            AuditEntry.action == "setting.changed",
            AuditEntry.created_at <= proof.order.placed_at,
        )
        .order_by(AuditEntry.id.desc())
    )
    return db.session.scalars(statement.limit(1)).first()
